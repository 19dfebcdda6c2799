// What the page's address says, and the configuration of the phone that it shows.

import type { Config } from "@rehome/sip";

export type Site = 1 | 2;

export interface PageSettings {
  readonly user: string;
  readonly site: Site;
  /** Where the lab is controlled, without a final slash. */
  readonly lab: string;
}

/** Any user has it. */
export const PASSWORD = "secret";

/** Where the lab listens unless it is told otherwise. */
const USUAL_LAB = "http://127.0.0.1:5380";

/** Times are shortened so that a visitor sees all of it within a minute; the rules and N = 3 are as everywhere. */
export const CONFIG: Config = {
  srvRecord: "_sip._ws.example.test",
  lookup: { addresses: "core", hostSetsTlsName: false, transports: ["wss", "ws"], timeoutMs: 2000 },
  rollover: { attemptTimeoutMs: 2000, retryIntervalMs: 1000, roundWaitMaxMs: 8000, recoverySpreadMs: 300 },
  refresh: { expires: 24 },
};

export const TIMES_NOTE =
  "Times are shortened: a binding lasts 24 s, an attempt has 2 s, tries at one server are 1 s apart, a failed round waits 8 s at most. The usual values are an hour, 10 s, 5 s and 5 minutes.";

export function readSettings(location: Location): PageSettings {
  const query = new URLSearchParams(location.search);
  const served = location.pathname.startsWith("/page/") ? location.origin : USUAL_LAB;
  const user = query.get("user") ?? "";
  return {
    user: /^[a-zA-Z0-9._-]{1,40}$/.test(user) ? user : "alice",
    site: query.get("site") === "2" ? 2 : 1,
    lab: (query.get("lab") ?? served).replace(/\/+$/, ""),
  };
}

/** The page's address at another site. */
export function addressOfSite(location: Location, site: Site): string {
  const url = new URL(location.href);
  url.searchParams.set("site", String(site));
  return url.href;
}

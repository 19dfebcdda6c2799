// What the page's address says, and the configuration of the phone that it shows.

import type { Config } from "@rehome/sip";
import { spanWords } from "../session/units.js";

export type Site = 1 | 2;

export interface PageSettings {
  readonly user: string;
  readonly site: Site;
  /** Where the lab is controlled, without a final slash. */
  readonly lab: string;
  /** How many inputs the session keeps. */
  readonly keepInputs: number;
}

/** The page's short times make many inputs: this is some hours of them. */
const KEEP_INPUTS = 5000;

/** Any user has it. */
export const PASSWORD = "secret";

/** Where the lab listens unless it is told otherwise. */
const USUAL_LAB = "http://127.0.0.1:5380";

/** Times are shortened so that a visitor sees all of it within a minute; the rules and N = 3 are as everywhere. */
export const CONFIG = {
  srvRecord: "_sip._ws.example.test",
  lookup: { addresses: "core", hostSetsTlsName: false, transports: ["wss", "ws"], timeoutMs: 2000 },
  rollover: { attemptTimeoutMs: 2000, retryIntervalMs: 1000, roundWaitMaxMs: 8000, recoverySpreadMs: 300 },
  refresh: { expires: 24 },
} satisfies Config;

/** The policy's own values. */
export const USUAL = {
  rollover: { attemptTimeoutMs: 10_000, retryIntervalMs: 5000, roundWaitMaxMs: 300_000 },
  refresh: { expires: 3600 },
} satisfies Config;

const inWords = ({ rollover, refresh }: typeof USUAL) => ({
  binding: spanWords(refresh.expires * 1000),
  attempt: spanWords(rollover.attemptTimeoutMs),
  retry: spanWords(rollover.retryIntervalMs),
  round: spanWords(rollover.roundWaitMaxMs),
});
const short = inWords(CONFIG);
const usual = inWords(USUAL);

export const TIMES_NOTE = `Times are shortened: a binding lasts ${short.binding}, an attempt has ${short.attempt}, tries at one server are ${short.retry} apart, a failed round waits ${short.round} at most. The usual values are ${usual.binding}, ${usual.attempt}, ${usual.retry} and ${usual.round}.`;

export function readSettings(location: Location): PageSettings {
  const query = new URLSearchParams(location.search);
  const served = location.pathname.startsWith("/page/") ? location.origin : USUAL_LAB;
  const user = query.get("user") ?? "";
  return {
    user: /^[a-zA-Z0-9._-]{1,40}$/.test(user) ? user : "alice",
    site: query.get("site") === "2" ? 2 : 1,
    lab: (query.get("lab") ?? served).replace(/\/+$/, ""),
    keepInputs: Number(/^[1-9]\d{1,3}$/.exec(query.get("keep") ?? "")?.[0] ?? KEEP_INPUTS),
  };
}

/** The page's address at another site. */
export function addressOfSite(location: Location, site: Site): string {
  const url = new URL(location.href);
  url.searchParams.set("site", String(site));
  return url.href;
}

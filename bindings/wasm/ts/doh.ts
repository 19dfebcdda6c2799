// Resolvers: DNS over HTTPS (RFC 8484), and records that somebody hands over.

import * as check from "./check.js";
import { decodeAnswer, encodeQuestion } from "./dns.js";
import type { Resolver } from "./driver/types.js";
import { invalid } from "./errors.js";
import type { Answer, LookupFailure, LookupKind, SrvRecord } from "./types.js";

/** How to ask. */
export interface DohOptions {
  /** URLs, asked in this order: `https://dns.example/dns-query`, or `/dns-query` for one on the page's own origin. */
  servers: readonly string[];
  /** How long each has, 1 ms to 60 s; default: 2 s, at most the lookup's time shared out evenly. */
  timeoutMs?: number | undefined;
  /** `wire` (default): RFC 8484. `json`: `application/dns-json`, for servers that have nothing else. */
  form?: "wire" | "json" | undefined;
  /** Another `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

type Failed = Extract<Answer, { type: "failed" }>;

const MALFORMED: Failed = { type: "failed", cause: "malformed" };

const TIMEOUT_MS = 2000;
const LONGEST_MS = 60_000;
/** The longest DNS message, and more than any JSON of one. */
const MAX_BYTES = 65_535;
const TYPES = { srv: 33, a: 1, aaaa: 28 } as const;
const CNAME = 5;
const SOA = 6;
const FAILURES: Partial<Record<number, LookupFailure>> = { 1: "malformed", 2: "servFail", 5: "refused" };

function readOptions(options: DohOptions): DohOptions {
  const given = check.fields(options, "options", ["servers", "timeoutMs", "form", "fetch"]);
  const { timeoutMs, form, fetch } = given;
  const servers = check.texts(given.servers, "servers");
  if (servers.length === 0) throw invalid("servers", given.servers, "name at least one URL");
  for (const [index, server] of servers.entries()) {
    if (/^(https?:\/)?\/[^/]/i.test(server)) continue;
    throw invalid(`servers[${index}]`, server, "write a URL such as https://dns.example/dns-query");
  }
  const isTime = typeof timeoutMs === "number" && timeoutMs >= 1 && timeoutMs <= LONGEST_MS;
  if (timeoutMs !== undefined && !isTime) {
    throw invalid("timeoutMs", timeoutMs, `write milliseconds from 1 to ${LONGEST_MS}`);
  }
  if (![undefined, "wire", "json"].includes(form as string)) throw invalid("form", form, "write wire or json");
  if (fetch !== undefined && typeof fetch !== "function") throw invalid("fetch", fetch, "give a function");
  return { ...options, servers };
}

/**
 * Asks by GET, without a header that needs a preflight and past the browser's cache: TTLs are the policy's. What is no
 * answer (no connection, time-out, HTTP status, SERVFAIL, REFUSED, nonsense) leads to the next server. Throws for options
 * that cannot be used.
 */
export function doh(options: DohOptions): Resolver {
  const { servers, form, timeoutMs: given, fetch } = readOptions(options);
  return {
    async lookup(name, kind, { signal, timeoutMs }) {
      const each = given ?? Math.min(TIMEOUT_MS, timeoutMs / servers.length);
      const ask = fetch ?? globalThis.fetch.bind(globalThis);
      let said: Failed | undefined;
      let late = 0;
      for (const server of servers) {
        signal.throwIfAborted();
        const limit = new AbortController();
        const abort = () => limit.abort(signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = true;
          limit.abort();
        }, each);
        try {
          const answer = await (form === "json" ? json : wire)(server, name, kind, (url, accept) =>
            get(ask, url, accept, limit.signal),
          );
          if (answer.type !== "failed") return answer;
          // What a server said tells more than that another was not there.
          said ??= answer;
        } catch {
          signal.throwIfAborted();
          if (isLate) late += 1;
        } finally {
          clearTimeout(timer);
          signal.removeEventListener("abort", abort);
        }
      }
      return said ?? { type: "failed", cause: late === servers.length ? "timeout" : "network" };
    },
  };
}

async function get(ask: typeof fetch, url: string, accept: string, signal: AbortSignal): Promise<Uint8Array | Failed> {
  const response = await ask(url, {
    headers: { accept },
    cache: "no-store",
    credentials: "omit",
    referrerPolicy: "no-referrer",
    signal,
  });
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  // A captive portal says 200 too. JSON goes by several names.
  const fits = type === accept || (accept !== WIRE && type?.endsWith("json"));
  if (!response.ok || !fits) {
    await response.body?.cancel();
    return response.ok ? MALFORMED : { type: "failed", cause: "other" };
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length > MAX_BYTES ? MALFORMED : bytes;
}

type Get = (url: string, accept: string) => Promise<Uint8Array | Failed>;

function withQuery(server: string, query: string): string {
  const url = server.replace("{?dns}", "");
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}

const WIRE = "application/dns-message";

async function wire(server: string, name: string, kind: LookupKind, get: Get): Promise<Answer> {
  // The id is 0: equal questions have equal addresses.
  const question = String.fromCharCode(...encodeQuestion(name, kind));
  const text = btoa(question).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const message = await get(withQuery(server, `dns=${text}`), WIRE);
  if ("type" in message) return message;
  try {
    const answer = decodeAnswer(message, name, kind);
    if (answer.type !== "truncated") return answer;
  } catch {
    // Not the answer to this question.
  }
  return MALFORMED;
}

interface JsonRecord {
  name: string;
  type: number;
  TTL: number;
  data: string;
}

async function json(server: string, name: string, kind: LookupKind, get: Get): Promise<Answer> {
  const query = new URLSearchParams({ name, type: kind.toUpperCase() });
  const bytes = await get(withQuery(server, query.toString()), "application/dns-json");
  if ("type" in bytes) return bytes;
  try {
    return readJson(JSON.parse(new TextDecoder().decode(bytes)), name, kind);
  } catch {
    return MALFORMED;
  }
}

/** Throws for what is not of this shape. */
function readJson(value: unknown, name: string, kind: LookupKind): Answer {
  const { Status, TC, Answer: answers, Authority: authority } = value as Record<string, unknown>;
  if (!Number.isInteger(Status) || TC === true) return MALFORMED;
  if (Status !== 0 && Status !== 3) return { type: "failed", cause: FAILURES[Status as number] ?? "other" };
  const records = ((answers ?? []) as JsonRecord[]).map(record);
  let owner = bare(name);
  let ttl = Number.MAX_SAFE_INTEGER;
  // An alias is followed in whatever order the records come; each is used once.
  for (let left = records.length; left > 0; left -= 1) {
    const alias = records.find((record) => record.type === CNAME && record.name === owner);
    if (!alias) break;
    owner = bare(alias.data);
    ttl = Math.min(ttl, alias.TTL);
  }
  const found = records.filter((record) => record.type === TYPES[kind] && record.name === owner);
  if (Status === 3 || found.length === 0) {
    const type = Status === 3 ? "noName" : "noData";
    const soa = ((authority ?? []) as JsonRecord[]).map(record).find((record) => record.type === SOA);
    const minimum = Number(soa?.data.trim().split(/\s+/).at(-1));
    return soa && Number.isInteger(minimum) ? { type, ttl: Math.min(soa.TTL, minimum) } : { type };
  }
  for (const { TTL } of found) ttl = Math.min(ttl, TTL);
  if (kind === "srv") return { type: "srv", records: found.map(({ data }) => srv(data)), ttl };
  return { type: "addresses", addresses: found.map(({ data }) => data.trim()), ttl };
}

function record({ name, type, TTL, data }: JsonRecord): JsonRecord {
  const isWhole = Number.isSafeInteger(TTL) && TTL >= 0 && Number.isInteger(type);
  if (typeof name !== "string" || typeof data !== "string" || !isWhole) throw new TypeError("no record");
  return { name: bare(name), type, TTL, data };
}

function srv(data: string): SrvRecord {
  const [priority, weight, port, target, ...rest] = data.trim().split(/\s+/);
  const numbers = [priority, weight, port].map((text) => {
    if (!/^\d{1,5}$/.test(text ?? "") || Number(text) > 65_535) throw new TypeError("no SRV record");
    return Number(text);
  }) as [number, number, number];
  if (!target || rest.length > 0) throw new TypeError("no SRV record");
  return { priority: numbers[0], weight: numbers[1], port: numbers[2], target };
}

/** Lower case, without the final dot. */
function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

/** What is known of a name. */
export type StaticEntry =
  | { records: readonly SrvRecord[]; ttl: number }
  | { addresses: readonly string[]; ttl: number };

function readEntry(value: unknown, at: string): StaticEntry {
  const { records, addresses, ttl } = check.fields(value, at, ["records", "addresses", "ttl"]);
  const seconds = check.seconds(ttl, `${at}.ttl`);
  if (addresses === undefined) return { records: check.srvRecords(records, `${at}.records`), ttl: seconds };
  if (records !== undefined) throw invalid(at, value, "write records or addresses, and ttl");
  return { addresses: check.texts(addresses, `${at}.addresses`), ttl: seconds };
}

/**
 * Answers from a table, as a provisioning system hands it over: a name that is not in it does not exist. The table is
 * read at each lookup, so it may be changed. Throws for one that cannot be used.
 */
export function staticResolver(table: Readonly<Record<string, StaticEntry>>): Resolver {
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw invalid("table", table, "write an object of names");
  }
  const entries = () => Object.entries(table);
  for (const [name, entry] of entries()) readEntry(entry, `table["${name}"]`);
  return {
    async lookup(name, kind) {
      const [key, found] = entries().find(([key]) => bare(key) === bare(name)) ?? [];
      if (key === undefined) return { type: "noName" };
      const entry = readEntry(found, `table["${key}"]`);
      const { ttl } = entry;
      if ("records" in entry) {
        const { records } = entry;
        return kind === "srv" && records.length > 0 ? { type: "srv", records, ttl } : { type: "noData", ttl };
      }
      const addresses = entry.addresses.filter((address) => kind === (address.includes(":") ? "aaaa" : "a"));
      return addresses.length > 0 ? { type: "addresses", addresses, ttl } : { type: "noData", ttl };
    },
  };
}

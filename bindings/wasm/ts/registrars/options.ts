// What both libraries' registrars are told.

import { invalid } from "../errors.js";
import type { Target } from "../types.js";
import type { WebSocketConstructor } from "./wire.js";

/** The options that `jssip` and `sipjs` share. */
export interface SipRegistrarOptions<UserAgent> {
  /** The address of record, as `sip:alice@example.com`. */
  uri: string;
  /** For digest. */
  password?: string | undefined;
  /** The name for digest; default: the user of `uri`. */
  authorizationUser?: string | undefined;
  /**
   * The WebSocket URL of a target: `wss://{host}:{port}/ws`, with `{host}`, `{port}`, `{transport}` and `{address}` (the
   * address if the core resolved one, else the host), or a function.
   */
  url: string | ((target: Target, address: string | undefined) => string);
  /** A UUID that stays with the device (`+sip.instance`). Keep it, e.g. in localStorage; default: a new one. */
  instanceId?: string | undefined;
  /** Headers for each REGISTER, as `X-Site: north`. */
  extraHeaders?: readonly string[] | undefined;
  /**
   * The keep-alive (CRLFCRLF) that notices a frozen server: how often it goes out beside the one with each REGISTER
   * (15 s), and how long its answer may take (2 s). The silence of a server that has never answered one means nothing.
   * False: none.
   */
  ping?: false | { everyMs?: number | undefined; withinMs?: number | undefined } | undefined;
  /** Called with each user agent before it connects: the place for listeners of incoming calls. */
  onUserAgent?: ((userAgent: UserAgent, target: Target) => void) | undefined;
  /** Default: the global one. In Node 20, that of the `ws` package. */
  WebSocket?: WebSocketConstructor | undefined;
}

/** The same, read and completed. */
export interface Settings {
  readonly aor: string;
  readonly user: string;
  readonly registrar: string;
  readonly instanceId: string;
  readonly extraHeaders: readonly string[];
  readonly ping: { everyMs: number; withinMs: number } | undefined;
  readonly url: (target: Target, address: string | undefined) => string;
  readonly WebSocket: WebSocketConstructor;
  /**
   * The user part of all our Contacts, and the end of their hosts. They follow from the instance, so that a page that was
   * loaded again still knows its bindings.
   */
  readonly contactUser: string;
  readonly contactHost: string;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Also where a page is no secure context, and has no `crypto.randomUUID`. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function template(text: string): (target: Target, address: string | undefined) => string {
  const brackets = (host: string) => (host.includes(":") ? `[${host}]` : host);
  return (target, address) =>
    text.replace(/\{(host|port|transport|address)\}/g, (_, name: string) => {
      if (name === "port") return String(target.port);
      if (name === "transport") return target.transport;
      return brackets(name === "host" ? target.host : (address ?? target.host));
    });
}

const SAMPLE: Target = {
  id: 1,
  host: "sbc.example.com",
  port: 443,
  transport: "wss",
  tlsName: "example.com",
  priority: 0,
  weight: 0,
};

function readUrl(url: unknown): Settings["url"] {
  if (typeof url === "function") return url as Settings["url"];
  const remedy = "a template such as wss://{host}:{port}/ws, or a function";
  if (typeof url !== "string") throw invalid("url", url, remedy);
  const expand = template(url);
  let protocol = "";
  try {
    protocol = new URL(expand(SAMPLE, undefined)).protocol;
  } catch {
    // Refused below.
  }
  if (protocol !== "wss:" && protocol !== "ws:") throw invalid("url", url, remedy);
  return expand;
}

function readMs(field: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= 100 && value <= LONGEST_TIMER) return value;
  throw invalid(field, value, "a number of milliseconds, at least 100");
}

/** Throws for what cannot be used. */
export function readOptions(options: SipRegistrarOptions<never>): Settings {
  if (typeof options !== "object" || options === null) throw invalid("options", options, "an object");
  const { uri, password, authorizationUser, instanceId, extraHeaders, ping } = options;
  const aor = typeof uri === "string" ? /^sip:([^@;?<>\s]+)@([^@;?<>\s/]+)$/i.exec(uri) : null;
  if (!aor) throw invalid("uri", uri, "an address of record such as sip:alice@example.com");
  for (const [field, value] of Object.entries({ password, authorizationUser }))
    if (value !== undefined && typeof value !== "string")
      throw invalid(field, field === "password" ? undefined : value, "a text");
  if (instanceId !== undefined && !(typeof instanceId === "string" && UUID.test(instanceId)))
    throw invalid("instanceId", instanceId, "a UUID, without urn:uuid:");
  if (extraHeaders !== undefined && !Array.isArray(extraHeaders))
    throw invalid("extraHeaders", extraHeaders, "a list of headers");
  for (const header of extraHeaders ?? [])
    if (typeof header !== "string" || !/^[\w-]+ *:[^\r\n]*$/.test(header))
      throw invalid("extraHeaders", header, "headers such as X-Site: north");
  if (ping !== undefined && ping !== false && (typeof ping !== "object" || ping === null))
    throw invalid("ping", ping, "false, or { everyMs, withinMs }");
  const WebSocket = options.WebSocket ?? (globalThis.WebSocket as unknown);
  if (typeof WebSocket !== "function")
    throw invalid("WebSocket", WebSocket, "give one: that of the ws package, where the platform has none");
  const instance = (instanceId ?? uuid()).toLowerCase();
  const hex = instance.replaceAll("-", "");
  return {
    aor: `sip:${aor[1]}@${aor[2]}`,
    user: aor[1] ?? "",
    registrar: `sip:${aor[2]}`,
    instanceId: instance,
    extraHeaders: [...(extraHeaders ?? [])],
    ping:
      ping === false
        ? undefined
        : {
            everyMs: readMs("ping.everyMs", ping?.everyMs, 15_000),
            withinMs: readMs("ping.withinMs", ping?.withinMs, 2_000),
          },
    url: readUrl(options.url),
    WebSocket: WebSocket as WebSocketConstructor,
    contactUser: `u${hex.slice(0, 11)}`,
    contactHost: `h${hex.slice(11, 22)}.invalid`,
  };
}

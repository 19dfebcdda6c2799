// Genesys Softphone, told by its local connector (REST, version 2.0) to start and stop its SIP session.
//
// The requests, their public source, and what it does not say, are in the package's README.

import type { RegisterRequest, Registrar } from "../driver/types.js";
import { invalid } from "../errors.js";
import type { Outcome, Target } from "../types.js";

/** One of `connectivities.connections` of GET /session. */
export interface SoftphoneConnection {
  readonly server?: string;
  readonly state?: string;
  readonly user?: string;
}

export interface GenesysSoftphoneOptions {
  /** Where the connector listens, e.g. `https://localhost:8000`. */
  baseUrl: string;
  /**
   * What `state` says of a connection that is registered, or has failed. NOT DOCUMENTED in public: ask your softphone's
   * GET /session. Upper and lower case are the same.
   */
  states: { registered: readonly string[]; failed?: readonly string[] | undefined };
  /**
   * The JSON body of POST /register, default: none. Its form is NOT DOCUMENTED in public; only that one may choose "SIP or
   * WebRTC" with it, and then gives the OAuth token.
   */
  body?: ((request: RegisterRequest) => unknown) | undefined;
  /** Whether a connection is to this target. Default: the host in its `server` is the target's. */
  matches?: ((connection: SoftphoneConnection, target: Target) => boolean) | undefined;
  /** How often GET /session is asked while registering (500 ms), and while registered (10 s). */
  pollMs?: number | undefined;
  watchMs?: number | undefined;
  /** Default: the global one. */
  fetch?: typeof fetch | undefined;
}

export interface GenesysSoftphoneRegistrar extends Registrar {
  /**
   * The agent has logged in: a REGISTER that moves the softphone starts its connection anew (unless there is a call), even
   * where one is registered. Call it before the driver's trigger.
   */
  agentLogin(): void;
  /** The agent has logged out: DELETE /session. Rejects where the connector did not do it. */
  agentLogout(): Promise<void>;
  close(): void;
}

interface Session {
  calls: number;
  connections: SoftphoneConnection[];
}

const NOT_SENT: Outcome = { type: "notSent" };
const TIMED_OUT: Outcome = { type: "unreachable", cause: "timeout" };

function readSession(json: unknown): Session {
  const { phone, connectivities } = (json ?? {}) as {
    phone?: { calls?: unknown };
    connectivities?: { connections?: unknown };
  };
  const list = (value: unknown) => (Array.isArray(value) ? value : []);
  return {
    calls: list(phone?.calls).length,
    connections: list(connectivities?.connections).filter((c) => typeof c === "object" && c !== null),
  };
}

function readPeriod(field: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= 50 && value <= 3_600_000) return value;
  throw invalid(field, value, "a number of milliseconds from 50 to 3600000");
}

const words = (value: unknown) =>
  Array.isArray(value) && value.every((word) => typeof word === "string")
    ? new Set(value.map((w) => w.toLowerCase()))
    : null;

/** The host of `host`, `host:5060`, `sip:host:5060;transport=tls` or `wss://host/ws`, in small letters. */
const hostOf = (server: string) =>
  /^(?:sips?:|\w+:\/\/)?(?:[^@]*@)?(\[[^\]]*\]|[^:;?/\s]*)/i.exec(server.trim())?.[1]?.toLowerCase();

/** A registrar over Genesys Softphone's connector: the package's README has an example. */
export function genesysSoftphone(options: GenesysSoftphoneOptions): GenesysSoftphoneRegistrar {
  if (typeof options !== "object" || options === null) throw invalid("options", options, "an object");
  if (typeof options.baseUrl !== "string" || !/^https?:\/\/[^/?#\s]+\/?$/.test(options.baseUrl))
    throw invalid("baseUrl", options.baseUrl, "the connector's address, such as https://localhost:8000");
  const base = options.baseUrl.replace(/\/$/, "");
  const registered = words(options.states?.registered);
  if (!registered?.size)
    throw invalid("states.registered", options.states?.registered, "a list of what `state` says when registered");
  const failed = words(options.states.failed ?? []);
  if (!failed) throw invalid("states.failed", options.states.failed, "a list of texts");
  const pollMs = readPeriod("pollMs", options.pollMs, 500);
  const watchMs = readPeriod("watchMs", options.watchMs, 10_000);
  const matches =
    options.matches ?? ((connection, target) => hostOf(connection.server ?? "") === target.host.toLowerCase());

  const closing = new AbortController();
  /** Where the softphone is registered, as far as is known. */
  let home: { target: Target; binding: number } | undefined;
  let fresh = false;
  let watch: ReturnType<typeof setTimeout> | undefined;

  const request = (method: string, path: string, signal: AbortSignal, body?: unknown): Promise<Response> =>
    (options.fetch ?? globalThis.fetch)(`${base}${path}`, {
      method,
      signal,
      cache: "no-store",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });

  /** Undefined where the connector did not answer as documented. */
  async function session(signal: AbortSignal): Promise<Session | undefined> {
    try {
      const response = await request("GET", "/session", signal);
      return response.ok ? readSession(await response.json()) : undefined;
    } catch {
      return undefined;
    }
  }

  const stateOf = (found: Session, target: Target, states: Set<string>) =>
    found.connections.some((c) => matches(c, target) && states.has((c.state ?? "").toLowerCase()));

  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });

  function watchHome(): void {
    clearTimeout(watch);
    if (!home || closing.signal.aborted) return;
    const watched = home;
    watch = setTimeout(async () => {
      const found = await session(AbortSignal.any([closing.signal, AbortSignal.timeout(watchMs)]));
      if (home !== watched || closing.signal.aborted) return;
      // A connector that does not answer, or not in time, says nothing of the softphone's registration.
      if (found && !stateOf(found, watched.target, registered as Set<string>)) {
        home = undefined;
        registrar.onFlowLost?.(watched.target);
      } else watchHome();
    }, watchMs);
  }

  function reached(action: RegisterRequest): Outcome {
    home = { target: action.target, binding: action.binding };
    fresh = false;
    watchHome();
    return { type: "accepted", expires: action.expires };
  }

  /** One at a time: there is one softphone. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn(signal: AbortSignal, run: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    const both = AbortSignal.any([signal, closing.signal]);
    const turn = last.then(() => (both.aborted ? NOT_SENT : run(both)));
    last = turn.catch(() => {});
    return turn;
  }

  async function register(action: RegisterRequest, signal: AbortSignal): Promise<Outcome> {
    const before = await session(signal);
    if (!before) return signal.aborted ? TIMED_OUT : NOT_SENT;
    const refresh = home?.binding === action.binding && home.target.id === action.target.id;
    const there = stateOf(before, action.target, registered as Set<string>);
    // POST /register would drop the connection and the calls: only a move may, and the login's of long ago is none.
    if (there && (refresh || !fresh || before.calls > 0)) return reached(action);
    if (before.calls > 0) return NOT_SENT;
    try {
      const response = await request("POST", "/register", signal, options.body?.(action));
      if (!response.ok) return NOT_SENT;
    } catch {
      return signal.aborted ? TIMED_OUT : NOT_SENT;
    }
    while (!signal.aborted) {
      const found = await session(signal);
      if (found && stateOf(found, action.target, registered as Set<string>)) return reached(action);
      if (found && stateOf(found, action.target, failed as Set<string>)) return { type: "unreachable", cause: "other" };
      await pause(pollMs, signal);
    }
    return TIMED_OUT;
  }

  async function unregister(binding: number, signal: AbortSignal): Promise<Outcome> {
    // It has moved already; there is one connection, and it is not this one.
    if (home && home.binding !== binding) return { type: "accepted" };
    const before = await session(signal);
    if (!before) return signal.aborted ? TIMED_OUT : NOT_SENT;
    if (before.calls > 0) return NOT_SENT;
    try {
      const response = await request("DELETE", "/register", signal);
      if (!response.ok) return NOT_SENT;
    } catch {
      return signal.aborted ? TIMED_OUT : NOT_SENT;
    }
    home = undefined;
    clearTimeout(watch);
    return { type: "accepted" };
  }

  const registrar: GenesysSoftphoneRegistrar = {
    register: (action, { signal }) => inTurn(signal, (both) => register(action, both)),
    unregister: (action, { signal }) => inTurn(signal, (both) => unregister(action.binding, both)),
    agentLogin() {
      fresh = true;
    },
    async agentLogout() {
      home = undefined;
      clearTimeout(watch);
      const { ok, status } = await request("DELETE", "/session", closing.signal);
      if (!ok)
        throw new Error(`Genesys Softphone's connector refused DELETE /session with ${status}: it stays registered`);
    },
    close() {
      clearTimeout(watch);
      closing.abort();
    },
  };
  return registrar;
}

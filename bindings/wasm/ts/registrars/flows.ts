// The registrar that both libraries share: a connection for each target, what is in flight on it, and whether it lives.

import type { RegisterRequest, Registrar, UnregisterRequest } from "../driver/types.js";
import type { Outcome, Target } from "../types.js";
import { contactHeader, type OwnContact, outcomeOf, type Reply } from "./contact.js";
import { type Settings, uuid } from "./options.js";
import { type Data, PING, PONG, Wire } from "./wire.js";

/** One REGISTER, as a library sends it. */
export interface RegisterMessage {
  readonly callId: string;
  /** With room for two digest challenges before the next one's. */
  readonly cseq: number;
  /** Whole headers: Contact, Expires, and the application's. */
  readonly headers: string[];
}

/** A library's user agent for one target. */
export interface Line<UserAgent> {
  readonly userAgent: UserAgent;
  /** There is a connection. */
  up(): void;
  /** There is none any more: what is in flight fails, calls stay. */
  down(): void;
  receive(data: Data): void;
  /** `done` may come in any event handler of the library's, more than once, or never. */
  register(message: RegisterMessage, done: (reply: Reply) => void): void;
  /** Whether there is a call. */
  busy(): boolean;
  /** Silently, in every state. */
  end(): void;
}

/** What a user agent may ask of its connection. */
export interface LineHost {
  readonly url: string;
  send(text: string): boolean;
  /** The application has stopped the user agent. */
  dropped(): void;
}

export type MakeLine<UserAgent> = (host: LineHost, target: Target) => Line<UserAgent>;

/** A registrar that also has the user agents for calls. */
export interface SipRegistrar<UserAgent> extends Registrar {
  /**
   * The library's user agent for a target, for calls: give it `status.home`. Ask each time: it is another one after the
   * target was left and come back to. Undefined where nothing was registered lately.
   */
  userAgentFor(target: Target): UserAgent | undefined;
  close(): void;
}

/** A transaction's longest life (RFC 3261, 64 times T1), and a little. */
const TRANSACTION_MS = 35_000;
const BUSY_MS = 5_000;
const LONGEST_TIMER = 2 ** 31 - 1;
const CLOSED: Reply = { type: "closed" };
const TIMED_OUT: Outcome = { type: "unreachable", cause: "timeout" };

type Timeout = ReturnType<typeof setTimeout>;

/** What an application's listener or option has thrown is the application's to see, and must not stop us. */
function guarded<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return undefined;
  }
}

interface Pending {
  readonly wire: Wire;
  readonly settle: (reply: Reply) => void;
}

interface Exchange extends RegisterMessage {
  readonly own: OwnContact;
  readonly binding: number;
  readonly expires: number;
}

class Flow<UserAgent> {
  target: Target;
  readonly #url: string;
  readonly #settings: Settings;
  readonly #makeLine: MakeLine<UserAgent>;
  readonly #events: { lost(target: Target): void; ended(): void };
  #line: Line<UserAgent> | undefined;
  #wire: Wire | undefined;
  #connecting: Wire | undefined;
  /** Frozen ones, on which a late answer may still come. */
  readonly #lingering = new Set<Wire>();
  readonly #waiters = new Set<(failure: Outcome | undefined) => void>();
  readonly #pending = new Set<Pending>();
  /** Until when there is a binding, as far as is known. */
  readonly #bindings = new Map<number, number>();
  /** Whether something was registered on the current connection. */
  #registered = false;
  /** Whether the server answers keep-alives. */
  #pongs = false;
  /** It did, and does not now. */
  #frozen = false;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pongTimer: Timeout | undefined;
  #restTimer: Timeout | undefined;
  #ended = false;

  constructor(
    url: string,
    target: Target,
    settings: Settings,
    makeLine: MakeLine<UserAgent>,
    events: { lost(target: Target): void; ended(): void },
  ) {
    this.#url = url;
    this.target = target;
    this.#settings = settings;
    this.#makeLine = makeLine;
    this.#events = events;
  }

  get userAgent(): UserAgent | undefined {
    return this.#line?.userAgent;
  }

  /** Resolves with undefined when connected, else with why not. */
  connect(signal: AbortSignal): Promise<Outcome | undefined> {
    clearTimeout(this.#restTimer);
    if (this.#wire && !this.#wire.open) this.#lost(this.#wire);
    if (this.#wire && !this.#frozen) return Promise.resolve(undefined);
    this.#line ??= guarded(() => this.#makeLine(this.#host(), this.target));
    if (!this.#line) return Promise.resolve({ type: "notSent" });
    return new Promise((resolve) => {
      const settle = (failure: Outcome | undefined) => {
        this.#waiters.delete(settle);
        signal.removeEventListener("abort", abort);
        resolve(failure);
      };
      const abort = () => {
        settle(TIMED_OUT);
        if (this.#waiters.size > 0) return;
        this.#connecting?.close();
        this.#connecting = undefined;
        this.#rest();
      };
      this.#waiters.add(settle);
      signal.addEventListener("abort", abort);
      if (!this.#connecting) this.#open();
    });
  }

  #open(): void {
    const done = (failure: Outcome | undefined) => {
      this.#connecting = undefined;
      for (const settle of [...this.#waiters]) settle(failure);
      this.#rest();
    };
    try {
      const wire = new Wire(this.#url, this.#settings.WebSocket, {
        open: () => {
          this.#adopt(wire);
          done(undefined);
        },
        failed: done,
        lost: () => this.#lost(wire),
        data: (data) => this.#data(wire, data),
      });
      this.#connecting = wire;
    } catch {
      // No WebSocket URL, or one to which this page may not connect.
      done({ type: "unreachable", cause: "other" });
    }
  }

  #host(): LineHost {
    return {
      url: this.#url,
      send: (text) => this.#wire?.send(text) ?? false,
      dropped: () =>
        queueMicrotask(() => {
          this.#line = undefined;
          if (this.#wire) this.#lost(this.#wire);
        }),
    };
  }

  #adopt(wire: Wire): void {
    const old = this.#wire;
    this.#wire = wire;
    this.#frozen = this.#registered = false;
    this.#stopPings();
    const { ping } = this.#settings;
    if (ping) this.#pingTimer = setInterval(() => this.#ping(), ping.everyMs);
    if (!old) guarded(() => this.#line?.up());
    else if ([...this.#pending].some((pending) => pending.wire === old)) this.#lingering.add(old);
    else old.close();
  }

  #data(wire: Wire, data: Data): void {
    if (wire === this.#wire) {
      clearTimeout(this.#pongTimer);
      this.#pongTimer = undefined;
      this.#frozen = false;
    }
    const text = typeof data !== "string" && data.byteLength <= 4 ? new TextDecoder().decode(data) : data;
    if (text === PONG) this.#pongs = true;
    else if (text === PING) wire.send(PONG);
    else this.#line?.receive(data);
  }

  #ping(): void {
    const { ping } = this.#settings;
    if (!ping || this.#pongTimer !== undefined || this.#frozen || !this.#wire?.send(PING)) return;
    this.#pongTimer = setTimeout(() => {
      this.#pongTimer = undefined;
      if (this.#pongs) this.#froze();
    }, ping.withinMs);
  }

  #stopPings(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#pingTimer = this.#pongTimer = undefined;
  }

  #froze(): void {
    const wire = this.#wire;
    if (!wire) return;
    if ([...this.#pending].some((pending) => pending.wire === wire)) {
      // A late answer is still worth hearing; the next REGISTER takes a new connection.
      this.#frozen = true;
      this.#tellLost();
    } else this.#lost(wire);
  }

  #tellLost(): void {
    if (!this.#registered) return;
    this.#registered = false;
    const { target } = this;
    // After the outcomes that came before it have been handed in.
    setTimeout(() => this.#events.lost(target), 0);
  }

  #lost(wire: Wire): void {
    wire.close();
    const current = wire === this.#wire;
    this.#lingering.delete(wire);
    if (current) {
      this.#wire = undefined;
      this.#frozen = false;
      this.#stopPings();
      for (const old of this.#lingering) old.close();
      this.#lingering.clear();
    }
    for (const pending of [...this.#pending]) if (current || pending.wire === wire) pending.settle(CLOSED);
    if (!current) return;
    guarded(() => this.#line?.down());
    this.#tellLost();
    this.#rest();
  }

  /** Sends one REGISTER on the open connection. */
  send(exchange: Exchange, signal: AbortSignal): Promise<Outcome> {
    const [line, wire] = [this.#line, this.#wire];
    if (!line || !wire) return Promise.resolve({ type: "unreachable", cause: "closed" });
    clearTimeout(this.#restTimer);
    return new Promise((resolve) => {
      // Given up, but not over: is anybody there at all?
      const probe = () => {
        if (this.#pongs) this.#ping();
      };
      const pending: Pending = {
        wire,
        settle: (reply) => {
          if (!this.#pending.delete(pending)) return;
          signal.removeEventListener("abort", probe);
          const outcome = outcomeOf(reply, exchange.own, exchange.expires === 0);
          this.#note(exchange, outcome);
          resolve(outcome);
          // Not inside of the library's event handler.
          queueMicrotask(() => this.#settled(wire, reply));
        },
      };
      this.#pending.add(pending);
      signal.addEventListener("abort", probe);
      try {
        line.register(exchange, pending.settle);
      } catch {
        this.#pending.delete(pending);
        signal.removeEventListener("abort", probe);
        resolve({ type: "notSent" });
      }
    });
  }

  #note({ binding, expires }: Exchange, outcome: Outcome): void {
    if (expires === 0) this.#bindings.delete(binding);
    if (outcome.type !== "accepted" || expires === 0) return;
    this.#bindings.set(binding, Date.now() + (outcome.expires ?? expires) * 1000);
    if (this.#registered) return;
    this.#registered = true;
    // The server is there this instant: does it answer keep-alives?
    this.#ping();
  }

  #settled(wire: Wire, reply: Reply): void {
    const idle = ![...this.#pending].some((pending) => pending.wire === wire);
    if (reply.type === "timeout") {
      // Nothing for 32 s over a reliable transport: the connection is dead, whatever it says.
      if (idle) this.#lost(wire);
    } else if (idle && this.#lingering.delete(wire)) wire.close();
    this.#rest();
  }

  /** Goes when nothing is bound here, nothing is under way, and nobody talks. */
  #rest(): void {
    clearTimeout(this.#restTimer);
    if (this.#ended || this.#pending.size > 0 || this.#waiters.size > 0) return;
    const now = Date.now();
    let until = 0;
    let had = false;
    for (const [binding, end] of this.#bindings) {
      had = true;
      if (end <= now) this.#bindings.delete(binding);
      else until = Math.max(until, end);
    }
    const unbound = had || this.#registered ? 0 : TRANSACTION_MS;
    const wait = until > 0 ? Math.min(until - now + 1000, LONGEST_TIMER) : unbound;
    this.#restTimer = setTimeout(() => {
      if ([...this.#bindings.values()].some((end) => end > Date.now())) return this.#rest();
      if (!this.#line?.busy()) return this.#events.ended();
      this.#restTimer = setTimeout(() => this.#rest(), BUSY_MS);
    }, wait);
  }

  end(): void {
    this.#ended = true;
    this.#registered = false;
    this.#stopPings();
    const [line, wires] = [this.#line, [this.#wire, this.#connecting, ...this.#lingering]];
    this.#line = this.#wire = this.#connecting = undefined;
    this.#lingering.clear();
    if (line) guarded(() => line.end());
    for (const wire of wires) wire?.close();
    for (const pending of [...this.#pending]) pending.settle(CLOSED);
    for (const settle of [...this.#waiters]) settle({ type: "unreachable", cause: "closed" });
    clearTimeout(this.#restTimer);
  }
}

/** The registrar over a library. */
export function flowRegistrar<UserAgent>(settings: Settings, makeLine: MakeLine<UserAgent>): SipRegistrar<UserAgent> {
  const flows = new Map<string, Flow<UserAgent>>();
  const callId = uuid();
  let cseq = 1;
  let closed = false;

  function flowFor(target: Target, address: string | undefined): Flow<UserAgent> {
    const url = settings.url(target, address);
    let flow = flows.get(url);
    if (!flow) {
      const made = new Flow<UserAgent>(url, target, settings, makeLine, {
        lost: (lostTarget) => {
          if (!closed) registrar.onFlowLost?.(lostTarget);
        },
        ended: () => {
          if (flows.get(url) === made) flows.delete(url);
          made.end();
        },
      });
      flows.set(url, made);
      flow = made;
    }
    flow.target = target;
    return flow;
  }

  async function exchange(
    request: UnregisterRequest,
    address: string | undefined,
    expires: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (closed || signal.aborted) return { type: "notSent" };
    const flow = guarded(() => flowFor(request.target, address));
    if (!flow) return { type: "notSent" };
    const failure = await flow.connect(signal);
    if (failure) return failure;
    if (closed || signal.aborted) return { type: "notSent" };
    const { binding } = request;
    const own: OwnContact = {
      user: settings.contactUser,
      host: `b${binding}.${settings.contactHost}`,
      instanceId: settings.instanceId,
      regId: Math.max(1, binding % 2 ** 31),
    };
    const headers = [`Contact: ${contactHeader(own, expires)}`, `Expires: ${expires}`, ...settings.extraHeaders];
    const message = { callId, cseq, headers, own, binding, expires };
    // The library adds one for each challenge that it answers, at most two.
    cseq += 3;
    return flow.send(message, signal);
  }

  const registrar: SipRegistrar<UserAgent> = {
    register: (request: RegisterRequest, { signal }) => exchange(request, request.address, request.expires, signal),
    unregister: (request, { signal }) => exchange(request, request.address, 0, signal),
    userAgentFor(target) {
      for (const flow of flows.values()) if (flow.target.id === target.id && flow.userAgent) return flow.userAgent;
      return flows.get(settings.url(target, undefined))?.userAgent;
    },
    close() {
      closed = true;
      for (const flow of flows.values()) flow.end();
      flows.clear();
    },
  };
  return registrar;
}

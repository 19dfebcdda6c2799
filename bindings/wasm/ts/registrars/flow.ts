// A connection to a target and a library's user agent over it: what is in flight on it, and whether it lives.

import type { Outcome, Target } from "../types.js";
import { type OwnContact, outcomeOf, type Reply } from "./contact.js";
import type { Settings } from "./options.js";
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
  /** In every state: calls are ended while there still is a connection, and nothing else is sent. */
  end(): void;
}

/** What a user agent may ask of its connection. */
export interface LineHost {
  readonly url: string;
  connected(): boolean;
  send(text: string): boolean;
  /** The application has stopped the user agent. */
  dropped(): void;
}

export type MakeLine<UserAgent> = (host: LineHost) => Line<UserAgent>;

/** A transaction's longest life (RFC 3261, 64 times T1), and a little. */
const TRANSACTION_MS = 35_000;
const BUSY_MS = 5_000;
const LONGEST_TIMER = 2 ** 31 - 1;
const CLOSED: Reply = { type: "closed" };
const TIMED_OUT: Outcome = { type: "unreachable", cause: "timeout" };

type Timeout = ReturnType<typeof setTimeout>;

/** What an application's listener or option has thrown is the application's to see, and must not stop us. */
export function guarded<T>(run: () => T): T | undefined {
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

/** One REGISTER, and what it is for. */
export interface Exchange extends RegisterMessage {
  readonly target: Target;
  readonly own: OwnContact;
  readonly binding: number;
  readonly expires: number;
}

interface FlowEvents<UserAgent> {
  /** A new user agent. */
  made(userAgent: UserAgent): void;
  /** The connection, upon which this was the last target registered. */
  lost(target: Target): void;
  ended(): void;
}

export class Flow<UserAgent> {
  readonly #url: string;
  readonly #settings: Settings;
  readonly #makeLine: MakeLine<UserAgent>;
  readonly #events: FlowEvents<UserAgent>;
  #line: Line<UserAgent> | undefined;
  #wire: Wire | undefined;
  #connecting: Wire | undefined;
  /** Former ones, on which a late answer or a word of a call may still come. */
  readonly #lingering = new Set<Wire>();
  readonly #waiters = new Set<(failure: Outcome | undefined) => void>();
  readonly #pending = new Set<Pending>();
  /** Until when there is a binding, as far as is known. */
  readonly #bindings = new Map<number, number>();
  /** What was last registered on the current connection. */
  #registered: Target | undefined;
  /** Whether the server answers keep-alives. */
  #pongs = false;
  /** It did, and does not now. */
  #frozen = false;
  /** The network changed under the current connection. */
  #doubtful = false;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #pongTimer: Timeout | undefined;
  #restTimer: Timeout | undefined;
  #lingerTimer: Timeout | undefined;
  #ended = false;

  constructor(url: string, settings: Settings, makeLine: MakeLine<UserAgent>, events: FlowEvents<UserAgent>) {
    this.#url = url;
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
    if (this.#wire && !this.#frozen && !this.#doubtful) return Promise.resolve(undefined);
    if (!this.#line) {
      const line = guarded(() => this.#makeLine(this.#host()));
      if (!line) return Promise.resolve({ type: "notSent" });
      this.#line = line;
      guarded(() => this.#events.made(line.userAgent));
    }
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
    let stopped = false;
    return {
      url: this.#url,
      connected: () => !stopped && this.#wire !== undefined,
      send: (text) => (!stopped && this.#wire?.send(text)) || false,
      dropped: () => {
        if (stopped) return;
        stopped = true;
        queueMicrotask(() => {
          this.#line = undefined;
          if (this.#wire) this.#lost(this.#wire);
        });
      },
    };
  }

  #adopt(wire: Wire): void {
    const old = this.#wire;
    this.#wire = wire;
    this.#frozen = this.#doubtful = false;
    this.#registered = undefined;
    this.#stopPings();
    const { ping } = this.#settings;
    if (ping) this.#pingTimer = setInterval(() => this.#ping(), ping.everyMs);
    if (!old) return void guarded(() => this.#line?.up());
    this.#lingering.add(old);
    this.#closeFormer();
  }

  #awaits(wire: Wire): boolean {
    return [...this.#pending].some((pending) => pending.wire === wire);
  }

  /** A server may still send a call's requests on the connection that the call was made on. */
  #closeFormer(): void {
    clearTimeout(this.#lingerTimer);
    const former = [...this.#lingering].filter((wire) => !this.#awaits(wire));
    if (former.length === 0) return;
    if (this.#line?.busy()) {
      this.#lingerTimer = setTimeout(() => this.#closeFormer(), BUSY_MS);
      return;
    }
    for (const wire of former) {
      this.#lingering.delete(wire);
      wire.close();
    }
  }

  /** The next REGISTER takes a new connection: on this one it might wait for ever, and the server would pay for it. */
  doubt(): void {
    this.#doubtful = this.#wire !== undefined;
    if (!this.#connecting) return;
    this.#connecting.close();
    this.#open();
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
    // In two halves: where the page was blocked, as by alert(), the answer is waiting to be read when the first ends.
    this.#pongTimer = setTimeout(() => {
      this.#pongTimer = setTimeout(() => {
        this.#pongTimer = undefined;
        if (this.#pongs) this.#froze();
      }, ping.withinMs / 2);
    }, ping.withinMs / 2);
  }

  #stopPings(): void {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.#pingTimer = this.#pongTimer = undefined;
  }

  #froze(): void {
    const wire = this.#wire;
    if (!wire) return;
    if (this.#awaits(wire)) {
      // A late answer is still worth hearing; the next REGISTER takes a new connection.
      this.#frozen = true;
      this.#tellLost();
    } else this.#lost(wire);
  }

  #tellLost(): void {
    const target = this.#registered;
    if (!target) return;
    this.#registered = undefined;
    // After the outcomes that came before it have been handed in.
    setTimeout(() => this.#events.lost(target), 0);
  }

  #lost(wire: Wire): void {
    wire.close();
    const current = wire === this.#wire;
    this.#lingering.delete(wire);
    if (current) {
      this.#wire = undefined;
      this.#frozen = this.#doubtful = false;
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
  send(exchange: Exchange): Promise<Outcome> {
    const [line, wire] = [this.#line, this.#wire];
    if (!line || !wire) return Promise.resolve({ type: "unreachable", cause: "closed" });
    clearTimeout(this.#restTimer);
    return new Promise((resolve) => {
      const pending: Pending = {
        wire,
        settle: (reply) => {
          if (!this.#pending.delete(pending)) return;
          const outcome = outcomeOf(reply, exchange.own, exchange.expires === 0);
          this.#note(exchange, outcome);
          resolve(outcome);
          // Not inside of the library's event handler.
          queueMicrotask(() => this.#settled(wire, reply));
        },
      };
      this.#pending.add(pending);
      try {
        line.register(exchange, pending.settle);
        // Is anybody there at all? Known before the next attempt, which then need not fail on the same connection.
        if (this.#pongs) this.#ping();
      } catch {
        this.#pending.delete(pending);
        resolve({ type: "notSent" });
      }
    });
  }

  #note({ target, binding, expires }: Exchange, outcome: Outcome): void {
    if (expires === 0) this.#bindings.delete(binding);
    if (outcome.type !== "accepted" || expires === 0) return;
    this.#bindings.set(binding, Date.now() + (outcome.expires ?? expires) * 1000);
    const first = !this.#registered;
    this.#registered = target;
    // The server is there this instant: does it answer keep-alives?
    if (first) this.#ping();
  }

  /** Registered elsewhere since. */
  forget(binding: number): void {
    if (this.#bindings.delete(binding)) this.#rest();
  }

  #settled(wire: Wire, reply: Reply): void {
    // Nothing for 32 s over a reliable transport: the connection is dead, whatever it says.
    if (reply.type === "timeout" && !this.#awaits(wire)) this.#lost(wire);
    this.#closeFormer();
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
    this.#registered = undefined;
    this.#stopPings();
    clearTimeout(this.#lingerTimer);
    guarded(() => this.#line?.end());
    for (const wire of [this.#wire, this.#connecting, ...this.#lingering]) wire?.close();
    this.#line = this.#wire = this.#connecting = undefined;
    this.#lingering.clear();
    for (const pending of [...this.#pending]) pending.settle(CLOSED);
    for (const settle of [...this.#waiters]) settle({ type: "unreachable", cause: "closed" });
    clearTimeout(this.#restTimer);
  }
}

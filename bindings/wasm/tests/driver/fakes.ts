// The world of a driver, for tests: everything answers when it is told to.

import type { Answer, LookupKind, Outcome, SrvRecord, Target } from "@rehome/sip";
import * as sip from "@rehome/sip";
import {
  type Channel,
  Driver,
  type DriverOptions,
  type Environment,
  type Locks,
  type Notice,
  plainAlarm,
  type Registrar,
  type Resolver,
  type Store,
} from "@rehome/sip/driver";
import { expect, vi } from "vitest";
import { run } from "../scenarios/runner.mjs";

export const NAME = "_sip._ws.example.test";
export const CONFIG = { srvRecord: NAME, order: { selection: "highestWeight" } } as const;

export function records(...hosts: string[]): SrvRecord[] {
  return hosts.map((target, index) => ({ priority: 10 * (index + 1), weight: 1, port: 8080, target }));
}

export class FakeResolver implements Resolver {
  asked: { name: string; kind: LookupKind; timeoutMs: number; signal: AbortSignal }[] = [];
  answer: () => Answer | Promise<Answer> = () => ({
    type: "srv",
    records: records("a.example.test", "b.example.test"),
    ttl: 86_400,
  });

  async lookup(name: string, kind: LookupKind, options: { signal: AbortSignal; timeoutMs: number }): Promise<Answer> {
    this.asked.push({ name, kind, ...options });
    return this.answer();
  }
}

export interface Request {
  id: number;
  kind: "register" | "unregister";
  target: Target;
  signal: AbortSignal;
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

export class FakeRegistrar implements Registrar {
  onFlowLost?: (target: Target) => void;
  requests: Request[] = [];
  closed = 0;
  /** How often its connections were said to prove nothing. */
  doubted = 0;
  /** What a host answers; undefined: nothing. */
  hosts: Record<string, Outcome | undefined> = {
    "a.example.test": { type: "accepted", expires: 600 },
    "b.example.test": { type: "accepted", expires: 600 },
  };

  register(request: { id: number; target: Target }, options: { signal: AbortSignal }): Promise<Outcome> {
    return this.#ask("register", request, options.signal);
  }

  unregister(request: { id: number; target: Target }, options: { signal: AbortSignal }): Promise<Outcome> {
    return this.#ask("unregister", request, options.signal);
  }

  networkChanged(): void {
    this.doubted += 1;
  }

  close(): void {
    this.closed += 1;
  }

  /** `register a`, `unregister b`, ... */
  get said(): string[] {
    return this.requests.map(({ kind, target }) => `${kind} ${target.host.slice(0, 1)}`);
  }

  get last(): Request {
    return this.requests.at(-1) as Request;
  }

  #ask(kind: Request["kind"], { id, target }: { id: number; target: Target }, signal: AbortSignal): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.requests.push({ id, kind, target, signal, resolve, reject });
      const outcome = this.hosts[target.host];
      if (outcome) resolve(kind === "register" ? outcome : { type: "accepted" });
    });
  }
}

export class FakeStore implements Store {
  items = new Map<string, string>();
  /** More than this is refused. */
  room = Number.POSITIVE_INFINITY;
  getItem = (key: string) => this.items.get(key) ?? null;
  removeItem = (key: string) => {
    this.items.delete(key);
  };
  setItem = (key: string, value: string) => {
    if (value.length > this.room) throw new Error("no room");
    this.items.set(key, value);
  };
}

/** The locks and channels of one origin, and what all its tabs can store. */
export class FakeOrigin {
  shared = new FakeStore();
  #queues = new Map<string, { held: () => Promise<void>; signal: AbortSignal; done: (error?: unknown) => void }[]>();
  #channels = new Map<string, Set<Channel>>();

  locks: Locks = {
    request: (name, { signal }, held) =>
      new Promise((resolve, reject) => {
        const queue = this.#queues.get(name) ?? [];
        this.#queues.set(name, queue);
        const entry = { held, signal, done: (error?: unknown) => (error ? reject(error) : resolve(undefined)) };
        queue.push(entry);
        signal.addEventListener("abort", () => {
          const at = queue.indexOf(entry);
          if (at > 0) {
            queue.splice(at, 1);
            reject(signal.reason);
          }
        });
        if (queue.length === 1) void this.#grant(name);
      }),
  };

  channel = (name: string): Channel => {
    const members = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, members);
    const self: Channel = {
      onmessage: null,
      close: () => members.delete(self),
      postMessage: (message) => {
        const data = structuredClone(message);
        for (const other of members) if (other !== self) queueMicrotask(() => other.onmessage?.({ data }));
      },
    };
    members.add(self);
    return self;
  };

  /** The oldest tab is frozen, or going: it hears nothing and says nothing any more, and has its lock still. */
  firstFallsSilent(name: string): void {
    const [first] = this.#channels.get(name) ?? [];
    if (first) this.#channels.get(name)?.delete(first);
  }

  /** Its lock is free. */
  firstIsGone(name: string): void {
    this.#queues.get(name)?.shift();
    void this.#grant(name);
  }

  async #grant(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    const first = queue?.[0];
    if (!first) return;
    await Promise.resolve();
    await first.held();
    first.done();
    if (queue[0] !== first) return;
    queue.shift();
    void this.#grant(name);
  }
}

export interface World {
  driver: Driver;
  registrar: FakeRegistrar;
  resolver: FakeResolver;
  store: FakeStore;
  page: EventTarget;
  events: string[];
  notices: Notice[];
  /** Makes the clocks differ, as a sleep does. */
  asleepMs: number;
  online: boolean;
}

const open: Driver[] = [];

export type WorldOptions = Partial<DriverOptions> & { store?: FakeStore; origin?: FakeOrigin };

export function world({ store = new FakeStore(), origin, ...options }: WorldOptions = {}): World {
  const registrar = new FakeRegistrar();
  const resolver = new FakeResolver();
  const page = new EventTarget();
  const made: World = { registrar, resolver, store, page, events: [], notices: [], asleepMs: 0, online: true } as never;
  const environment: Partial<Environment> = {
    clock: { wallMs: () => Date.now() + made.asleepMs, monotonicMs: () => performance.now() },
    alarm: async () => plainAlarm(0),
    storage: store,
    shared: origin?.shared ?? null,
    page,
    locks: origin?.locks ?? null,
    channel: (name) => origin?.channel(name) ?? null,
    isOnline: () => made.online,
    ...options.environment,
  };
  const given = { config: CONFIG, resolver, registrar, seed: 7, ...options, environment };
  made.driver = new Driver(given);
  made.driver.on("event", (event) => made.events.push(event.type));
  made.driver.on("notice", (notice) => made.notices.push(notice));
  open.push(made.driver);
  return made;
}

/** One that has started and is registered at a. */
export async function registered(made = world()): Promise<World> {
  made.driver.start();
  await pass();
  expect(made.driver.status).toMatchObject({ state: "registered", home: { host: "a.example.test" } });
  return made;
}

/** What happened in it happens again in the scenario that it exports. */
export function replays({ driver }: World): void {
  const { scenario, complete } = driver.exportScenario();
  expect(complete).toBe(true);
  expect(run(sip, JSON.parse(JSON.stringify(scenario)))).not.toHaveProperty("failure");
}

/** What a browser says of a page that it keeps in the back/forward cache. */
export function transition(type: "pagehide" | "pageshow"): Event {
  return Object.assign(new Event(type), { persisted: true });
}

export async function closeAll(): Promise<void> {
  for (const driver of open.splice(0)) await driver.close();
}

/** Lets everything happen that is due within so many milliseconds. */
export async function pass(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

export function noticed(of: World, type: Notice["type"]): Notice | undefined {
  return of.notices.find((notice) => notice.type === type);
}

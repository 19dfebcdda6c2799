// What the driver takes from the platform. Each part can be replaced, in a test or where the platform has another.

import { Registration } from "../registration.js";
import type { Config } from "../types.js";
import { type Alarm, HIDDEN_PAGE_SLACK_MS, plainAlarm, workerAlarm } from "./alarm.js";
import type { Clock } from "./clock.js";

/** As `navigator.locks`. */
export interface Locks {
  request(name: string, options: { signal: AbortSignal }, held: () => Promise<void>): Promise<unknown>;
}

/** As a `BroadcastChannel`. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  close(): void;
}

/** As `sessionStorage` and `localStorage`. */
export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A registration, as the driver needs it. */
export type CoreRegistration = Pick<Registration, "step" | "status" | "snapshot" | "free">;

/** How registrations are made. */
export interface Core {
  create(config: Config, seed: number): CoreRegistration;
  restore(config: Config, seed: number, snapshot: Uint8Array, nowMs: number, wallMs: number): CoreRegistration;
}

/** All that the driver takes from outside, but for resolver and registrar. */
export interface Environment {
  clock: Clock;
  alarm(): Promise<Alarm>;
  /** Where the snapshot outlives a reload; null: nowhere. */
  storage: Store | null;
  /** Where all tabs see that one of them stopped; null: nowhere. */
  shared: Store | null;
  /** By which one tab is chosen; null: this is the only one. */
  locks: Locks | null;
  /** By which the tabs hear of each other; null: they do not. */
  channel(name: string): Channel | null;
  /** Who says `pagehide`, `pageshow`, `online` and `offline`; null: nobody. */
  page: Pick<EventTarget, "addEventListener" | "removeEventListener"> | null;
  /** Whether there is a network, as far as is known. */
  isOnline(): boolean;
  core: Core;
}

/** Whether this is a page: it can be hidden, reloaded, and open twice. */
export function isPage(): boolean {
  return typeof document !== "undefined";
}

function storeOf(name: "sessionStorage" | "localStorage"): Store | null {
  try {
    return isPage() ? (globalThis[name] ?? null) : null;
  } catch {
    // Forbidden here, as in a frame of another site.
    return null;
  }
}

/** The platform's own. */
export function defaultEnvironment(): Environment {
  const page = isPage();
  return {
    clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    async alarm() {
      if (!page) return plainAlarm(0);
      return (await workerAlarm()) ?? plainAlarm(HIDDEN_PAGE_SLACK_MS);
    },
    storage: storeOf("sessionStorage"),
    shared: storeOf("localStorage"),
    locks: page ? ((navigator.locks as Locks | undefined) ?? null) : null,
    channel: (name) =>
      page && typeof BroadcastChannel === "function" ? (new BroadcastChannel(name) as Channel) : null,
    page: typeof globalThis.addEventListener === "function" ? globalThis : null,
    isOnline: () => typeof navigator === "undefined" || navigator.onLine !== false,
    core: {
      create: (config, seed) => new Registration(config, seed),
      restore: (config, seed, snapshot, nowMs, wallMs) => Registration.restore(config, seed, snapshot, nowMs, wallMs),
    },
  };
}

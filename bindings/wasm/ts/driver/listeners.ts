// What a driver is made of, what it tells, and to whom.

import type { Action, Config, Event, Input, Status } from "../types.js";
import type { Environment } from "./environment.js";
import type { Registrar, Resolver } from "./types.js";

/** What a driver needs. */
export interface DriverOptions {
  config: Config;
  resolver: Resolver;
  registrar: Registrar;
  /**
   * One for each account that an origin registers: of the tabs that share a name, one registers. It also names the
   * snapshot. Default `rehome`.
   */
  name?: string | undefined;
  /** This device's own, a whole number from 0 to 2^53 - 1; default: drawn by chance for each page load. */
  seed?: number | undefined;
  /** Parts of the platform to replace. */
  environment?: Partial<Environment> | undefined;
}

/** Who registers: this tab, another one, or that is not settled: at the beginning, and in the back/forward cache. */
export type Role = "pending" | "owner" | "follower" | "closed";

/** What the driver itself met with; the policy's own decisions are `event`s. */
export type Notice =
  | { type: "role"; role: Role }
  /** Two tabs would both register: the page has no Web Locks (they need HTTPS). */
  | { type: "noLocks"; error?: unknown }
  /** Timers may be this late when the page is hidden; the configuration says so to the policy (rule 5.2). */
  | { type: "noWorker"; slackMs: number }
  /** The device slept, or the page was frozen; `resumed` is handed in. */
  | { type: "slept" }
  /** Goes on from a snapshot that is `ageMs` old. */
  | { type: "restored"; ageMs: number }
  /** What was kept could not be used: a fresh start. */
  | { type: "snapshotRefused"; error: unknown }
  /** The snapshot could not be kept: a reload will be a fresh start. */
  | { type: "notSaved"; error: unknown }
  /** The registrar threw; taken as `unreachable`, cause `other`. */
  | { type: "registrarFailed"; id?: number; error: unknown }
  /** The resolver threw; taken as `failed`, cause `other`. */
  | { type: "resolverFailed"; id: number; error: unknown }
  /** An outcome more than 32 s after it was given up. */
  | { type: "lateDropped"; id: number }
  /** The policy refused an input as wrong; nothing was changed. */
  | { type: "inputRefused"; input: Input; error: unknown }
  /** A listener threw. */
  | { type: "listenerFailed"; error: unknown };

/** Who can be told what. Times are on the driver's clock: see `Driver.nowMs`. */
export interface Listeners {
  /** Decided by the policy; in the owner only. */
  event: (event: Event, atMs: number) => void;
  /** About to be done; in the owner only. */
  action: (action: Action, atMs: number) => void;
  /** The status changed; in every tab. */
  status: (status: Status) => void;
  notice: (notice: Notice) => void;
}

/** Who listens. */
export class Listening {
  #listeners: { [K in keyof Listeners]: Set<Listeners[K]> } = {
    event: new Set(),
    action: new Set(),
    status: new Set(),
    notice: new Set(),
  };

  on<K extends keyof Listeners>(type: K, listener: Listeners[K]): () => void {
    this.#listeners[type].add(listener);
    return () => {
      this.#listeners[type].delete(listener);
    };
  }

  emit<K extends keyof Listeners>(type: K, ...args: Parameters<Listeners[K]>): void {
    for (const listener of [...this.#listeners[type]]) {
      try {
        (listener as (...args: Parameters<Listeners[K]>) => void)(...args);
      } catch (error) {
        if (type === "notice") console.error(error);
        else this.emit("notice", { type: "listenerFailed", error });
      }
    }
  }
}

// What a driver tells, and to whom.

import { invalid } from "../errors.js";
import type { Action, Event, Input, Status } from "../types.js";

/** Who registers: this tab, another one, or that is not settled: at the beginning, and in the back/forward cache. */
export type Role = "pending" | "owner" | "follower" | "closed";

/** What the driver itself met with; the policy's own decisions are `event`s. */
export type Notice =
  | { type: "role"; role: Role }
  /** Two tabs would both register: the page has no Web Locks (they need HTTPS), or may not use them or their channel. */
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
  /** Asked for more than 5 s ago: the tab that registers is frozen, perhaps. It is kept until that tab answers or goes. */
  | { type: "unanswered"; command: Input }
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

  #queue: (() => void)[] = [];
  #emitting = false;

  on<K extends keyof Listeners>(type: K, listener: Listeners[K]): () => void {
    if (!Object.hasOwn(this.#listeners, type)) throw invalid("type", type, "write event, action, status or notice");
    if (typeof listener !== "function") throw invalid("listener", listener, "give a function");
    this.#listeners[type].add(listener);
    return () => {
      this.#listeners[type].delete(listener);
    };
  }

  /** What a listener brings about is told after what it was told, to all of them. */
  emit<K extends keyof Listeners>(type: K, ...args: Parameters<Listeners[K]>): void {
    this.#queue.push(() => this.#tell(type, args));
    if (this.#emitting) return;
    this.#emitting = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) next();
    this.#emitting = false;
  }

  #tell<K extends keyof Listeners>(type: K, args: Parameters<Listeners[K]>): void {
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

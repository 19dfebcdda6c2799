// The tabs of one origin: which of them owns the registration, and what they tell each other.

import type { Config, Input, State, Status } from "../types.js";
import type { Asked } from "./asked.js";
import type { Channel, Environment } from "./environment.js";
import type { Saved } from "./kept.js";

/** What the application asks for; any tab may, the owner does it. */
export type Command = Extract<
  Input,
  {
    type:
      | "start"
      | "stop"
      | "agentLogin"
      | "tryPrimary"
      | "busy"
      | "idle"
      | "configure"
      | "refreshed"
      | "networkDown"
      | "networkChanged"
      | "resumed";
  }
>;

/** What goes through the channel. A tab is a number that it drew. */
export type Message = { v: 1 } & (
  | { type: "hello" }
  | ({ type: "status"; owner: number; atMs: number; wallMs: number } & Followed)
  | { type: "saved"; saved: Saved }
  /** The last unregister is through. */
  | { type: "stopped" }
  | { type: "command"; tab: number; asked: Asked }
  /** The owner has done it, and is in that state now. */
  | { type: "done"; tab: number; number: number; state: State }
);

/** What the followers go by. */
export interface Followed {
  status: Status;
  /** Whether it is wanted that the phone runs; between a stop and a start again it may be, and be `stopping`. */
  wanted: boolean;
  config: Config;
}

/** What a tab meets with among the others. */
export interface TabEvents {
  /** It is the owner now. */
  own(): void;
  /** There are no locks, or they were refused: it is the only one, as far as can be known. */
  alone(error?: unknown): void;
  hear(message: Message): void;
}

export class Tabs {
  #name: string;
  #env: Environment;
  #events: TabEvents;
  #channel: Channel | null = null;
  /** Aborted when this tab leaves: that ends the wait for the lock, or gives it back. */
  #inside: AbortController | undefined;

  constructor(name: string, env: Environment, events: TabEvents) {
    this.#name = name;
    this.#env = env;
    this.#events = events;
  }

  /** Whether this tab owns among others, or waits to. */
  get entered(): boolean {
    return this.#inside !== undefined;
  }

  /** Asks to be the owner, and listens meanwhile. */
  async enter(): Promise<void> {
    const { locks } = this.#env;
    if (!locks) {
      this.#events.alone();
      return;
    }
    const inside = new AbortController();
    this.#inside = inside;
    let owned = false;
    const held = () =>
      new Promise<void>((resolve) => {
        if (inside.signal.aborted) return resolve();
        owned = true;
        inside.signal.addEventListener("abort", () => resolve());
        this.#events.own();
      });
    try {
      // A browser that keeps no site's data refuses the channel, too.
      this.#listen();
      await locks.request(this.#name, { signal: inside.signal }, held);
    } catch (error) {
      if (owned || inside.signal.aborted) return;
      this.leave();
      this.#events.alone(error);
    }
  }

  /** Another tab may own from here on; nothing is heard any more. */
  leave(): void {
    this.#inside?.abort();
    this.#inside = undefined;
    this.#channel?.close();
    this.#channel = null;
  }

  post(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #listen(): void {
    this.#channel = this.#env.channel(this.#name);
    if (!this.#channel) return;
    this.#channel.onmessage = ({ data }) => {
      const message = data as Message | undefined;
      if (message?.v === 1 && this.entered) this.#events.hear(message);
    };
    this.post({ v: 1, type: "hello" });
  }
}

/** A status of another tab, on this tab's clock. */
export function shifted(status: Status, byMs: number): Status {
  const moved = { ...status, plan: status.plan.map((entry) => ({ ...entry })) };
  if (moved.expiresAtMs !== undefined) moved.expiresAtMs += byMs;
  if (moved.wakeMs !== undefined) moved.wakeMs += byMs;
  for (const entry of moved.plan) if (entry.heldUntilMs !== undefined) entry.heldUntilMs += byMs;
  return moved;
}

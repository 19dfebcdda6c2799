// One registration of this tab: what happens is handed in, in order, and what it asks for is done.

import { RehomeError } from "../errors.js";
import type { Config, Input, Status, Step } from "../types.js";
import type { SleepClock } from "./clock.js";
import type { CoreRegistration } from "./environment.js";
import { type Saved, toBase64 } from "./kept.js";
import type { Listening } from "./listeners.js";
import type { Log } from "./log.js";
import type { Registrar, Resolver } from "./types.js";
import type { Waker } from "./waker.js";
import { NO_ANSWER, NO_OUTCOME, Work } from "./work.js";

/** What it finds in the driver. */
export interface Surroundings {
  resolver: Resolver;
  registrar: Registrar;
  clock: SleepClock;
  waker: Waker;
  listening: Listening;
  /** All that was to be handed in is; the status may be another. */
  changed(): void;
  /** The last unregister is through (rule 6.8). */
  stopped(): void;
}

/** After these a connection of before proves nothing. */
const NETWORK = ["networkDown", "networkChanged", "resumed"];

export class Machine {
  #registration: CoreRegistration;
  #config: Config;
  #log: Log;
  #around: Surroundings;
  #work: Work;
  #inputs: Input[] = [];
  #draining = false;
  #wakeMs: number | null = null;
  #ended = false;

  constructor(registration: CoreRegistration, config: Config, log: Log, around: Surroundings) {
    this.#registration = registration;
    this.#config = config;
    this.#log = log;
    this.#around = around;
    const { resolver, registrar, clock, listening } = around;
    this.#work = new Work({
      resolver,
      registrar,
      now: () => clock.now(),
      hand: (input) => this.hand(input),
      notice: (notice) => listening.emit("notice", notice),
    });
  }

  get status(): Status {
    return this.#registration.status(this.#around.clock.now());
  }

  /** A snapshot, for a reload or another tab. */
  save(wallMs: number): Saved {
    const atMs = this.#around.clock.now();
    const snapshot = toBase64(this.#registration.snapshot(atMs, wallMs));
    return { v: 1, atMs, wallMs, config: this.#config, snapshot, log: this.#log.data };
  }

  /** Gives up what is under way. */
  end(): void {
    this.#ended = true;
    this.#work.end();
    this.#inputs = [];
    this.#around.waker.set(null);
    this.#registration.free();
  }

  /** What is handed in meanwhile, by a listener, comes after it. */
  hand(input: Input): void {
    if (this.#ended) return;
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    const { clock, listening } = this.#around;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
        const now = clock.now();
        if (clock.slept) {
          clock.slept = false;
          listening.emit("notice", { type: "slept" });
          if (next.type !== "resumed") this.#step({ type: "resumed" }, now);
        }
        this.#step(next, now);
      }
    } finally {
      this.#draining = false;
    }
    if (!this.#ended) this.#around.changed();
    if (!this.#ended) this.#around.waker.set(this.#wakeMs);
  }
  #step(input: Input, now: number): void {
    if (this.#ended) return;
    const { registrar, listening, stopped } = this.#around;
    if (NETWORK.includes(input.type)) forgetConnections(registrar, listening);
    let step: Step;
    try {
      step = this.#registration.step(input, now);
    } catch (error) {
      listening.emit("notice", { type: "inputRefused", input, error });
      this.#mend(input, error);
      return;
    }
    if (input.type === "configure") this.#config = input.config;
    this.#log.step(input, now, step);
    this.#wakeMs = step.wakeMs;
    for (const event of step.events) {
      listening.emit("event", event, now);
      if (event.type === "stopped") stopped();
    }
    for (const action of step.actions) {
      if (this.#ended) return;
      listening.emit("action", action, now);
      this.#work.do(action, now);
    }
  }

  /** What a resolver or registrar made up is a failure of its own. */
  #mend(input: Input, error: unknown): void {
    if (!(error instanceof RehomeError) || !["invalidInput", "notFinal"].includes(error.code)) return;
    if (input.type === "answer" && input.answer !== NO_ANSWER) this.#inputs.unshift({ ...input, answer: NO_ANSWER });
    if (input.type === "outcome" && input.outcome !== NO_OUTCOME) {
      this.#inputs.unshift({ ...input, outcome: NO_OUTCOME });
    }
  }
}

/** The registrar hears that its connections prove nothing any more. */
export function forgetConnections(registrar: Registrar, listening: Listening): void {
  try {
    registrar.networkChanged?.();
  } catch (error) {
    listening.emit("notice", { type: "registrarFailed", error });
  }
}

// One axis for a session that may have run on several clocks: each reload brings another.

import type { ScenarioStep } from "@rehome/sip/driver";
import type { SessionMs, SessionStep } from "./types.js";

interface Restore {
  readonly atMs: number;
  readonly wallMs: number;
  readonly restoreAtMs: number;
  readonly restoreWallMs: number;
}

/** What of a session's log has been dropped: all that is left keeps its place. */
export interface Origin {
  /** Where its first step stands. */
  readonly atMs: SessionMs;
  /** How many steps came before. */
  readonly steps: number;
}

export const BEGINNING: Origin = { atMs: 0, steps: 0 };

/** Goes along with the steps; the first is at `startMs`. */
export class Axis {
  #offset: number | undefined;
  #now: SessionMs;
  #wallAtZeroMs: number | null = null;

  constructor(startMs: SessionMs = 0) {
    this.#now = startMs;
  }

  get now(): SessionMs {
    return this.#now;
  }

  /** The wall clock at 0: a snapshot tells it. */
  get wallAtZeroMs(): number | null {
    return this.#wallAtZeroMs;
  }

  copy(): Axis {
    const other = new Axis();
    other.become(this);
    return other;
  }

  become(other: Axis): void {
    this.#offset = other.#offset;
    this.#now = other.#now;
    this.#wallAtZeroMs = other.#wallAtZeroMs;
  }

  /** A time of the clock in use, on the axis. */
  of(hostMs: number): SessionMs {
    this.#offset ??= this.#now - hostMs;
    return hostMs + this.#offset;
  }

  /** A time of the axis, on the clock in use. */
  hostMs(atMs: SessionMs): number {
    return atMs - (this.#offset ?? 0);
  }

  /** Any step of a whole session; where it begins. */
  go(step: SessionStep): SessionMs {
    return step.op === "snapshotRestore" ? this.restore(step).fromMs : this.step(step.atMs);
  }

  /** A step. A clock that was set back goes on from where it was, as all times move by the difference (rule 0.4). */
  step(hostMs: number): SessionMs {
    if (this.of(hostMs) < this.#now) this.#offset = this.#now - hostMs;
    this.#now = this.of(hostMs);
    return this.#now;
  }

  /** Another process goes on from a snapshot: the wall clock says how long nobody was there. */
  restore({ atMs, wallMs, restoreAtMs, restoreWallMs }: Restore): { fromMs: SessionMs; toMs: SessionMs } {
    const fromMs = Math.max(this.#now, this.of(atMs));
    this.#wallAtZeroMs ??= wallMs - fromMs;
    this.#now = fromMs + Math.max(0, restoreWallMs - wallMs);
    this.#offset = this.#now - restoreAtMs;
    return { fromMs, toMs: this.#now };
  }
}

/** The origin of a log that is now `steps`, and was `before` with this origin; another session begins anew. */
export function originAfter(origin: Origin, before: readonly ScenarioStep[], steps: readonly ScenarioStep[]): Origin {
  const first = JSON.stringify(steps[0]);
  const dropped = before.findIndex((step) => JSON.stringify(step) === first);
  if (dropped < 0) return BEGINNING;
  const axis = new Axis(origin.atMs);
  let atMs = origin.atMs;
  for (const step of before.slice(0, dropped + 1)) atMs = axis.go(step);
  return { atMs, steps: origin.steps + dropped };
}

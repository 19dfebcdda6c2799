// One axis for a session that may have run on several clocks: each reload brings another.

import type { SessionMs } from "./types.js";

interface Restore {
  readonly atMs: number;
  readonly wallMs: number;
  readonly restoreAtMs: number;
  readonly restoreWallMs: number;
}

/** Goes along with the steps; 0 is at the first. */
export class Axis {
  #offset: number | undefined;
  #now: SessionMs = 0;
  #wallAtZeroMs: number | null = null;

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
    this.#offset ??= -hostMs;
    return hostMs + this.#offset;
  }

  /** A time of the axis, on the clock in use. */
  hostMs(atMs: SessionMs): number {
    return atMs - (this.#offset ?? 0);
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

// Time that goes on while the device sleeps (rule 0.4).

/** Two clocks of the platform. */
export interface Clock {
  /** The wall clock, as `Date.now()`. */
  wallMs(): number;
  /** One that is never set, as `performance.now()`. */
  monotonicMs(): number;
}

/** Below this the two clocks only drift apart, or the wall clock was trimmed a little. */
const DRIFT_MS = 1000;
/** From here on it was a sleep: the same 5 s as in rule 0.4. */
const SLEPT_MS = 5000;

/**
 * Whole milliseconds since it was made. `performance.now()` stands still while some platforms sleep, and `Date.now()` can
 * be set; so each reading adds what the monotonic clock says, or what the wall clock says where that went further. A wall
 * clock set forward looks like a sleep: that costs one REGISTER too many, and no binding. One set back is not followed.
 */
export class SleepClock {
  /** Whether it jumped: the device slept. To be cleared by the reader. */
  slept = false;
  #clock: Clock;
  #wall: number;
  #monotonic: number;
  #elapsed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.wallMs();
    this.#monotonic = clock.monotonicMs();
  }

  now(): number {
    const wall = this.#clock.wallMs();
    const monotonic = this.#clock.monotonicMs();
    const byWall = wall - this.#wall;
    const byMonotonic = Math.max(0, monotonic - this.#monotonic);
    this.#wall = wall;
    this.#monotonic = monotonic;
    const ahead = byWall - byMonotonic;
    if (ahead >= SLEPT_MS) this.slept = true;
    this.#elapsed += ahead > DRIFT_MS ? byWall : byMonotonic;
    return Math.floor(this.#elapsed);
  }
}

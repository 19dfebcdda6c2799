// When the registration is called next: the alarm is set for that time, and the clocks are read in between.

import { type Alarm, HIDDEN_PAGE_SLACK_MS, plainAlarm } from "./alarm.js";
import type { SleepClock } from "./clock.js";

/** At the latest after this the clocks are read: a timer does not count the time that it slept through. */
const HEARTBEAT_MS = 15_000;
/** A timer this late was not late, but asleep (rule 0.4). */
const ASLEEP_MS = 5000;

/** Who is woken. */
export interface Sleeper {
  wake(): void;
  /** The device slept, or the page was frozen. */
  slept(): void;
  /** From here on timers may be so late. */
  slackened(slackMs: number): void;
}

export class Waker {
  #clock: SleepClock;
  #sleeper: Sleeper;
  #alarm: Alarm | undefined;
  #wakeMs: number | null = null;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(clock: SleepClock, sleeper: Sleeper) {
    this.#clock = clock;
    this.#sleeper = sleeper;
  }

  /** How late it may be. */
  get slackMs(): number {
    return this.#alarm?.slackMs ?? 0;
  }

  use(alarm: Alarm): void {
    this.#alarm = alarm;
    alarm.onRing = () => this.#rings();
    alarm.onLost = () => {
      if (this.#alarm !== alarm) return;
      alarm.close();
      // The sleeper hears of its lateness, and sets it.
      this.use(plainAlarm(HIDDEN_PAGE_SLACK_MS));
    };
    if (alarm.slackMs > 0) this.#sleeper.slackened(alarm.slackMs);
  }

  /** For then; null: never. */
  set(wakeMs: number | null): void {
    this.#wakeMs = wakeMs;
    this.#again();
  }

  close(): void {
    this.#alarm?.close();
    this.#alarm = undefined;
  }

  #again(): void {
    if (this.#wakeMs === null) {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#alarm?.clear();
      return;
    }
    const now = this.#clock.now();
    const ms = Math.min(Math.max(0, this.#wakeMs - now), HEARTBEAT_MS);
    this.#dueMs = now + ms;
    this.#alarm?.set(ms);
  }

  #rings(): void {
    if (this.#wakeMs === null) return;
    const now = this.#clock.now();
    if (now - this.#dueMs > ASLEEP_MS + this.slackMs) this.#clock.slept = true;
    if (this.#clock.slept) this.#sleeper.slept();
    else if (now >= this.#wakeMs) this.#sleeper.wake();
    else this.#again();
  }
}

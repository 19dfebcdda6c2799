// The phone of this page: a Driver, and what of it is shown. It decides nothing.

import type { Status } from "@rehome/sip";
import type { Driver, Exported, Role, ScenarioStep } from "@rehome/sip/driver";
import { BEGINNING, originAfter } from "../session/axis.js";
import { statusAt } from "../session/status.js";
import { timelineOf } from "../session/timeline.js";
import type { SessionMs, Timeline } from "../session/types.js";
import { Store } from "../store.js";
import { makeDriver } from "./driver.js";
import { isTrouble, LASTING, sentenceOf } from "./notices.js";
import type { PageSettings } from "./settings.js";
import { keep, kept } from "./storage.js";

export interface PhoneView {
  readonly role: Role;
  /** On the driver's clock. */
  readonly status: Status;
  readonly session: Exported;
  readonly timeline: Timeline;
  readonly agentIn: boolean;
  readonly inCall: boolean;
  /** What the driver itself met with, in a sentence, and when. */
  readonly note: { readonly atMs: number; readonly text: string } | undefined;
}

/** The session is read again at most this often. */
const READ_EVERY_MS = 250;
const SAME_CLOCK_MS = 1000;
/** A note about a moment is shown so long. */
const NOTE_MS = 30_000;

export class Phone {
  readonly view: Store<PhoneView>;
  /** Where DNS is: a lab that was started again has it elsewhere. */
  dohUrl: string;
  #driver: Driver;
  #agentKey: string;
  #callKey: string;
  #origin = BEGINNING;
  /** Whether a tab of before was gone on from. */
  #restored = false;
  #lastRead = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #steps = "";
  /** The session's time less the driver's. */
  #offset = 0;

  constructor(settings: PageSettings, dohUrl: string) {
    const name = `web-demo:${settings.user}:${settings.site}`;
    this.dohUrl = dohUrl;
    this.#agentKey = `agent:${name}`;
    this.#callKey = `call:${name}`;
    this.#driver = makeDriver({ ...settings, name, instanceId: instanceOf(name), dohUrl: () => this.dohUrl });
    const session = this.#driver.exportScenario();
    this.view = new Store<PhoneView>({
      role: this.#driver.role,
      status: this.#driver.status,
      session,
      timeline: timelineOf(session.scenario),
      agentIn: kept("local", this.#agentKey) === "in",
      inCall: kept("local", this.#callKey) === "in",
      note: undefined,
    });
    this.#driver.on("status", (status) => {
      this.view.patch({ status, role: this.#driver.role });
      this.#changed();
    });
    this.#driver.on("event", () => this.#changed());
    this.#driver.on("action", () => this.#changed());
    this.#driver.on("notice", (notice) => {
      const before = this.view.value.role;
      this.view.patch({ role: this.#driver.role });
      if (notice.type === "role" && notice.role === "owner") queueMicrotask(() => this.#owns(before === "follower"));
      if (notice.type === "restored") this.#restored = true;
      if (isTrouble(notice)) console.error(`The driver: ${notice.type}`, notice);
      const text = sentenceOf(notice);
      if (text) this.#note(text, LASTING.includes(notice.type));
      this.#changed();
    });
    // What was said of agent and call in another tab.
    addEventListener("storage", ({ key, newValue }) => {
      if (key === this.#agentKey) this.view.patch({ agentIn: newValue === "in" });
      if (key === this.#callKey) this.view.patch({ inCall: newValue === "in" });
    });
    // A follower hears of new steps without an event of its own.
    setInterval(() => this.#driver.role === "follower" && this.#changed(), 1000);
    this.#driver.start();
  }

  /** Now, on the clock of `status`. */
  get driverNowMs(): number {
    return this.#driver.nowMs;
  }

  /** Now, on the session's axis. */
  get nowMs(): SessionMs {
    return Math.max(this.view.value.timeline.endMs, this.#driver.nowMs + this.#offset);
  }

  setRunning(on: boolean): void {
    if (on) this.#driver.start();
    else void this.#driver.stop();
  }

  signIn(): void {
    this.#setAgent(true);
    this.#driver.agentLogin();
  }

  /** The agent goes; the phone stays registered. */
  signOut(): void {
    this.#setAgent(false);
  }

  tryPrimary(): void {
    this.#driver.tryPrimary();
  }

  setInCall(inCall: boolean): void {
    keep("local", this.#callKey, inCall ? "in" : null);
    this.view.patch({ inCall });
    if (inCall) this.#driver.busy();
    else this.#driver.idle();
    // Such a step mostly changes no status, and brings no event.
    this.#changed();
  }

  /** Before the desktop moves to another site: nobody else is left with this binding. */
  async leave(): Promise<void> {
    if (this.#driver.role !== "owner") return;
    await Promise.race([this.#driver.stop(), new Promise((resolve) => setTimeout(resolve, 1500))]);
  }

  export(): Exported {
    return this.#driver.exportScenario();
  }

  #setAgent(agentIn: boolean): void {
    keep("local", this.#agentKey, agentIn ? "in" : null);
    this.view.patch({ agentIn });
  }

  /** This tab registers now. A phone that nobody had running has no agent and no call. */
  #owns(followed: boolean): void {
    if (!followed && !this.#restored) {
      this.#setAgent(false);
      keep("local", this.#callKey, null);
      this.view.patch({ inCall: false });
    } else if (this.view.value.inCall) {
      this.#driver.busy();
    }
  }

  #note(text: string, lasts: boolean): void {
    const note = { atMs: Date.now(), text };
    this.view.patch({ note });
    if (lasts) return;
    setTimeout(() => {
      if (this.view.value.note === note) this.view.patch({ note: undefined });
    }, NOTE_MS);
  }

  #changed(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#lastRead + READ_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#lastRead = performance.now();
      this.#read();
    }, wait);
  }

  #read(): void {
    const session = this.#driver.exportScenario();
    const { steps } = session.scenario;
    const last = steps.at(-1);
    const mark = `${steps.length} ${JSON.stringify(steps[0])} ${JSON.stringify(last)}`;
    const role = this.#driver.role;
    if (mark === this.#steps) return;
    this.#steps = mark;
    this.#origin = originAfter(this.#origin, this.view.value.session.scenario.steps, steps);
    const timeline = timelineOf(session.scenario, this.#origin);
    this.#offset = this.#offsetOf(session, timeline, last);
    const wallAtZeroMs = timeline.wallAtZeroMs ?? this.#wallAtZero();
    this.view.patch({ session, role, timeline: { ...timeline, wallAtZeroMs } });
  }

  /** Once reckoned it stays: two clocks read one after the other never agree to the millisecond. */
  #wallAtZero(): number {
    const before = this.view.value.timeline.wallAtZeroMs;
    const now = Math.round(Date.now() - this.#driver.nowMs - this.#offset);
    return before !== null && Math.abs(before - now) < SAME_CLOCK_MS ? before : now;
  }

  /** The owner's log is on this driver's clock; a follower's is on another tab's, and both know when the binding ends. */
  #offsetOf(session: Exported, timeline: Timeline, last: ScenarioStep | undefined): number {
    if (this.#driver.role !== "follower") return last ? timeline.endMs - atOf(last) : -this.#driver.nowMs;
    const theirs = statusAt(session, timeline.endMs)?.expiresAtMs;
    const ours = this.#driver.status.expiresAtMs;
    if (theirs !== undefined && ours !== undefined) return theirs - ours;
    return timeline.endMs - this.#driver.nowMs;
  }
}

function atOf(step: ScenarioStep): number {
  return step.op === "step" ? step.atMs : step.restoreAtMs;
}

/** This device's own, kept so that a page loaded again knows its binding. */
function instanceOf(name: string): string {
  const key = `instance:${name}`;
  const known = kept("local", key);
  if (known) return known;
  const made = crypto.randomUUID();
  keep("local", key, made);
  return made;
}

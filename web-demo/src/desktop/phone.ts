// The phone of this page: a Driver with JsSIP, and what of it is shown. It decides nothing.

import type { Status } from "@rehome/sip";
import { doh } from "@rehome/sip/doh";
import { Driver, type Exported, type Notice, type Role, type ScenarioStep } from "@rehome/sip/driver";
import { jssip } from "@rehome/sip/jssip";
import JsSIP from "jssip";
import { statusAt } from "../session/status.js";
import { timelineOf } from "../session/timeline.js";
import type { SessionMs, Timeline } from "../session/types.js";
import { Store } from "../store.js";
import { CONFIG, PASSWORD, type PageSettings } from "./settings.js";
import { keep, kept } from "./storage.js";

export interface PhoneView {
  readonly role: Role;
  /** On the driver's clock. */
  readonly status: Status;
  readonly session: Exported;
  readonly timeline: Timeline;
  readonly agentIn: boolean;
  readonly inCall: boolean;
  /** What the driver itself met with, in a sentence. */
  readonly note: string | undefined;
}

/** The session is read again at most this often. */
const READ_EVERY_MS = 250;
const SAME_CLOCK_MS = 1000;

export class Phone {
  readonly view: Store<PhoneView>;
  #driver: Driver;
  #agentKey: string;
  #lastRead = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #steps = "";
  /** The session's time less the driver's. */
  #offset = 0;

  constructor({ user, site }: PageSettings, dohUrl: string) {
    const name = `web-demo:${user}:${site}`;
    this.#agentKey = `agent:${name}`;
    const registrar = jssip({
      JsSIP,
      uri: `sip:${user}@example.test`,
      password: PASSWORD,
      url: (target, address) => `ws://${address ?? target.host}:${target.port}/ws?user=${encodeURIComponent(user)}`,
      instanceId: instanceOf(name),
    });
    this.#driver = new Driver({ config: CONFIG, resolver: doh({ servers: [dohUrl] }), registrar, name });
    const session = this.#driver.exportScenario();
    this.view = new Store<PhoneView>({
      role: this.#driver.role,
      status: this.#driver.status,
      session,
      timeline: timelineOf(session.scenario),
      agentIn: kept("session", this.#agentKey) === "in",
      inCall: false,
      note: undefined,
    });
    this.#driver.on("status", (status) => {
      this.view.patch({ status, role: this.#driver.role });
      this.#changed();
    });
    this.#driver.on("event", () => this.#changed());
    this.#driver.on("action", () => this.#changed());
    this.#driver.on("notice", (notice) => {
      const note = sentenceOf(notice) ?? this.view.value.note;
      this.view.patch({ role: this.#driver.role, note });
      this.#changed();
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
    this.view.patch({ inCall });
    if (inCall) this.#driver.busy();
    else this.#driver.idle();
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
    keep("session", this.#agentKey, agentIn ? "in" : null);
    this.view.patch({ agentIn });
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
    const timeline = timelineOf(session.scenario);
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

function sentenceOf(notice: Notice): string | undefined {
  switch (notice.type) {
    case "restored":
      return `The page was loaded again: the registration goes on from ${(notice.ageMs / 1000).toFixed(1)} s before.`;
    case "snapshotRefused":
      return "What was kept of the session before could not be used: this is a fresh start.";
    case "notSaved":
      return "The browser keeps nothing for this page: a reload will be a fresh start.";
    case "noLocks":
      return "Without Web Locks two tabs would both register: leave one tab open.";
    case "noWorker":
      return `Timers may be ${Math.round(notice.slackMs / 1000)} s late while this tab is hidden; the policy knows it.`;
    case "slept":
      return "This device slept, or the page was frozen.";
    default:
      return undefined;
  }
}

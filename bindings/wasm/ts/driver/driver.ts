// Carries out what the registration asks for: timers, lookups, REGISTERs, tabs, reloads. It decides nothing.

import { RehomeError } from "../errors.js";
import type { Config, Input, Outcome, Status, Step, Target } from "../types.js";
import { type Alarm, HIDDEN_PAGE_SLACK_MS, plainAlarm } from "./alarm.js";
import { SleepClock } from "./clock.js";
import { type CoreRegistration, defaultEnvironment, type Environment, isPage } from "./environment.js";
import { fromBase64, Kept, toBase64 } from "./kept.js";
import { type DriverOptions, type Listeners, Listening, type Notice, type Role } from "./listeners.js";
import { type Exported, Log } from "./log.js";
import { type Command, type Message, shifted, Tabs } from "./tabs.js";
import { NO_ANSWER, NO_OUTCOME, Work } from "./work.js";

/** At the latest after this the clocks are read: a timer does not count the time that it slept through. */
const HEARTBEAT_MS = 15_000;
/** A timer this late was not late, but asleep (rule 0.4). */
const ASLEEP_MS = 5000;

const NOTHING_YET: Status = { state: "stopped", primary: false, streak: 0, plan: [], failedRounds: 0 };

/**
 * Registers one account from a page or a process. Make one, listen, and call `start`. In a page one tab of an origin
 * registers, the others follow its status, hand it what their user asks for, and take over when it closes.
 */
export class Driver {
  #options: DriverOptions;
  #env: Environment;
  #clock: SleepClock;
  #alarm: Alarm | undefined;
  #seed: number;
  #config: Config;
  #registration: CoreRegistration | undefined;
  #log: Log;
  #role: Role = "pending";
  #status: Status = NOTHING_YET;
  #told = "";
  #running = false;
  #kept: Kept;
  #savedFor = "";
  #wakeMs: number | null = null;
  #dueMs = Number.POSITIVE_INFINITY;
  #work: Work | undefined;
  #inputs: Input[] = [];
  #draining = false;
  #commands: Command[] = [];
  #stops: (() => void)[] = [];
  #tabs: Tabs;
  /** In the back/forward cache. */
  #away = false;
  #listening = new Listening();

  /** Throws where the configuration cannot be used. In a browser, `await init()` first. */
  constructor(options: DriverOptions) {
    this.#options = options;
    this.#env = { ...defaultEnvironment(), ...options.environment };
    this.#seed = options.seed ?? drawnSeed();
    this.#env.core.create(options.config, this.#seed).free();
    this.#config = structuredClone(options.config);
    this.#log = new Log(this.#config, this.#seed);
    this.#clock = new SleepClock(this.#env.clock);
    const name = `rehome:${options.name ?? "rehome"}`;
    this.#kept = new Kept(name, this.#env.storage, (notice) => this.#notice(notice));
    this.#tabs = new Tabs(name, this.#env, {
      own: () => this.#own(),
      alone: (error) => this.#alone(error),
      hear: (message) => this.#hear(message),
    });
    options.registrar.onFlowLost = (target) => this.#flowLost(target);
    const page = this.#env.page;
    page?.addEventListener("pagehide", this.#hidden);
    page?.addEventListener("pageshow", this.#shown);
    page?.addEventListener("online", this.#online);
    page?.addEventListener("offline", this.#offline);
    void this.#begin();
  }

  /** Begins to register, or goes on after a reload. While registered it ends a wait, nothing more (rule 6.1). */
  start(): void {
    this.#command({ type: "start" });
  }

  /** Unregisters (rule 6.8); resolves when that is done. */
  stop(): Promise<void> {
    if (this.#role === "closed") return Promise.resolve();
    const stopped = new Promise<void>((resolve) => this.#stops.push(resolve));
    this.#command({ type: "stop" });
    if (this.#role === "follower" && this.#status.state === "stopped") this.#stopped();
    return stopped;
  }

  /** A new agent login session began: back to the primary (rule 6.3). */
  agentLogin(): void {
    this.#command({ type: "agentLogin" });
  }

  /** Somebody asked for the primary (rule 6.4). */
  tryPrimary(): void {
    this.#command({ type: "tryPrimary" });
  }

  /** A call is up: nothing is moved (rule 6.6). */
  busy(): void {
    this.#command({ type: "busy" });
  }

  /** The last call has ended. */
  idle(): void {
    this.#command({ type: "idle" });
  }

  /** Another configuration, the whole of it (rule 6.9). Throws where it cannot be used. */
  configure(config: Config): void {
    this.#env.core.create(config, this.#seed).free();
    this.#command({ type: "configure", config: structuredClone(config) });
  }

  /** Where the application owns the refreshes: what one of them came to (rule 5.2). */
  refreshed(outcome: Outcome): void {
    this.#command({ type: "refreshed", outcome });
  }

  /** A page's `offline` is heard without this. */
  networkDown(): void {
    this.#command({ type: "networkDown" });
  }

  /** A page's `online` is heard without this. */
  networkChanged(): void {
    this.#command({ type: "networkChanged" });
  }

  /** A sleep that was noticed by other means; the driver's own are in `notice`. */
  resumed(): void {
    this.#command({ type: "resumed" });
  }

  get role(): Role {
    return this.#role;
  }

  /** What can be said now (rule 7.3); in a follower, what the owner said last. */
  get status(): Status {
    return this.#registration?.status(this.#clock.now()) ?? this.#status;
  }

  /** The clock on which all times are: whole milliseconds since the driver was made, sleep included. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** Listens; what comes back ends it. */
  on<K extends keyof Listeners>(type: K, listener: Listeners[K]): () => void {
    return this.#listening.on(type, listener);
  }

  /** The last 500 inputs and what came of them, for support. It holds host names, no password. */
  exportScenario(): Exported {
    return this.#log.export(this.#env.clock.wallMs());
  }

  /** Ends this tab's part without unregistering: another tab, or the next page, goes on. */
  async close(): Promise<void> {
    if (this.#role === "closed") return;
    this.#save();
    this.#leave("closed");
    const page = this.#env.page;
    page?.removeEventListener("pagehide", this.#hidden);
    page?.removeEventListener("pageshow", this.#shown);
    page?.removeEventListener("online", this.#online);
    page?.removeEventListener("offline", this.#offline);
    this.#alarm?.close();
    this.#stopped();
    delete this.#options.registrar.onFlowLost;
    try {
      await this.#options.registrar.close();
    } catch (error) {
      this.#notice({ type: "registrarFailed", error });
    }
  }

  // Becoming the owner.

  async #begin(): Promise<void> {
    const alarm = await this.#env.alarm().catch(() => plainAlarm(isPage() ? HIDDEN_PAGE_SLACK_MS : 0));
    if (this.#role === "closed") {
      alarm.close();
      return;
    }
    this.#use(alarm);
    await this.#tabs.enter();
  }

  /** This tab's part ends; what was kept is for whoever goes on. */
  #leave(role: Role): void {
    this.#become(role);
    this.#work?.end();
    this.#inputs = [];
    this.#wakeMs = null;
    this.#alarm?.clear();
    this.#registration?.free();
    this.#registration = undefined;
    this.#tabs.leave();
  }

  #use(alarm: Alarm): void {
    this.#alarm = alarm;
    alarm.onRing = () => this.#rings();
    alarm.onLost = () => {
      if (this.#role === "closed") return;
      alarm.close();
      this.#use(plainAlarm(HIDDEN_PAGE_SLACK_MS));
      if (this.#registration) this.#hand({ type: "configure", config: this.#slackened() });
    };
    if (alarm.slackMs > 0) this.#notice({ type: "noWorker", slackMs: alarm.slackMs });
  }

  /** The configuration, with the lateness of this host's timers. */
  #slackened(): Config {
    const slack = this.#alarm?.slackMs ?? 0;
    if ((this.#config.refresh?.timerSlackMs ?? 0) >= slack) return this.#config;
    return { ...this.#config, refresh: { ...this.#config.refresh, timerSlackMs: slack } };
  }

  #alone(error: unknown): void {
    if (this.#is("closed")) return;
    if (error !== undefined) this.#notice({ type: "noLocks", error });
    else if (isPage()) this.#notice({ type: "noLocks" });
    this.#own();
  }

  #own(): void {
    this.#become("owner");
    const { resolver, registrar } = this.#options;
    this.#work = new Work({
      resolver,
      registrar,
      now: () => this.#clock.now(),
      hand: (input) => this.#hand(input),
      notice: (notice) => this.#notice(notice),
    });
    if (this.#running) this.#do({ type: "start" });
    else this.#status = NOTHING_YET;
    for (const command of this.#commands.splice(0)) this.#do(command);
    this.#changed();
  }

  #become(role: Role): void {
    if (this.#role === role) return;
    this.#role = role;
    this.#notice({ type: "role", role });
  }

  /** Asked again after a wait: the role may be another. */
  #is(role: Role): boolean {
    return this.#role === role;
  }

  // Other tabs.

  #hear(message: Message): void {
    if (this.#role === "owner") {
      if (message.type === "command") this.#do(message.command, true);
      if (message.type !== "hello") return;
      this.#tell(true);
      if (this.#kept.saved) this.#tabs.post({ v: 1, type: "saved", saved: this.#kept.saved });
      return;
    }
    if (message.type === "saved") {
      this.#kept.saved = message.saved ?? undefined;
      this.#log = Log.from(message.saved?.log) ?? this.#log;
    }
    if (message.type !== "status") return;
    this.#become("follower");
    const theirs = message.atMs + (this.#env.clock.wallMs() - message.wallMs);
    this.#running = message.running;
    this.#status = shifted(message.status, this.#clock.now() - theirs);
    this.#listening.emit("status", this.#status);
    if (this.#status.state === "stopped") {
      this.#kept.forget();
      this.#stopped();
    }
    for (const command of this.#commands.splice(0)) this.#tabs.post({ v: 1, type: "command", command });
  }

  #command(command: Command): void {
    if (this.#role === "owner") this.#do(command);
    else if (this.#role === "pending") this.#commands.push(command);
    else this.#tabs.post({ v: 1, type: "command", command });
  }

  #do(command: Command, fromAfar = false): void {
    if (command.type === "configure") {
      this.#config = command.config;
      if (!this.#registration) return;
      this.#hand({ type: "configure", config: this.#slackened() });
      return;
    }
    if (!this.#registration) {
      if (command.type === "stop") {
        this.#running = false;
        this.#kept.forget();
        this.#changed();
        return;
      }
      // After a reload what was begun goes on; that is no new start.
      if (this.#restore() && command.type === "start") return;
      if (!this.#registration) this.#fresh();
    }
    // A tab that opens asks to start what runs already: no wish to end a wait.
    if (command.type === "start" && fromAfar && this.#running) return;
    this.#hand(command);
  }

  // Reloads.

  #fresh(): void {
    const config = this.#slackened();
    this.#registration = this.#env.core.create(config, this.#seed);
    this.#log = new Log(config, this.#seed);
    if (!this.#env.isOnline()) this.#hand({ type: "networkDown" });
  }

  #restore(): boolean {
    const saved = this.#kept.newest();
    if (!saved) return false;
    const config = this.#slackened();
    const nowMs = this.#clock.now();
    const wallMs = Math.floor(this.#env.clock.wallMs());
    try {
      this.#registration = this.#env.core.restore(config, this.#seed, fromBase64(saved.snapshot), nowMs, wallMs);
    } catch (error) {
      this.#notice({ type: "snapshotRefused", error });
      this.#kept.forget();
      return false;
    }
    this.#log = Log.from(saved.log) ?? new Log(config, this.#seed).truncated();
    const at = { atMs: saved.atMs, wallMs: saved.wallMs, restoreAtMs: nowMs, restoreWallMs: wallMs };
    this.#log.restored(at, config, this.#seed);
    this.#notice({ type: "restored", ageMs: wallMs - saved.wallMs });
    this.#hand({ type: this.#env.isOnline() ? "wake" : "networkDown" });
    return true;
  }

  /** Keeps a snapshot for a reload, and for the tab that takes over. */
  #save(): void {
    if (!this.#registration || !this.#running) return;
    const atMs = this.#clock.now();
    const wallMs = Math.floor(this.#env.clock.wallMs());
    const snapshot = toBase64(this.#registration.snapshot(atMs, wallMs));
    this.#kept.keep({ v: 1, atMs, wallMs, snapshot, log: this.#log.data });
    this.#tabs.post({ v: 1, type: "saved", saved: this.#kept.saved ?? null });
  }

  #hidden = (event: globalThis.Event): void => {
    if (this.#role === "owner") this.#save();
    if (!(event as PageTransitionEvent).persisted || !this.#tabs.entered) return;
    // A page in the back/forward cache would keep the lock and do nothing: whichever tab is there goes on.
    this.#away = true;
    this.#leave("pending");
  };

  #shown = (event: globalThis.Event): void => {
    if (!(event as PageTransitionEvent).persisted) return;
    if (this.#registration) this.#hand({ type: "resumed" });
    if (!this.#away) return;
    this.#away = false;
    void this.#tabs.enter();
  };

  #online = (): void => {
    if (this.#registration) this.#hand({ type: "networkChanged" });
  };

  #offline = (): void => {
    if (this.#registration) this.#hand({ type: "networkDown" });
  };

  // The registration.

  #hand(input: Input): void {
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
        const now = this.#clock.now();
        if (this.#clock.slept) {
          this.#clock.slept = false;
          this.#notice({ type: "slept" });
          if (next.type !== "resumed") this.#step({ type: "resumed" }, now);
        }
        this.#step(next, now);
      }
    } finally {
      this.#draining = false;
    }
    this.#changed();
    this.#set();
  }

  #step(input: Input, now: number): void {
    if (!this.#registration) return;
    let step: Step;
    try {
      step = this.#registration.step(input, now);
    } catch (error) {
      this.#notice({ type: "inputRefused", input, error });
      this.#mend(input, error);
      return;
    }
    this.#log.step(input, now, step);
    this.#wakeMs = step.wakeMs;
    for (const event of step.events) this.#listening.emit("event", event, now);
    for (const action of step.actions) {
      if (this.#is("closed")) return;
      this.#listening.emit("action", action, now);
      this.#work?.do(action, now);
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

  #flowLost(target: Target): void {
    if (this.#registration) this.#hand({ type: "flowLost", target });
  }

  // Time.

  #set(): void {
    if (!this.#alarm || this.#role === "closed") return;
    if (this.#wakeMs === null) {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#alarm.clear();
      return;
    }
    const now = this.#clock.now();
    const ms = Math.min(Math.max(0, this.#wakeMs - now), HEARTBEAT_MS);
    this.#dueMs = now + ms;
    this.#alarm.set(ms);
  }

  #rings(): void {
    if (!this.#registration) return;
    const now = this.#clock.now();
    if (now - this.#dueMs > ASLEEP_MS + (this.#alarm?.slackMs ?? 0)) this.#clock.slept = true;
    if (this.#clock.slept) this.#hand({ type: "resumed" });
    else if (this.#wakeMs !== null && now >= this.#wakeMs) this.#hand({ type: "wake" });
    else this.#set();
  }

  // Telling.

  /** After the status may have changed. */
  #changed(): void {
    if (this.#role !== "owner") return;
    if (this.#registration) this.#status = this.#registration.status(this.#clock.now());
    const { state, home, expiresAtMs } = this.#status;
    const wasRunning = this.#running;
    this.#running = state !== "stopped" && state !== "stopping";
    this.#tell();
    const savedFor = this.#running ? `${home?.id} ${expiresAtMs}` : "";
    if (savedFor !== this.#savedFor) {
      this.#savedFor = savedFor;
      this.#save();
    }
    if (wasRunning && !this.#running) {
      this.#kept.forget();
      this.#tabs.post({ v: 1, type: "saved", saved: null });
    }
    if (state === "stopped") this.#stopped();
  }

  #tell(again = false): void {
    const told = JSON.stringify(this.#status);
    const isNew = told !== this.#told;
    if (!isNew && !again) return;
    this.#told = told;
    const status = this.#status;
    const [atMs, wallMs] = [this.#clock.now(), this.#env.clock.wallMs()];
    this.#tabs.post({ v: 1, type: "status", status, atMs, wallMs, running: this.#running });
    if (isNew) this.#listening.emit("status", status);
  }

  #stopped(): void {
    for (const resolve of this.#stops.splice(0)) resolve();
  }

  #notice(notice: Notice): void {
    this.#listening.emit("notice", notice);
  }
}

function drawnSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}

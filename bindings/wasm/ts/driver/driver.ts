// Registers an account: which tab does it, what its user asks for, what outlives a reload. It decides nothing.

import type { Config, Input, Outcome, Status } from "../types.js";
import { type Alarm, HIDDEN_PAGE_SLACK_MS, plainAlarm } from "./alarm.js";
import { Unanswered } from "./asked.js";
import { SleepClock } from "./clock.js";
import { type CoreRegistration, defaultEnvironment, type Environment, isPage } from "./environment.js";
import { fromBase64, Kept } from "./kept.js";
import { type Listeners, Listening, type Notice, type Role } from "./listeners.js";
import { type Exported, isSame, Log, plain } from "./log.js";
import { forgetConnections, Machine } from "./machine.js";
import { type DriverOptions, readOptions } from "./options.js";
import { Page } from "./page.js";
import { type Command, type Message, shifted, Tabs } from "./tabs.js";
import { Waker } from "./waker.js";

const NOTHING_YET: Status = { state: "stopped", primary: false, streak: 0, plan: [], failedRounds: 0 };

/**
 * Registers one account from a page or a process. Make one, listen, and call `start`. In a page one tab of an origin
 * registers, the others follow its status, hand it what their user asks for, and take over when it closes.
 */
export class Driver {
  #options: ReturnType<typeof readOptions>;
  #env: Environment;
  #clock: SleepClock;
  #waker: Waker;
  #seed: number;
  #config: Config;
  #machine: Machine | undefined;
  #log: Log;
  #role: Role = "pending";
  #status: Status = NOTHING_YET;
  #told = "";
  /** Whether it is wanted that the phone runs. */
  #wanted = false;
  /** What this tab's user said last; a snapshot holds none of it. */
  #busy = false;
  #down = false;
  #opened = false;
  #kept: Kept;
  #savedFor = "";
  #unanswered = new Unanswered((command) => this.#notice({ type: "unanswered", command }));
  #stops: (() => void)[] = [];
  #tabs: Tabs;
  #page: Page;
  /** Among the tabs. */
  #self = drawn();
  #owner: number | undefined;
  /** Since when it is in the back/forward cache. */
  #awaySinceMs: number | undefined;
  #listening = new Listening();

  /** Throws for options that cannot be used. In a browser, `await init()` first. */
  constructor(options: DriverOptions) {
    this.#options = readOptions(options);
    this.#env = { ...defaultEnvironment(), ...options.environment };
    this.#seed = options.seed ?? drawn();
    this.#config = this.#tried(options.config);
    this.#log = new Log(this.#config, this.#seed, this.#options.keepInputs);
    this.#clock = new SleepClock(this.#env.clock);
    this.#waker = new Waker(this.#clock, {
      wake: () => this.#machine?.hand({ type: "wake" }),
      slept: () => this.#machine?.hand({ type: "resumed" }),
      slackened: (slackMs) => {
        this.#notice({ type: "noWorker", slackMs });
        this.#machine?.hand({ type: "configure", config: this.#slackened() });
      },
    });
    const name = `rehome:${this.#options.name}`;
    this.#kept = new Kept(name, this.#env, (notice) => this.#notice(notice));
    this.#tabs = new Tabs(name, this.#env, {
      own: () => this.#own(),
      alone: (error) => this.#alone(error),
      hear: (message) => this.#hear(message),
    });
    options.registrar.onFlowLost = (target) => this.#machine?.hand({ type: "flowLost", target });
    this.#page = new Page(this.#env.page, {
      hidden: (kept) => this.#hidden(kept),
      shownAgain: () => this.#shownAgain(),
      online: () => this.#network("networkChanged"),
      offline: () => this.#network("networkDown"),
    });
    void this.#begin();
  }

  /**
   * Begins to register, or goes on after a reload. While registered it ends a wait, nothing more (rule 6.1); a page's
   * first one not even that.
   */
  start(): void {
    const opening = !this.#opened;
    this.#opened = true;
    this.#command({ type: "start" }, opening);
  }

  /** Unregisters (rule 6.8); resolves when that is done. */
  stop(): Promise<void> {
    if (this.#role === "closed") return Promise.resolve();
    const stopped = new Promise<void>((resolve) => this.#stops.push(resolve));
    this.#command({ type: "stop" });
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
    this.#busy = true;
    this.#command({ type: "busy" });
  }

  /** The last call has ended. */
  idle(): void {
    this.#busy = false;
    this.#command({ type: "idle" });
  }

  /**
   * Another configuration, the whole of it (rule 6.9), for all tabs and those that take over; a page that is loaded with
   * no other beside it brings its own. Throws where it cannot be used.
   */
  configure(config: Config): void {
    this.#command({ type: "configure", config: this.#tried(config) });
  }

  /** Where the application owns the refreshes: what one of them came to (rule 5.2). Throws for what is no outcome. */
  refreshed(outcome: Outcome): void {
    const trial = this.#env.core.create(this.#config, this.#seed);
    try {
      trial.step({ type: "refreshed", outcome }, 0);
    } finally {
      trial.free();
    }
    this.#command({ type: "refreshed", outcome: plain(outcome) });
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
    return this.#machine?.status ?? this.#status;
  }

  /** The clock on which all times are: whole milliseconds since the driver was made, sleep included. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** Listens; what comes back ends it. Throws for what nobody tells. */
  on<K extends keyof Listeners>(type: K, listener: Listeners[K]): () => void {
    return this.#listening.on(type, listener);
  }

  /** The last inputs (`keepInputs`) and what came of them, for support. It holds host names, no password. */
  exportScenario(): Exported {
    return this.#log.export(this.#env.clock.wallMs());
  }

  /** Ends this tab's part without unregistering: another tab, or the next page, goes on. */
  async close(): Promise<void> {
    if (this.#role === "closed") return;
    this.#save();
    this.#leave("closed");
    this.#page.close();
    this.#waker.close();
    this.#unanswered.take();
    this.#stopped();
    delete this.#options.registrar.onFlowLost;
    try {
      await this.#options.registrar.close();
    } catch (error) {
      this.#notice({ type: "registrarFailed", error });
    }
  }

  // Which tab it is.

  async #begin(): Promise<void> {
    let alarm: Alarm;
    try {
      alarm = await this.#env.alarm();
    } catch {
      alarm = plainAlarm(isPage() ? HIDDEN_PAGE_SLACK_MS : 0);
    }
    if (this.#role === "closed") {
      alarm.close();
      return;
    }
    this.#waker.use(alarm);
    await this.#tabs.enter();
  }

  /** This tab's part ends; what was kept is for whoever goes on. */
  #leave(role: Role): void {
    this.#become(role);
    this.#owner = undefined;
    this.#machine?.end();
    this.#machine = undefined;
    this.#tabs.leave();
  }

  #alone(error: unknown): void {
    if (this.#role === "closed") return;
    if (error !== undefined) this.#notice({ type: "noLocks", error });
    else if (isPage()) this.#notice({ type: "noLocks" });
    this.#own();
  }

  #own(): void {
    this.#become("owner");
    // The others hear of it, whatever the status is.
    this.#told = "";
    const asked = this.#unanswered.take();
    if (this.#wanted) {
      this.#wanted = false;
      this.#do({ type: "start" });
    } else this.#status = NOTHING_YET;
    for (const { command, opening } of asked) this.#do(command, opening);
    this.#changed();
  }

  #become(role: Role): void {
    if (this.#role === role) return;
    this.#role = role;
    this.#notice({ type: "role", role });
  }

  #hear(message: Message): void {
    if (this.#role === "owner") {
      if (message.type === "command") {
        const { tab, asked } = message;
        this.#do(asked.command, asked.opening);
        this.#tabs.post({ v: 1, type: "done", tab, number: asked.number, state: this.#status.state });
      }
      if (message.type !== "hello") return;
      this.#tell();
      if (this.#kept.saved) this.#tabs.post({ v: 1, type: "saved", saved: this.#kept.saved });
      return;
    }
    if (message.type === "saved") {
      this.#kept.saved = message.saved;
      this.#log = Log.from(message.saved.log, this.#options.keepInputs) ?? this.#log;
    }
    if (message.type === "done" && message.tab === this.#self) {
      this.#unanswered.done(message.number);
      if (message.state === "stopped") this.#stopped();
    }
    if (message.type === "stopped") this.#stopped();
    if (message.type === "status") this.#follow(message);
  }

  #follow({ owner, status, wanted, config, atMs, wallMs }: Extract<Message, { type: "status" }>): void {
    this.#become("follower");
    const theirs = atMs + (this.#env.clock.wallMs() - wallMs);
    this.#status = shifted(status, this.#clock.now() - theirs);
    this.#config = config;
    this.#wanted = wanted;
    if (!wanted) this.#kept.forget();
    if (owner !== this.#owner) {
      // What the one before has not done is for this one, and it knows of no call.
      this.#owner = owner;
      const asked = this.#unanswered.all;
      if (this.#busy && !asked.some(({ command }) => command.type === "busy")) {
        asked.push(this.#unanswered.add({ type: "busy" }, false));
      }
      for (const one of asked) this.#tabs.post({ v: 1, type: "command", tab: this.#self, asked: one });
    }
    if (!wanted && status.state === "stopped") this.#stopped();
    const told = JSON.stringify(status);
    if (told === this.#told) return;
    this.#told = told;
    this.#listening.emit("status", this.#status);
  }

  // What is asked for.

  /** A copy; throws for a configuration that cannot be used. */
  #tried(config: Config): Config {
    this.#env.core.create(config, this.#seed).free();
    return plain(config);
  }

  #command(command: Command, opening = false): void {
    if (this.#role === "closed") return;
    if (this.#role === "owner") {
      this.#do(command, opening);
      return;
    }
    const asked = this.#unanswered.add(command, opening);
    if (this.#role === "follower") this.#tabs.post({ v: 1, type: "command", tab: this.#self, asked });
  }

  #do(command: Command, opening = false): void {
    const { type } = command;
    if (type === "configure") {
      this.#config = command.config;
      this.#savedFor = "";
      this.#tell();
      this.#machine?.hand({ type, config: this.#slackened() });
      return;
    }
    if (type === "networkDown" || type === "networkChanged") this.#down = type === "networkDown";
    // A page that opens wants what runs already: no wish to end a wait.
    if (type === "start" && opening && this.#wanted) return;
    // With its switch off a login begins nothing (rule 6.4).
    const begins = type === "start" || (type === "agentLogin" && this.#config.failback?.onAgentLogin !== false);
    const isWish = begins || type === "stop";
    // After a reload what was begun goes on; that is no new start.
    const restored = isWish && !this.#wanted && this.#restore(begins);
    if (isWish) this.#want(begins);
    if (!this.#machine && type !== "stop") this.#fresh();
    if (this.#machine && !(restored && type === "start")) this.#machine.hand(command);
    else this.#changed();
  }

  #want(wanted: boolean): void {
    if (!wanted) this.#kept.forget();
    this.#kept.stopped(wanted ? undefined : Math.floor(this.#env.clock.wallMs()));
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#tell();
  }

  // The registration.

  #fresh(): void {
    const config = this.#slackened();
    this.#log = new Log(config, this.#seed, this.#options.keepInputs);
    this.#use(this.#env.core.create(config, this.#seed), config);
    if (this.#isDown) this.#machine?.hand({ type: "networkDown" });
    if (this.#busy) this.#machine?.hand({ type: "busy" });
  }

  /** Goes on from what was kept, with its configuration. To be stopped at once, it is not woken. */
  #restore(wakes: boolean): boolean {
    const saved = this.#kept.newest();
    if (!saved) return false;
    const nowMs = this.#clock.now();
    const wallMs = Math.floor(this.#env.clock.wallMs());
    let registration: CoreRegistration;
    try {
      const bytes = fromBase64(saved.snapshot);
      registration = this.#env.core.restore(saved.config, this.#seed, bytes, nowMs, wallMs);
    } catch (error) {
      this.#notice({ type: "snapshotRefused", error });
      this.#kept.forget();
      return false;
    }
    const { keepInputs } = this.#options;
    this.#log = Log.from(saved.log, keepInputs) ?? new Log(saved.config, this.#seed, keepInputs).truncated();
    const at = { atMs: saved.atMs, wallMs: saved.wallMs, restoreAtMs: nowMs, restoreWallMs: wallMs };
    this.#log.restored(at, saved.config, this.#seed);
    this.#use(registration, saved.config);
    this.#notice({ type: "restored", ageMs: wallMs - saved.wallMs });
    const first: Input[] = [];
    if (this.#isDown) first.push({ type: "networkDown" });
    if (wakes && !isSame(saved.config, this.#slackened())) first.push({ type: "configure", config: this.#slackened() });
    if (wakes && first.length === 0) first.push({ type: "wake" });
    if (this.#busy) first.push({ type: "busy" });
    for (const input of first) this.#machine?.hand(input);
    return true;
  }

  #use(registration: CoreRegistration, config: Config): void {
    this.#machine?.end();
    const { resolver, registrar } = this.#options;
    this.#machine = new Machine(registration, config, this.#log, {
      resolver,
      registrar,
      clock: this.#clock,
      waker: this.#waker,
      listening: this.#listening,
      changed: () => this.#changed(),
      stopped: () => {
        this.#tabs.post({ v: 1, type: "stopped" });
        this.#stopped();
      },
    });
  }

  /** The configuration, with the lateness of this host's timers. */
  #slackened(): Config {
    const slack = this.#waker.slackMs;
    if ((this.#config.refresh?.timerSlackMs ?? 0) >= slack) return this.#config;
    return { ...this.#config, refresh: { ...this.#config.refresh, timerSlackMs: slack } };
  }

  get #isDown(): boolean {
    return this.#down || !this.#env.isOnline();
  }

  /** Keeps a snapshot for a reload, and for the tab that takes over. */
  #save(): void {
    if (!this.#machine || !this.#wanted) return;
    const saved = this.#machine.save(Math.floor(this.#env.clock.wallMs()));
    this.#kept.keep(saved);
    this.#tabs.post({ v: 1, type: "saved", saved });
  }

  // The page.

  #hidden(kept: boolean): void {
    if (this.#role === "owner") this.#save();
    if (!kept || !this.#tabs.entered) return;
    // It would keep the lock and do nothing: whichever tab is there goes on.
    this.#awaySinceMs = this.#env.clock.wallMs();
    this.#leave("pending");
  }

  #shownAgain(): void {
    const online = this.#down ? "networkChanged" : "resumed";
    if (this.#machine) this.#network(this.#env.isOnline() ? online : "networkDown");
    if (this.#awaySinceMs === undefined) return;
    // It heard nothing meanwhile, of a stop neither.
    if (this.#kept.stoppedAfter(this.#awaySinceMs)) this.#wanted = false;
    this.#awaySinceMs = undefined;
    forgetConnections(this.#options.registrar, this.#listening);
    void this.#tabs.enter();
  }

  #network(type: "networkDown" | "networkChanged" | "resumed"): void {
    if (type !== "resumed") this.#down = type === "networkDown";
    this.#machine?.hand({ type });
  }

  // Telling.

  /** After the status may have changed. */
  #changed(): void {
    if (this.#role !== "owner") return;
    if (this.#machine) this.#status = this.#machine.status;
    const { state, home, expiresAtMs } = this.#status;
    const savedFor = this.#wanted ? `${home?.id} ${expiresAtMs}` : "";
    if (savedFor !== this.#savedFor) {
      this.#savedFor = savedFor;
      this.#save();
    }
    if (state === "stopped") this.#stopped();
    const told = JSON.stringify(this.#status);
    if (told === this.#told) return;
    this.#told = told;
    this.#tell();
    this.#listening.emit("status", this.#status);
  }

  /** To the other tabs. */
  #tell(): void {
    const [atMs, wallMs] = [this.#clock.now(), this.#env.clock.wallMs()];
    const followed = { status: this.#status, wanted: this.#wanted, config: this.#config };
    this.#tabs.post({ v: 1, type: "status", owner: this.#self, atMs, wallMs, ...followed });
  }

  #stopped(): void {
    for (const resolve of this.#stops.splice(0)) resolve();
  }

  #notice(notice: Notice): void {
    this.#listening.emit("notice", notice);
  }
}

/** By chance, from 0 to 2^53 - 1. */
function drawn(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}

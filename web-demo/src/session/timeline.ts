// A session's steps, folded into what is drawn. It reads whatever a log has, and never throws.

import type { EventType, Rule } from "@rehome/sip";
import type { Scenario } from "@rehome/sip/driver";
import { Axis, BEGINNING, type Origin } from "./axis.js";
import { type Fields, fieldsOf, listOf, numberOf, textOf } from "./fields.js";
import { Lanes } from "./lanes.js";
import { markOf, reloadMark, restartMark, triggerMark } from "./marks.js";
import { shortNames, targetParts } from "./names.js";
import { Plan } from "./plan.js";
import { layOver } from "./scenarios.js";
import { Service } from "./service.js";
import type { Entry, Lane, Mark, SessionMs, Timeline } from "./types.js";
import { type Context, eventWords, type LoggedEvent } from "./words.js";
import { Works } from "./works.js";

/** Named at the end only: short names need all targets. */
type Later<T> = (name: (target: string) => string) => T;

class Session {
  #origin: Origin;
  #axis: Axis;
  #config: Fields;
  #plan: Plan;
  #lanes: Lanes;
  #service = new Service();
  #works = new Works();
  #marks: Later<Mark | undefined>[] = [];
  #entries: Later<Entry>[] = [];
  #wakeMs: number | undefined;

  constructor(config: Fields, origin: Origin) {
    this.#origin = origin;
    this.#axis = new Axis(origin.atMs);
    this.#lanes = new Lanes(origin.atMs);
    this.#config = config;
    this.#plan = new Plan(config);
  }

  add(step: Fields, index: number): void {
    const hostMs = this.#time(step.atMs);
    if (step.op === "snapshotRestore") this.#restore(step, hostMs);
    else if (step.op === "restart") this.#restart(step, this.#axis.step(hostMs));
    else if (step.op === "step" && step.error === undefined) this.#step(step, index, hostMs);
  }

  /** A file of the suite may leave the time to the step before. */
  #time(at: unknown): number {
    const last = this.#axis.hostMs(this.#axis.now);
    if (at === "wake") return this.#wakeMs ?? last;
    return numberOf(at) ?? last + (numberOf(fieldsOf(at).after) ?? 0);
  }

  #restore(step: Fields, atMs: number): void {
    const wallMs = numberOf(step.wallMs) ?? 0;
    const restoreWallMs = numberOf(step.restoreWallMs) ?? wallMs;
    const restoreAtMs = numberOf(step.restoreAtMs) ?? atMs;
    const gap = this.#axis.restore({ atMs, wallMs, restoreAtMs, restoreWallMs });
    this.#works.gone(gap.fromMs, "given up: its page is gone");
    this.#lanes.restored(gap.toMs);
    this.#configured(step.config);
    this.#marks.push(() => reloadMark(gap.fromMs, gap.toMs));
  }

  #restart(step: Fields, atMs: SessionMs): void {
    this.#works.gone(atMs, "given up: its process is gone");
    this.#works.forget();
    this.#lanes.restarted(atMs);
    this.#service.ended(atMs);
    this.#configured(step.config);
    this.#marks.push(() => restartMark(atMs));
  }

  /** Laid over the file's own. */
  #configured(config: unknown): void {
    if (config !== undefined) this.#plan.configured(fieldsOf(layOver(this.#config, config)));
  }

  #step(step: Fields, index: number, hostMs: number): void {
    const atMs = this.#axis.step(hostMs);
    const input = fieldsOf(step.input);
    const events = listOf(step.events);
    this.#input(input, atMs, events);
    for (const [place, event] of events.entries()) {
      this.#plan.event(event);
      this.#service.event(event, atMs, this.#lanes.home);
      this.#lanes.event(event, atMs);
      this.#marks.push(() => triggerMark(event, input, atMs));
      this.#entries.push(this.#entry(event, [index + this.#origin.steps, place], atMs, hostMs));
    }
    for (const action of listOf(step.actions)) {
      this.#works.act(action, this.#axis, events);
      const target = textOf(action.target);
      if (target === undefined) continue;
      this.#lanes.get(target);
      if (action.type === "register") this.#plan.registering(target);
    }
    this.#works.overdue(atMs);
    this.#wakeMs = numberOf(step.wakeMs);
  }

  #input(input: Fields, atMs: SessionMs, events: readonly Fields[]): void {
    if (input.type === "answer") {
      const ignored = events.some(({ type, id }) => type === "answerIgnored" && id === input.id);
      const name = this.#works.nameOf(input.id);
      if (!ignored) this.#plan.answered(fieldsOf(input.answer), name, events);
      this.#works.answered(input.id, input.answer, atMs);
      for (const target of this.#plan.listed.keys()) this.#lanes.get(target);
    } else if (input.type === "outcome") {
      this.#works.cameOut(input.id, input.outcome, atMs);
    } else {
      if (input.type === "configure") this.#plan.configured(fieldsOf(input.config));
      this.#marks.push((name) => markOf(input, atMs, name));
    }
  }

  #entry(event: Fields, [step, place]: [number, number], atMs: SessionMs, nowMs: number): Later<Entry> {
    const failures = this.#plan.failures;
    const work = this.#works.get(event.id);
    const type = (textOf(event.type) ?? "") as EventType;
    const rule = (textOf(event.rule) ?? "") as Rule;
    return (name) => {
      const said = work && ("name" in work ? work.name : `${work.kind.toUpperCase()} at ${name(work.target)}`);
      const context: Context = { failures, nowMs, name, work: () => said };
      return { id: `${step}.${place}`, step, atMs, type, rule, ...eventWords(event as LoggedEvent, context) };
    };
  }

  timeline(): Timeline {
    const lanes = [...this.#lanes.lanes.keys()]
      .map((target) => this.#lane(target))
      .filter((lane) => lane !== undefined);
    const name = shortNames(lanes.map(({ target }) => target));
    return {
      wallAtZeroMs: this.#axis.wallAtZeroMs,
      startMs: this.#origin.atMs,
      endMs: this.#axis.now,
      lanes: lanes.sort((a, b) => Number(b.listed) - Number(a.listed) || a.priority - b.priority),
      lookups: this.#works.lookups,
      gaps: this.#service.gaps,
      marks: this.#marks.map((mark) => mark(name)).filter(isNew),
      entries: this.#entries.map((entry) => entry(name)),
    };
  }

  /** Undefined for a target that is of no interest any more, or that the plan may not have. */
  #lane(target: string): Lane | undefined {
    const { home, held } = this.#lanes.get(target);
    const attempts = this.#works.sent.filter((sent) => sent.target === target);
    const used = home.length + held.length + attempts.length > 0;
    const listed = this.#plan.listed.get(target);
    if (!targetParts(target) || (!used && !(listed && this.#plan.isWhole))) return undefined;
    const { priority, weight } = listed ?? { priority: 0, weight: 0 };
    const primary = this.#plan.isPrimary(target);
    return { target, priority, weight, primary, listed: listed !== undefined, attempts, home, held };
  }
}

/** A call that is up does not begin: after a reload it is handed in again. */
function isNew(mark: Mark | undefined, index: number, marks: readonly (Mark | undefined)[]): mark is Mark {
  const before = mark?.kind === "call" && marks.findLast((other, place) => place < index && other?.kind === "call");
  return mark !== undefined && !(before && before.text === mark.text);
}

/** What is drawn of a session; of one whose beginning was cut, what can be known. */
export function timelineOf(scenario: Scenario, origin = BEGINNING): Timeline {
  const session = new Session(fieldsOf(scenario.config), origin);
  for (const [index, step] of scenario.steps.entries()) session.add(fieldsOf(step), index);
  return session.timeline();
}

// Everything in the chart that can be pointed at, with its text; in order of time.

import { clockText } from "../desktop/format.js";
import { shortNames } from "../session/names.js";
import type { Attempt, Binding, Lane, Mark, SessionMs, Span, Timeline, Work } from "../session/types.js";

export interface Item extends Span {
  readonly id: string;
  readonly text: string;
}

export type Namer = (target: string) => string;

/** Lanes go by their host alone where that is enough to tell them apart. */
export function laneNames(lanes: readonly Lane[]): Namer {
  const named = shortNames(lanes.map(({ target }) => target));
  const hosts = new Map(lanes.map(({ target }) => [target, named(target).replace(/:\d+(\/[a-z]+)?$/u, "")]));
  if (new Set(hosts.values()).size < lanes.length) return named;
  return (target) => hosts.get(target) ?? named(target);
}

const RESULTS: Record<Work["result"], string> = {
  running: "under way",
  good: "good",
  bad: "failed",
  no: "nothing there",
  late: "late",
  cancelled: "cancelled",
};

const HOME: Record<Binding, (name: string) => string> = {
  sure: (name) => `Home is ${name}`,
  doubt: (name) => `${name} is home still, its connection or the network went: registration in doubt`,
  expired: (name) => `${name} is home still, its binding has run out`,
};

export const attemptId = (lane: Lane, attempt: Attempt) =>
  `${lane.target} ${attempt.kind} ${attempt.id} ${attempt.fromMs}`;
export const homeId = (lane: Lane, span: Span) => `${lane.target} home ${span.fromMs}`;
export const heldId = (lane: Lane, span: Span) => `${lane.target} held ${span.fromMs}`;
export const lookupId = ({ id, fromMs }: Work) => `dns ${id} ${fromMs}`;
export const markId = ({ atMs, text }: Mark) => `mark ${atMs} ${text}`;

export function itemsOf(timeline: Timeline, named: Namer): Item[] {
  const time = (atMs: SessionMs) => clockText(atMs, timeline.wallAtZeroMs, true);
  const span = ({ fromMs, toMs }: Span) => `${time(fromMs)} to ${toMs === null ? "now" : time(toMs)}`;
  const items: Item[] = [];
  for (const lane of timeline.lanes) {
    const name = named(lane.target);
    for (const attempt of lane.attempts) {
      const what =
        attempt.kind === "register" ? `REGISTER, try ${attempt.attempt}, at ${name}` : `Unregister at ${name}`;
      items.push({
        ...attempt,
        id: attemptId(lane, attempt),
        text: `${time(attempt.fromMs)}  ${what}: ${said(attempt)}`,
      });
    }
    for (const home of lane.home) {
      items.push({ ...home, id: homeId(lane, home), text: `${HOME[home.binding](name)}, ${span(home)}` });
    }
    for (const held of lane.held) {
      items.push({ ...held, id: heldId(lane, held), text: `${name} held by its Retry-After, ${span(held)}` });
    }
  }
  for (const lookup of timeline.lookups) {
    items.push({
      ...lookup,
      id: lookupId(lookup),
      text: `${time(lookup.fromMs)}  DNS, ${lookup.name}: ${said(lookup)}`,
    });
  }
  for (const mark of timeline.marks) {
    items.push({ fromMs: mark.atMs, toMs: mark.atMs, id: markId(mark), text: `${time(mark.atMs)}  ${mark.text}` });
  }
  return items.sort((a, b) => a.fromMs - b.fromMs);
}

function said({ text, result, fromMs, toMs }: Work): string {
  const took =
    toMs === null
      ? ""
      : `, after ${toMs - fromMs < 1000 ? `${Math.round(toMs - fromMs)} ms` : `${((toMs - fromMs) / 1000).toFixed(1)} s`}`;
  return `${text || RESULTS[result]}${took}`;
}

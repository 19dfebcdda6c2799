// What became of each target: home spans and holds.

import { type Fields, numberOf, textOf } from "./fields.js";
import type { Binding, SessionMs } from "./types.js";

interface OpenSpan {
  fromMs: SessionMs;
  toMs: SessionMs | null;
}

interface OpenLane {
  readonly home: (OpenSpan & { readonly binding: Binding })[];
  readonly held: OpenSpan[];
}

/** Events that name home as their target. */
const AT_HOME = ["refreshed", "homeLost", "homeExpired", "flowLost", "homeKept", "homeMissing"];

export class Lanes {
  /** By target, as first seen. */
  readonly lanes = new Map<string, OpenLane>();
  #home: string | undefined;
  /** Whether all that made home was seen: the beginning may have been cut. */
  #known = false;
  #stopping = false;
  #startMs: SessionMs;

  /** What the log's first event says of before holds from `startMs`. */
  constructor(startMs: SessionMs) {
    this.#startMs = startMs;
  }

  get home(): string | undefined {
    return this.#home;
  }

  get(target: string): OpenLane {
    const lane = this.lanes.get(target) ?? { home: [], held: [] };
    this.lanes.set(target, lane);
    return lane;
  }

  event(event: Fields, atMs: SessionMs): void {
    const target = textOf(event.target);
    const isAtHome = target !== undefined && AT_HOME.includes(textOf(event.type) ?? "");
    // Home never changes without an event: one that names it first says that it was so from the beginning.
    const before = isAtHome ? target : event.type === "homeLeft" ? textOf(event.from) : undefined;
    if (!this.#known && before !== undefined) this.#open(before, this.#startMs);
    switch (event.type) {
      case "started":
      case "stopped":
        // After a reload with an expired home, `started` is all that tells that it is home no more (rule 5.5).
        this.#close(atMs);
        this.#stopping = false;
        break;
      case "stopping":
        this.#stopping = true;
        return;
      case "homeLost":
      case "homeLeft":
        this.#close(atMs);
        break;
      case "registered":
        this.#close(atMs);
        if (target !== undefined) this.#open(target, atMs);
        break;
      case "refreshed":
        this.#again(atMs, "sure");
        break;
      case "homeExpired":
        this.#again(atMs, "expired");
        break;
      case "flowLost":
        if (this.#span()?.binding === "sure") this.#again(atMs, "doubt");
        break;
      case "networkDown":
      case "networkChanged":
        if (this.#span()?.binding === "sure") this.#again(atMs, "doubt");
        return;
      case "targetHeld":
        if (target !== undefined) this.#hold(target, atMs, numberOf(event.seconds) ?? 0);
        return;
      default:
        if (before === undefined) return;
    }
    this.#known = true;
  }

  /** Another process goes on from a snapshot: one that was stopping is stopped. */
  restored(atMs: SessionMs): void {
    if (this.#stopping) this.#close(atMs);
    this.#stopping = false;
  }

  /** Another process begins anew. */
  restarted(atMs: SessionMs): void {
    this.#close(atMs);
    for (const { held } of this.lanes.values()) cut(held.at(-1), atMs);
    this.#stopping = false;
    this.#known = true;
  }

  #open(target: string, fromMs: SessionMs): void {
    this.#home = target;
    this.get(target).home.push({ fromMs, toMs: null, binding: "sure" });
  }

  #close(atMs: SessionMs): void {
    const span = this.#span();
    if (span) span.toMs = atMs;
    this.#home = undefined;
  }

  /** The same home goes on, but the binding is another. */
  #again(atMs: SessionMs, binding: Binding): void {
    const target = this.#home;
    const span = this.#span();
    if (target === undefined || !span || span.binding === binding) return;
    span.toMs = atMs;
    this.get(target).home.push({ fromMs: atMs, toMs: null, binding });
  }

  #span() {
    return this.#home === undefined ? undefined : this.get(this.#home).home.at(-1);
  }

  /** A later Retry-After takes the place of an earlier one (rule 4.5). */
  #hold(target: string, atMs: SessionMs, seconds: number): void {
    const { held } = this.get(target);
    cut(held.at(-1), atMs);
    held.push({ fromMs: atMs, toMs: atMs + seconds * 1000 });
  }
}

function cut(span: OpenSpan | undefined, atMs: SessionMs): void {
  if (span && (span.toMs === null || span.toMs > atMs)) span.toMs = atMs;
}

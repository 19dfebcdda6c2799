// What became of each target: home spans and holds.

import { type Fields, numberOf, textOf } from "./fields.js";
import type { SessionMs } from "./types.js";

interface OpenSpan {
  fromMs: SessionMs;
  toMs: SessionMs | null;
}

interface OpenLane {
  readonly home: (OpenSpan & { readonly expired: boolean })[];
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
    if (!this.#known && before !== undefined) this.#open(before, 0);
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
        if (this.#isExpired()) this.#again(atMs, false);
        break;
      case "homeExpired":
        if (!this.#isExpired()) this.#again(atMs, true);
        break;
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
    this.get(target).home.push({ fromMs, toMs: null, expired: false });
  }

  #close(atMs: SessionMs): void {
    const span = this.#span();
    if (span) span.toMs = atMs;
    this.#home = undefined;
  }

  /** The same home goes on, with a binding or without. */
  #again(atMs: SessionMs, expired: boolean): void {
    const target = this.#home;
    const span = this.#span();
    if (target === undefined || !span) return;
    span.toMs = atMs;
    this.get(target).home.push({ fromMs: atMs, toMs: null, expired });
  }

  #span() {
    return this.#home === undefined ? undefined : this.get(this.#home).home.at(-1);
  }

  #isExpired(): boolean {
    return this.#span()?.expired === true;
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

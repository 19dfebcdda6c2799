// What the page knows of a session: drawn from its scenario alone, live or imported.

import type { EventType, Rule, Status } from "@rehome/sip";
import type { ScenarioStep } from "@rehome/sip/driver";

/**
 * Milliseconds on one axis for the whole session, 0 at its first step; a reload does not set it back, and what is dropped
 * from the log moves nothing.
 */
export type SessionMs = number;

export interface Span {
  readonly fromMs: SessionMs;
  /** null while it lasts. */
  readonly toMs: SessionMs | null;
}

/** A lookup, a REGISTER or an unregister, with what came of it. */
export interface Work extends Span {
  readonly id: number;
  /** `no`: DNS answered that there is nothing. */
  readonly result: "running" | "good" | "bad" | "no" | "late" | "cancelled";
  /** In the field's words: `200, expires 20 s`, `503`, `no answer within 2 s`, `connection refused`. */
  readonly text: string;
  /** When an answer came after it had been given up: `result` is `late` then, and `text` says both. */
  readonly lateMs?: SessionMs;
}

/** A lookup of the session. */
export interface Lookup extends Work {
  readonly name: string;
  /** What DNS listed: each record as priority, weight, port and host. */
  readonly answer?: { readonly ttl: number | undefined; readonly records: readonly string[] };
}

/** What is known of home's binding: that it holds, or not since its connection or the network went, or that its time is over. */
export type Binding = "sure" | "doubt" | "expired";

export interface Attempt extends Work {
  readonly kind: "register" | "unregister";
  /** 1 for the first in a row. */
  readonly attempt: number;
}

/** A row of the timeline: one target. */
export interface Lane {
  /** `host:port/transport` */
  readonly target: string;
  readonly priority: number;
  readonly weight: number;
  /** Whether it belongs to the primary tier of the plan last known. */
  readonly primary: boolean;
  /** Whether the plan last known lists it; where none is known, priority and weight are 0. */
  readonly listed: boolean;
  readonly attempts: readonly Attempt[];
  /** While it was home. */
  readonly home: readonly (Span & { readonly binding: Binding })[];
  /** While a Retry-After held it (rule 4.5); the end is known from the beginning, and may lie after the session's. */
  readonly held: readonly Span[];
}

/** Something that came from outside, or a trigger that the phone had itself; shown as a vertical line. */
export interface Mark {
  readonly atMs: SessionMs;
  readonly kind: "start" | "stop" | "login" | "primary" | "call" | "network" | "page" | "configuration";
  /** `agent signs in`, `reload`, `network down`, ... */
  readonly text: string;
}

/** One line of the decision log. */
export interface Entry {
  /** Its own, which it keeps. */
  readonly id: string;
  /** The step it came from, counted from the session's first. */
  readonly step: number;
  readonly atMs: SessionMs;
  readonly type: EventType;
  readonly rule: Rule;
  /** A sentence for a telecom engineer. */
  readonly text: string;
  readonly tone: "good" | "bad" | "move" | "plain";
}

export interface Timeline {
  /** The wall clock at 0, where it is known. */
  readonly wallAtZeroMs: number | null;
  /** The first step's time: 0, unless the beginning has been dropped. */
  readonly startMs: SessionMs;
  /** The last step's time. */
  readonly endMs: SessionMs;
  /** In the plan's order: priority, then as first seen. */
  readonly lanes: readonly Lane[];
  readonly lookups: readonly Lookup[];
  /** While the phone had been in service, and was not. */
  readonly gaps: readonly Span[];
  readonly marks: readonly Mark[];
  readonly entries: readonly Entry[];
}

/** A step as `run` writes it: what a driver exports, and a new process without a snapshot, which files of the suite have. */
export type SessionStep =
  | ScenarioStep
  | { readonly atMs: number; readonly op: "restart"; readonly seed: number; readonly config?: object };

/** The status at a moment, its times on the session's axis. */
export type StatusAt = Status;

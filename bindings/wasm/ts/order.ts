// Section 2 of the policy by itself: to draw and lint with.

import * as check from "./check.js";
import { order_draw, order_normalise, order_shares } from "./generated/rehome_wasm.js";
import { code, ensure } from "./module.js";
import { Sink } from "./sink.js";
import type { DropReason, Selection, SrvRecord } from "./types.js";

/** One usable record. */
export interface Candidate {
  /** Lower case, without the final dot. */
  host: string;
  port: number;
  priority: number;
  weight: number;
}

/** A clean set of records. */
export interface Normalised {
  /** By priority, then host, then port; each host and port once. */
  set: Candidate[];
  /** What is not in it, by its place in the answer, from 0. Exact duplicates are merged without a word. */
  dropped: { index: number; reason: DropReason }[];
  /** A lone `.`: the service is not offered. */
  notOffered: boolean;
}

/** A record and its exact chance to be picked first in its tier. */
export interface Share extends Candidate {
  /** So many cases ... */
  numerator: number;
  /** ... of so many that are equally likely. */
  denominator: number;
}

/** Makes a clean set of an SRV answer (rule 2.7). */
export function normalise(records: readonly SrvRecord[]): Normalised {
  return prepared(records).clean;
}

/** How likely each record of an SRV answer is to be picked first in its tier (rules 2.2, 2.3). */
export function shares(records: readonly SrvRecord[], selection: Selection = "weighted"): Share[] {
  const { list, sink, clean } = prepared(records, true);
  const numbers = order_shares(list, code(selection), sink);
  list.free();
  sink.check();
  return clean.set.map((candidate, index) => ({
    ...candidate,
    numerator: numbers[2 * index] as number,
    denominator: numbers[2 * index + 1] as number,
  }));
}

/** Orders an SRV answer for the phone of this seed (rules 2.1 to 2.4). */
export function draw(
  records: readonly SrvRecord[],
  selection: Selection,
  seed: number,
  maxTargets: number = 64,
): Candidate[] {
  const from = check.seed(seed);
  const keep = check.whole(maxTargets, "maxTargets", 64);
  const { list, sink, clean } = prepared(records, true);
  const places = order_draw(list, code(selection), keep, from, sink);
  list.free();
  sink.check();
  return Array.from(places, (place) => clean.set[place] as Candidate);
}

function prepared(records: readonly SrvRecord[], keep = false) {
  ensure();
  const list = check.records(records, "records");
  const sink = new Sink();
  const notOffered = order_normalise(list, sink);
  if (!keep) list.free();
  const dropped = sink.rest as Normalised["dropped"];
  return { list, sink, clean: { set: sink.list as Candidate[], dropped, notOffered } };
}

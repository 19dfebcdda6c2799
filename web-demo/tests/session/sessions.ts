// Small sessions for the tests: the inputs alone, run through the shipped registration.

import type { Scenario } from "@rehome/sip/driver";
import { readScenario } from "../../src/session/read.js";
import { run } from "../../src/session/run.js";

export const CONFIG = {
  srvRecord: "_sip._ws.example.test",
  order: { selection: "highestWeight" },
  lookup: { timeoutMs: 2000 },
  rollover: { attemptTimeoutMs: 2000, retryIntervalMs: 1000, recoverySpreadMs: 0 },
  refresh: { expires: 60, intervalMs: 30_000 },
};

export const RECORDS = ["10 50 8080 a.example.test", "20 50 8080 b.example.test"];
export const A = "a.example.test:8080/ws";
export const B = "b.example.test:8080/ws";

type Input = { readonly type: string; readonly [key: string]: unknown };
type Line = readonly [at: number | "wake", input: Input] | { readonly op: string; readonly [key: string]: unknown };

export const answer = (id: number, records: readonly string[] = RECORDS): Input => ({
  type: "answer",
  id,
  answer: { type: "srv", ttl: 300, records },
});
export const accepted = (id: number): Input => ({ type: "outcome", id, outcome: { type: "accepted", expires: 60 } });
export const status = (id: number, code: number, retryAfter?: number): Input => ({
  type: "outcome",
  id,
  outcome: { type: "status", code, ...(retryAfter && { retryAfter }) },
});
export const refused = (id: number): Input => ({
  type: "outcome",
  id,
  outcome: { type: "unreachable", cause: "refused" },
});

export function fileOf(lines: readonly Line[], config: object = CONFIG): string {
  const steps = lines.map((line) => ("op" in line ? line : { op: "step", atMs: line[0], input: line[1] }));
  return JSON.stringify({ schemaVersion: 1, description: "A test.", config, seed: 1, steps });
}

/** What a driver would have exported of it. */
export function session(lines: readonly Line[], config?: object): Scenario {
  return run(readScenario(fileOf(lines, config))).exported.scenario;
}

/** Three failures at a, then b; a login; a reload; the end. */
export const STORY: readonly Line[] = [
  [0, { type: "start" }],
  [20, answer(1)],
  [30, status(2, 503, 7)],
  ["wake", { type: "wake" }],
  [1040, refused(3)],
  ["wake", { type: "wake" }],
  ["wake", { type: "wake" }],
  [4060, accepted(5)],
  [5000, status(4, 500)],
  [10_000, { type: "agentLogin" }],
  [10_020, answer(6)],
  [10_040, accepted(7)],
  [10_060, accepted(8)],
  [10_080, accepted(9)],
  { op: "snapshotRestore", atMs: 12_000, wallMs: 1_000_012_000, restoreAtMs: 100, restoreWallMs: 1_000_017_000 },
  [100, { type: "wake" }],
  [120, accepted(10)],
  [3100, { type: "stop" }],
  [3120, accepted(11)],
];

// "Import session": an exported session is shown as it was, any other scenario file as it runs here.

import type { Scenario } from "@rehome/sip/driver";
import { listOf } from "./fields.js";
import { readScenario, SessionError } from "./read.js";
import { type Run, run } from "./run.js";

/** As the driver signs its exports. */
const EXPORTED = "A session, exported by the driver of @rehome/sip";

/**
 * Throws a `SessionError` whose message is for people. `difference` says what of the file came out otherwise here.
 * `exported.complete` is false for a session that does not replay: it is drawn, but has no status. Without a `difference`
 * that is because its beginning was not kept.
 */
export function openSession(text: string): Run {
  const scenario = readScenario(text);
  if (scenario.source.title !== EXPORTED || !isWhole(scenario)) return run(scenario);
  if (isCut(scenario)) return { exported: { scenario, complete: false }, difference: undefined };
  try {
    const { difference } = run(scenario);
    return { exported: { scenario, complete: difference === undefined }, difference };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return { exported: { scenario, complete: false }, difference: error.message };
  }
}

/** Whether nothing has to be run to know what happened. */
function isWhole({ steps }: Scenario): boolean {
  const ops = ["step", "snapshotRestore"];
  return steps.every(({ op, atMs }) => ops.includes(op) && typeof atMs === "number");
}

/** Whether the beginning is missing: the phone runs without having been started, or what it does is not numbered from 1. */
function isCut({ steps }: Scenario): boolean {
  const [first] = steps;
  if (first?.op !== "step") return true;
  const runs = typeof first.wakeMs === "number" && !listOf(first.events).some(({ type }) => type === "started");
  const done = steps.flatMap((step) => (step.op === "step" ? listOf(step.actions) : []));
  return runs || (done[0] !== undefined && done[0].id !== 1);
}

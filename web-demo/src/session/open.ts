// "Import session": an exported session is shown as it was, any other scenario file as it runs here.

import type { Scenario } from "@rehome/sip/driver";
import { readScenario, SessionError } from "./read.js";
import { type Run, run } from "./run.js";

/** As the driver signs its exports. */
const EXPORTED = "A session, exported by the driver of @rehome/sip";

/**
 * Throws a `SessionError` whose message is for people. `difference` says what of the file came out otherwise here;
 * `exported.complete` is false for a session that does not replay: it is drawn, but has no status.
 */
export function openSession(text: string): Run {
  const scenario = readScenario(text);
  if (scenario.source.title !== EXPORTED || !isWhole(scenario)) return run(scenario);
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

// Runs a scenario file here, through the shipped registration.

import { RehomeError } from "@rehome/sip";
import type { Exported, Scenario, ScenarioStep } from "@rehome/sip/driver";
import { SessionError } from "./read.js";
import { type Recorded, record } from "./scenarios.js";

export interface Run {
  /** What really came out: whole steps, all times numbers. */
  readonly exported: Exported;
  /** The first thing that is not as the file expects. */
  readonly difference: string | undefined;
}

/** Throws a `SessionError` where the file cannot be run. */
export function run(scenario: Scenario): Run {
  if ("statistics" in scenario) {
    throw new SessionError(
      "This file draws from many seeds and has no session to show: run it with `cargo xtask scenarios`.",
    );
  }
  const { config, steps, difference } = recorded(scenario);
  const { schemaVersion, description, rules, sentences, source, seed } = scenario;
  // A new process without a snapshot is a step that the driver never writes, but files of the suite have.
  const really = steps as ScenarioStep[];
  const whole: Scenario = { schemaVersion, description, rules, sentences, source, config, seed, steps: really };
  return { exported: { scenario: whole, complete: true }, difference };
}

function recorded(scenario: Scenario): Recorded<void> {
  try {
    return record(scenario, () => {});
  } catch (error) {
    if (!(error instanceof RehomeError)) throw new SessionError(`This file does not run here: ${String(error)}`);
    if (error.code === "notInitialised") throw error;
    throw new SessionError(`This file does not run here: ${error.message}`);
  }
}

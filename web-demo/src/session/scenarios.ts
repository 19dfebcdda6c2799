// The project's own runner of scenario files, with the package that this page ships.

import * as sip from "@rehome/sip";
import type { Scenario } from "@rehome/sip/driver";
import * as runner from "../../../bindings/wasm/tests/scenarios/runner.mjs";
import type { SessionStep } from "./types.js";

/** Lays `over` on `base`, object by object; anything else takes the place of what was there. */
export const layOver: (base: unknown, over: unknown) => unknown = runner.layOver;

export interface Recorded<T> {
  /** The whole configuration: the file's, laid over its preset. */
  readonly config: Scenario["config"];
  readonly steps: SessionStep[];
  readonly difference: string | undefined;
  readonly seen: T;
}

/** Runs a file to its end and looks at the registration then. Throws what the package throws. */
export function record<T>(scenario: Scenario, look: (registration: sip.Registration) => T): Recorded<T> {
  // The runner's own types name the package as it lies beside it: the same shapes, but other classes.
  return runner.record(sip as never, scenario, look as never);
}

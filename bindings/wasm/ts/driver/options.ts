// What a driver is made of.

import * as check from "../check.js";
import { invalid } from "../errors.js";
import type { Config } from "../types.js";
import type { Environment } from "./environment.js";
import type { Registrar, Resolver } from "./types.js";

/** What a driver needs. */
export interface DriverOptions {
  config: Config;
  resolver: Resolver;
  registrar: Registrar;
  /**
   * One for each account that an origin registers: of the tabs that share a name, one registers. It also names the
   * snapshot. Default `rehome`.
   */
  name?: string | undefined;
  /** This device's own, a whole number from 0 to 2^53 - 1; default: drawn by chance for each page load. */
  seed?: number | undefined;
  /** How many inputs `exportScenario` goes back; 1 to 100,000, default 500. */
  keepInputs?: number | undefined;
  /** Parts of the platform to replace. */
  environment?: Partial<Environment> | undefined;
}

const KNOWN = ["config", "resolver", "registrar", "name", "seed", "keepInputs", "environment"];
const KEPT = 500;
const MOST_KEPT = 100_000;

/** Throws for what cannot be used; the configuration and the seed are the registration's to read. */
export function readOptions(given: DriverOptions): DriverOptions & { name: string; keepInputs: number } {
  check.fields(given, "options", KNOWN);
  const { resolver, registrar, name = "rehome", keepInputs = KEPT, environment } = given;
  if (!has(resolver, "lookup")) throw invalid("resolver", resolver, "give one, such as doh() of @rehome/sip/doh makes");
  if (!has(registrar, "register", "unregister", "close")) {
    throw invalid(
      "registrar",
      registrar,
      "give one with register, unregister and close, such as jssip() or sipjs() makes",
    );
  }
  if (!Number.isSafeInteger(keepInputs) || keepInputs < 1 || keepInputs > MOST_KEPT) {
    throw invalid("keepInputs", keepInputs, `write a whole number from 1 to ${MOST_KEPT}`);
  }
  if (environment !== undefined && (typeof environment !== "object" || environment === null)) {
    throw invalid("environment", environment, "give an object, or nothing");
  }
  return { ...given, name: check.text(name, "name"), keepInputs };
}

function has(value: unknown, ...functions: string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return functions.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

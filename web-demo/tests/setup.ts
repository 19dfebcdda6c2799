// Before the page's stories: the programs that they start, built once. Workers find them in the environment.

import { findChromium } from "../../tests/consumers/browser.mjs";
import { built, labProgram } from "../story/lab.mjs";

export default function setup(): void {
  process.env.REHOME_LAB_PROGRAM = labProgram();
  process.env.REHOME_RUNNER ||= built("--package", "xtask", "--features", "scenarios", "--bin", "scenarios");
  const chromium = findChromium();
  if (chromium) process.env.CHROMIUM = chromium;
}

// The lab, started once for all that need it.

import { startLab } from "../../bindings/wasm/tests/start-lab.mjs";

async function start() {
  const { control, stop } = await startLab();
  process.on("exit", stop);
  return control;
}

let control;

/** Asks the lab's control. */
export async function ask(path) {
  control ??= start();
  return (await fetch((await control) + path)).json();
}

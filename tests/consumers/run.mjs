// Installs the package as npm packs it into fresh consumers, each of which runs one registration, some of them with a SIP
// library at the lab; runs the scenarios and the driver in a real Chromium; checks the package's entries and types.
//
//     npm ci && node run.mjs [--package TARBALL] [WORD...]
//
// With words, only what has one of them in its name. Exit code 3: nothing failed, but there is no Chromium.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { here, take, wasm } from "./consumer.mjs";

const { values: given, positionals: words } = parseArgs({
  options: { package: { type: "string" } },
  allowPositionals: true,
});

function end(code, text) {
  console.error(text);
  process.exit(code);
}

if (!existsSync(join(here, "node_modules/playwright-core"))) {
  end(2, "the tools are not installed: run `npm ci` in tests/consumers");
}
if (!given.package && !existsSync(join(wasm, "dist/index.js"))) {
  end(2, "the package is not built: run `npm ci && npm run build` in bindings/wasm");
}
take(given.package);

const { program } = await import("./pages.mjs");
const subjects = ["package", "bundlers", "policies", "libraries", "driver", "lifecycle", "scenarios"];
const checks = await Promise.all(subjects.map((subject) => import(`./checks/${subject}.mjs`)));
const ANYWHERE = checks.flatMap(({ anywhere = [] }) => anywhere);
const IN_CHROMIUM = checks.flatMap(({ inChromium = [] }) => inChromium);

const names = [...ANYWHERE, ...IN_CHROMIUM].map(([name]) => name);
for (const word of words) {
  if (!names.some((name) => name.includes(word))) end(2, `${word} is in the name of none: ${names.join("; ")}`);
}
const chosen = ([name]) => words.length === 0 || words.some((word) => name.includes(word));
let passed = 0;
let failed = 0;
for (const [name, work] of [...ANYWHERE, ...(program ? IN_CHROMIUM : [])].filter(chosen)) {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    passed += 1;
    console.log(`passed  ${name}: ${result} (${seconds()})`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message} (${seconds()})`);
  }
}
if (!program) {
  console.log(`Chromium is missing, ${IN_CHROMIUM.length} did not run: install it, or name the program in CHROMIUM`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || (!program && process.env.CI === "true") ? 1 : program ? 0 : 3);

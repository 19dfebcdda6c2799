// Whether each file has the same trace hash here as natively: `cargo run -p rehome-runner --example hashes`.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as api from "@rehome/sip";
import { readAll } from "./files.mjs";
import { runAll } from "./runner.mjs";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const cargo = ["run", "--quiet", "-p", "rehome-runner", "--example", "hashes"];
const native = execFileSync("cargo", cargo, { cwd: root, stdio: ["ignore", "pipe", "inherit"] }).toString();
const { files } = readAll();
const { hash, hashes } = runAll(api, files);
const lines = [...hashes.map((pair) => pair.join(" ")), `trace hash ${hash}`, `${files.length} passed, 0 failed`];
const differing = native
  .trimEnd()
  .split("\n")
  .filter((line, index) => line !== lines[index]);
for (const line of differing) console.error(`native: ${line}`);
console.log(`${files.length} files, trace hash ${hash}, ${differing.length} lines differ from the native runner's`);
process.exitCode = differing.length > 0 ? 1 : 0;

// What the native runner says of the scenario files: `FILE HASH` of each, then the hash of all.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Its lines: those of the file that REHOME_HASHES names, or it is run. */
export async function native() {
  const written = process.env.REHOME_HASHES;
  if (written) return readFileSync(written, "utf8").trimEnd().split("\n");
  const cargo = ["run", "--quiet", "-p", "rehome-runner", "--example", "hashes"];
  const options = { cwd: root, timeout: 600_000, maxBuffer: 1 << 27 };
  const { stdout } = await promisify(execFile)(process.env.CARGO ?? "cargo", cargo, options);
  return stdout.trimEnd().split("\n");
}

/** The native lines that a run through the package does not have. */
export function differing({ hash, hashes }, lines) {
  const ours = [...hashes.map((pair) => pair.join(" ")), `trace hash ${hash}`, `${hashes.length} passed, 0 failed`];
  return Array.from({ length: Math.max(ours.length, lines.length) }, (_, index) => lines[index] ?? "nothing").filter(
    (line, index) => line !== ours[index],
  );
}

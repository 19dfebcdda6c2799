// The scenario files, in order of their names: the repository's, or those of the folder that REHOME_SCENARIOS names.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const folder =
  process.env.REHOME_SCENARIOS ?? fileURLToPath(new URL("../../../../tests/scenarios", import.meta.url));

/** How many files there should be, and the names of those that there are. */
export function list() {
  const { schemaVersion, files: count } = JSON.parse(readFileSync(join(folder, "suite.json"), "utf8"));
  if (schemaVersion !== 1) throw new Error(`suite.json has schemaVersion ${schemaVersion}: take a newer runner`);
  const names = readdirSync(folder, { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".json") && name !== "suite.json")
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return { count, names };
}

/** Each file in its turn: all at once may be too much. */
export function* readEach(names) {
  for (const name of names) yield [name, JSON.parse(readFileSync(join(folder, name), "utf8"))];
}

export function readAll() {
  const { count, names } = list();
  return { count, files: [...readEach(names)] };
}

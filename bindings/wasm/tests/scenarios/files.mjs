// The scenario files of the repository, in order of their names.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const folder = new URL(process.env.REHOME_SCENARIOS ?? "../../../../tests/scenarios/", import.meta.url);

export function readAll() {
  const { schemaVersion, files: count } = JSON.parse(readFileSync(new URL("suite.json", folder), "utf8"));
  if (schemaVersion !== 1) throw new Error(`suite.json has schemaVersion ${schemaVersion}: take a newer runner`);
  const names = readdirSync(fileURLToPath(folder), { recursive: true })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".json") && name !== "suite.json")
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const files = names.map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8"))]);
  return { count, files };
}

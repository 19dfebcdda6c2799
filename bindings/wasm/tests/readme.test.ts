// Each example in the README compiles.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const here = import.meta.dirname;
const folder = join(here, "readme-examples");

/** What the examples take from the application around them. */
const AROUND = `declare const show: (...what: unknown[]) => void;
declare const password: string;
declare const instanceId: string;
declare const seed: number;
declare const nowMs: number;
`;

test("every example of the README compiles", () => {
  const readme = readFileSync(join(here, "../README.md"), "utf8");
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1]);
  expect(examples.length).toBeGreaterThanOrEqual(4);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  try {
    examples.forEach((example, index) => {
      writeFileSync(join(folder, `example-${index}.ts`), `${AROUND}${example}`);
    });
    const config = { extends: "../tsconfig.json", include: ["."], compilerOptions: { noUnusedLocals: false } };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(here, "../node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

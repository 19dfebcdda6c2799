import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("exit.mjs", import.meta.url));

test.each(["jssip", "sipjs"])("%s: a hundred rounds, closed in every state, the process ends", async (library) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", script, library, `${process.env.REHOME_LAB?.replace(/\/$/, "")}/`],
    { timeout: 60_000 },
  );
  const seen = JSON.parse(stdout) as { grown: number; perRound: number; thrown: number; lingeredMs: number };
  console.log(`${library}: ${stdout.trim()}`);
  expect(seen.grown).toBeLessThan(1_500_000);
  expect(seen.thrown).toBeGreaterThan(0);
  expect(seen.lingeredMs).toBeLessThan(1500);
});

// The lab of this repository, built and started.

import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Its control address, and how to stop it. */
export async function startLab() {
  const cargo = process.env.CARGO ?? "cargo";
  const build = ["build", "--quiet", "--package", "rehome-lab", "--bin", "rehome-lab", "--message-format", "json"];
  const built = execFileSync(cargo, build, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  const messages = built.split("\n").filter((line) => line.includes('"executable":"'));
  const program = messages.map((line) => JSON.parse(line).executable).at(-1);
  if (!program) throw new Error("the lab was not built: cargo build --package rehome-lab says why");
  const lab = spawn(program, ["--ephemeral"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: lab.stdout })) {
    const control = /^control: (\S+?)\/?$/.exec(line)?.[1];
    if (control) return { control, stop: () => void lab.kill() };
  }
  throw new Error("the lab did not start: see its words above");
}

// Starts the lab for the tests that meet real servers: they find its control address in REHOME_LAB.
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "../../..");

export default async function setup(): Promise<() => void> {
  if (process.env.REHOME_LAB) {
    return () => {};
  }
  const cargo = process.env.CARGO ?? "cargo";
  const built = execFileSync(
    cargo,
    ["build", "--quiet", "--package", "rehome-lab", "--bin", "rehome-lab", "--message-format", "json"],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 },
  );
  const messages = built.split("\n").filter((line) => line.includes('"executable":"'));
  const program = messages.map((line) => JSON.parse(line).executable as string).at(-1);
  if (!program) {
    throw new Error("the lab was not built: cargo build --package rehome-lab says why");
  }
  const lab = spawn(program, ["--ephemeral"], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: lab.stdout })) {
    const control = /^control: (\S+?)\/?$/.exec(line)?.[1];
    if (control) {
      process.env.REHOME_LAB = control;
      break;
    }
  }
  if (!process.env.REHOME_LAB) {
    throw new Error("the lab did not start: see its words above");
  }
  return () => {
    lab.kill();
  };
}

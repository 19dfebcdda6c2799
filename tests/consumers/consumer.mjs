// The package as npm packs it, and fresh projects that install it.

import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");
export const wasm = join(root, "bindings/wasm");

// Chromium and Playwright leave files in the temporary folder: in this one they go with it.
export const temporary = mkdtempSync(join(tmpdir(), "rehome-consumers-"));
process.env.TMPDIR = temporary;
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

/** The packed package. */
export let tarball;

/** Takes a package that was packed already, or packs it. */
export function take(given) {
  if (given) {
    tarball = resolve(given);
    return;
  }
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", temporary];
  execFileSync("npm", args, { cwd: wasm, stdio: ["ignore", "ignore", "inherit"] });
  const packed = readdirSync(temporary).find((name) => name.endsWith(".tgz"));
  tarball = join(temporary, packed);
}

/** Runs a program; its output, or an error that ends with what it said. */
export function run(program, args, { cwd = root, env, input, timeout = 180_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd, env, timeout, maxBuffer: 1 << 27 }, (error, out, err) => {
      if (!error) resolve(out.trim());
      else
        reject(new Error(`${args.slice(0, 3).join(" ")}: ${(err.trim() || out.trim() || error.message).slice(-2000)}`));
    });
    // It may end before it has read all: its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

export const node = (args, options) => run(process.execPath, args, options);
export const tool = (name, args) => node([join(here, "node_modules/.bin", name), ...args]);

/** A copy of a fixture with the package installed. */
export async function consumer(name) {
  const folder = join(temporary, name);
  if (existsSync(folder)) return folder;
  cpSync(join(here, "fixtures", name), folder, { recursive: true });
  cpSync(join(here, "fixtures/phone.mjs"), join(folder, "phone.mjs"));
  const args = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", tarball];
  await run("npm", args, { cwd: folder });
  return folder;
}

export function same(what, actual, expected) {
  const fits = expected instanceof RegExp ? expected.test(actual) : actual === expected;
  if (!fits) throw new Error(`${what}: expected ${expected || "none"}, it is ${actual}`);
  return actual;
}

/** What each consumer's phone says in the end. */
export const REGISTERED = "registered at b.example.test:443/wss, then stopped";

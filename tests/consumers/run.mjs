// Installs the package as npm packs it into fresh consumers, each of which runs one registration; runs the scenarios and
// the driver in a real Chromium; checks the package's entries and types.
//
//     npm ci && node run.mjs [--package TARBALL] [WORD...]
//
// With words, only what has one of them in its name. Exit code 3: nothing failed, but there is no Chromium.

import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readAll } from "../../bindings/wasm/tests/scenarios/files.mjs";
import { findChromium, launch, serve } from "./browser.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const wasm = join(root, "bindings/wasm");
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

// Chromium and Playwright leave files in the temporary folder: in this one they go with it.
const temporary = mkdtempSync(join(tmpdir(), "rehome-consumers-"));
process.env.TMPDIR = temporary;
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

/** Runs a program; its output, or an error that ends with what it said. */
function run(program, args, { cwd = root, input, timeout = 180_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { cwd, timeout, maxBuffer: 1 << 27 }, (error, out, err) => {
      if (!error) resolve(out.trim());
      else
        reject(new Error(`${args.slice(0, 3).join(" ")}: ${(err.trim() || out.trim() || error.message).slice(-2000)}`));
    });
    // It may end before it has read all: its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

const node = (args, options) => run(process.execPath, args, options);
const tool = (name, args) => node([join(here, "node_modules/.bin", name), ...args]);

function pack() {
  if (given.package) return resolve(given.package);
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", temporary];
  execFileSync("npm", args, { cwd: wasm, stdio: ["ignore", "ignore", "inherit"] });
  return join(
    temporary,
    readdirSync(temporary).find((name) => name.endsWith(".tgz")),
  );
}

const tarball = pack();

/** A copy of a fixture with the package installed. */
async function consumer(name) {
  const folder = join(temporary, name);
  if (existsSync(folder)) return folder;
  cpSync(join(here, "fixtures", name), folder, { recursive: true });
  cpSync(join(here, "fixtures/phone.mjs"), join(folder, "phone.mjs"));
  const args = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", tarball];
  await run("npm", args, { cwd: folder });
  return folder;
}

function same(what, actual, expected) {
  const fits = expected instanceof RegExp ? expected.test(actual) : actual === expected;
  if (!fits) throw new Error(`${what}: expected ${expected || "none"}, it is ${actual}`);
  return actual;
}

const REGISTERED = "registered at b.example.test:443/wss, then stopped";

// Everything is refused that is not named. The worker of the driver's timers needs `worker-src blob:`.
const STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'self' 'wasm-unsafe-eval'";
const POLICIES = {
  strict: `${STRICT}; connect-src 'self'`,
  worker: `${STRICT}; connect-src 'self'; worker-src blob:`,
  // Here a worker of a text address throws, and nothing can be fetched.
  types: `${STRICT}; require-trusted-types-for 'script'`,
  none: "default-src 'none'; script-src 'self'; connect-src 'self'",
};

const program = findChromium();
const { chromium } = await import("playwright-core");

/** A browser of its own for `work`, which gets `open(path)`; errors in a page fail it, but for those it foresees. */
async function browsing(origin, work, foreseen = /^$/) {
  const context = await launch(chromium, program, temporary);
  const errors = [];
  const note = (text) => foreseen.test(text) || errors.push(text);
  try {
    context.setDefaultTimeout(30_000);
    const open = async (path) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => note(String(error)));
      page.on("console", (message) => {
        const { url } = message.location();
        if (message.type() === "error" && !url.endsWith("/favicon.ico")) note(`${message.text()} (${url})`);
      });
      await page.goto(origin + path);
      return page;
    };
    const result = await work(open);
    if (errors.length > 0) throw new Error(`in the page: ${errors.join("; ")}`);
    return result;
  } catch (error) {
    if (errors.length > 0 && !error.message.startsWith("in the page")) error.message += `; in the page: ${errors}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** The page has come to an end. */
const SHOWN = { result: undefined };

/** What the page says of itself, once it says `wanted`. */
async function said(page, wanted, timeout = 30_000) {
  const selector = Object.entries(wanted).map(([key, is]) =>
    is === undefined ? `[data-${key}]` : `[data-${key}="${is}"]`,
  );
  const element = page.locator("html");
  const read = () => element.evaluate(({ dataset }) => ({ ...dataset }));
  try {
    await page.locator(`html${selector.join("")}`).waitFor({ state: "attached", timeout });
  } catch {
    throw new Error(`expected ${JSON.stringify(wanted)}, the page says ${JSON.stringify(await read())}`);
  }
  return read();
}

async function shownBy(origin, path, foreseen) {
  return browsing(origin, async (open) => (await said(await open(path), SHOWN)).result, foreseen);
}

async function served(folder, work, policies) {
  const server = await serve(folder, policies);
  try {
    return await work(server);
  } finally {
    server.close();
  }
}

async function builtPage(folder) {
  return served(folder, async ({ origin, asked }) => {
    const result = same("the page", await shownBy(origin, "/index.html"), REGISTERED);
    same("files fetched", asked.filter((path) => path.endsWith(".wasm")).length, 1);
    return result;
  });
}

async function vite() {
  const folder = await consumer("vite");
  const { build } = await import("vite");
  const warnings = [];
  const onwarn = ({ message }) => warnings.push(message);
  const options = { root: folder, configFile: false, logLevel: "error" };
  await build({ ...options, build: { rolldownOptions: { onwarn } } });
  same("warnings", warnings.join("; "), "");
  return builtPage(join(folder, "dist"));
}

async function viteServer() {
  const folder = await consumer("vite");
  const { createServer } = await import("vite");
  const probe = await serve(folder);
  const port = Number(new URL(probe.origin).port);
  probe.close();
  const options = { host: "127.0.0.1", port, strictPort: true };
  const server = await createServer({ root: folder, configFile: false, logLevel: "error", server: options });
  try {
    await server.listen();
    return same("the page", await shownBy(`http://127.0.0.1:${port}`, "/"), REGISTERED);
  } finally {
    await server.close();
  }
}

async function webpack() {
  const folder = await consumer("webpack");
  const { default: pack } = await import("webpack");
  const output = { path: join(folder, "dist"), filename: "main.js" };
  const stats = await new Promise((resolve, reject) => {
    const compiler = pack({ context: folder, mode: "production", entry: "./main.js", output }, (error, done) => {
      compiler.close(() => (error ? reject(error) : resolve(done)));
    });
  });
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  same("warnings", [...errors, ...warnings].map(({ message }) => message).join("; "), "");
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  return builtPage(join(folder, "dist"));
}

// A worker that a policy forbids is reported in the console, and nowhere else.
const NO_WORKER = /worker|blob:|TrustedScriptURL/i;

async function pageBeside() {
  const folder = await consumer("page");
  return served(
    folder,
    async ({ origin }) => same("the page", await shownBy(origin, "/beside.html?policy=strict", NO_WORKER), REGISTERED),
    POLICIES,
  );
}

async function pageInline() {
  const folder = await consumer("page");
  return served(
    folder,
    async ({ origin, asked }) => {
      const result = await shownBy(origin, "/inline.html?policy=types", NO_WORKER);
      same("files fetched", asked.filter((path) => path.endsWith(".wasm")).length, 0);
      return same("the page", result, REGISTERED);
    },
    POLICIES,
  );
}

async function pageForbidden() {
  const folder = await consumer("page");
  const expected = /^notInitialised: the module could not be loaded .*'wasm-unsafe-eval'$/s;
  return served(
    folder,
    async ({ origin }) => {
      same("the page", await shownBy(origin, "/beside.html?policy=none", /wasm/i), expected);
      return "refused, and says that 'wasm-unsafe-eval' is missing";
    },
    POLICIES,
  );
}

async function suite() {
  const { count, files } = readAll();
  const names = files.map(([name]) => name);
  const input = JSON.stringify(files);
  const runner = join(wasm, "tests/scenarios/runner.mjs");
  const text = ({ hash, hashes, failures }) => {
    same("failures", failures.join("; "), "");
    return [...hashes.map((pair) => pair.join(" ")), `trace hash ${hash}`];
  };

  const inNode = await consumer("node-esm");
  const inPage = await consumer("page");
  for (const folder of [inNode, inPage]) cpSync(runner, join(folder, "runner.mjs"));
  writeFileSync(join(inPage, "scenarios.json"), input);
  const inChromium = ({ origin }) =>
    browsing(origin, async (open) => (await said(await open("/suite.html?policy=strict"), SHOWN, 240_000)).result);
  const cargo = ["run", "--quiet", "-p", "rehome-runner", "--example", "hashes"];
  const done = await Promise.allSettled([
    run(process.env.CARGO ?? "cargo", cargo, { timeout: 600_000 }),
    node(["suite.mjs"], { cwd: inNode, input }),
    served(inPage, inChromium, POLICIES),
  ]);
  for (const { reason } of done) if (reason) throw reason;
  const [byNative, byNode, byBrowser] = done.map(({ value }) => value);

  const lines = { Chromium: text(JSON.parse(byBrowser)), Node: text(JSON.parse(byNode)) };
  same("files", names.length, count);
  const reference = byNative.split("\n").slice(0, count + 1);
  for (const [where, of] of Object.entries(lines)) {
    const differing = of.filter((line, index) => line !== reference[index]);
    same(`${where}, what differs from the native runner`, differing.slice(0, 5).join("; "), "");
    same(`${where}, scenarios`, of.length - 1, count);
  }
  return `${count} scenarios in Chromium, in Node and natively, ${lines.Chromium.at(-1)}`;
}

/** A test of the driver in pages of one browser. */
function driver(work, foreseen) {
  return async () => {
    const folder = await consumer("page");
    return served(folder, ({ origin }) => browsing(origin, work, foreseen), POLICIES);
  };
}

const AT_B = { role: "owner", state: "registered", home: "b" };

// The first REGISTER goes unanswered: only a timer leads to the next.
const workerTimer = driver(async (open) => {
  const page = await open("/driver.html?policy=worker&silent=1&timerless");
  const seen = await said(page, AT_B);
  same("REGISTERs", seen.said, "register a, register b");
  same("notices", seen.notices, "owner");
  same("workers", page.workers().length, 1);
  same("the worker", page.workers()[0].url(), /^blob:/);
  return "registered by a worker's timer, the page's own switched off";
});

function noWorker(policy) {
  return driver(async (open) => {
    const page = await open(`/driver.html?policy=${policy}&silent=1`);
    const seen = await said(page, AT_B);
    same("REGISTERs", seen.said, "register a, register b");
    same("notices", seen.notices, "noWorker 60000, owner");
    same("workers", page.workers().length, 0);
    return "registered by the page's own timer, with the notice noWorker";
  }, NO_WORKER);
}

const tabs = driver(async (open) => {
  const first = await open("/driver.html?policy=worker&down=a");
  same("REGISTERs", (await said(first, AT_B)).said, "register a, register b");
  // In the second tab the first registrar answers: a fresh start would go there.
  const second = await open("/driver.html?policy=worker");
  const follower = await said(second, { ...AT_B, role: "follower" });
  same("REGISTERs of the second tab", follower.said, "");
  await said(first, AT_B);
  await first.close();
  const owner = await said(second, AT_B);
  await said(second, { ...AT_B, said: "register b" });
  same("notices", owner.notices, "follower, owner, restored");
  const third = await open("/driver.html?policy=worker");
  await said(third, { ...AT_B, role: "follower" });
  return "one owner; the other tab follows, and takes over at the same registrar when it closes";
});

const reload = driver(async (open) => {
  const page = await open("/driver.html?policy=worker&down=a");
  same("REGISTERs", (await said(page, AT_B)).said, "register a, register b");
  await page.goto(page.url().replace("&down=a", ""));
  const there = await said(page, { ...AT_B, said: "register b" });
  same("notices", there.notices, "owner, restored");
  await page.reload();
  const again = await said(page, { ...AT_B, said: "register b" });
  same("notices", again.notices, "owner, restored");
  return "goes on at the same registrar";
});

async function publint() {
  await tool("publint", ["run", tarball, "--strict"]);
  return "clean";
}

async function attw() {
  // The module is no script: it has no types.
  await tool("attw", [tarball, "--profile", "esm-only", "--exclude-entrypoints", "rehome.wasm", "--no-emoji"]);
  return "clean, profile esm-only";
}

async function inNode(name) {
  return same("output", await node(["main.js"], { cwd: await consumer(name) }), REGISTERED);
}

const ANYWHERE = [
  ["Node, import", () => inNode("node-esm")],
  ["Node, require", () => inNode("node-require")],
  ["publint", publint],
  ["are the types wrong", attw],
];
const IN_CHROMIUM = [
  ["Vite, built", vite],
  ["Vite, development server", viteServer],
  ["webpack", webpack],
  ["page, strict policy, rehome.wasm", pageBeside],
  ["page, strict policy, inline", pageInline],
  ["page, policy without wasm-unsafe-eval", pageForbidden],
  ["driver, worker", workerTimer],
  ["driver, no worker by worker-src", noWorker("strict")],
  ["driver, two tabs", tabs],
  ["driver, reload", reload],
  ["scenarios", suite],
];

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

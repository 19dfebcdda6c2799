// Each example in the README compiles, and runs: against the lab, a SIP server of the test's, or a softphone's connector.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Driver } from "@rehome/sip/driver";
import type { SipRegistrar } from "@rehome/sip/jssip";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { FakeSoftphone } from "./registrars/fake-softphone.js";
import { ask, until } from "./registrars/lab.js";
import { SDP } from "./registrars/libraries.js";
import { fakeSip, phone } from "./registrars/phone.js";

const here = import.meta.dirname;
const folder = join(here, "readme-examples");
const readme = readFileSync(join(here, "../README.md"), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? "");

/** What the examples take from the application around them. */
const around = new Map([
  ["show", "(...what: unknown[]) => void"],
  ["password", "string"],
  ["instanceId", "string"],
  ["seed", "number"],
  ["nowMs", "number"],
]);
const shown: unknown[][] = [];
const values: Record<string, unknown> = {
  show: (...what: unknown[]) => shown.push(what),
  password: "secret",
  seed: 7,
  nowMs: 0,
  instanceId: "0f8fad5b-d9cb-469f-a165-70867728950e",
};

const declared = (example: string) =>
  new Set(
    [...example.matchAll(/^(?:export )?(?:async )?(?:const|let|function) (?:\{([^}]*)\}|(\w+))/gm)]
      .flatMap(([, several, one]) => (several ?? one ?? "").split(","))
      .map((name) => name.trim()),
  );

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  // Node 20 has neither.
  const store = new Map<string, string>();
  const localStorage = { getItem: (key: string) => store.get(key) ?? null, setItem: store.set.bind(store) };
  Object.assign(globalThis, { WebSocket, readmeValues: values });
  Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  shown.length = 0;
});

/** Runs the example that contains `what`, with the addresses of the tests. Its top-level names. */
function run(what: RegExp, places: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const index = examples.findIndex((example) => what.test(example));
  expect(index, `an example with ${what}`).toBeGreaterThanOrEqual(0);
  for (const from of Object.keys(places)) expect(examples[index]).toContain(from);
  return runAt(index, places);
}

async function runAt(index: number, places: Record<string, string>): Promise<Record<string, unknown>> {
  let text = examples[index] ?? "";
  for (const [from, to] of Object.entries(places)) text = text.replaceAll(from, to);
  const own = declared(text);
  const given = [...around.keys()].filter((name) => !own.has(name));
  const exported = [...own].filter((name) => !new RegExp(`^export .*\\b${name}\\b`, "m").test(text));
  const whole = `const { ${given} } = globalThis.readmeValues;\n${text}\nexport { ${exported} };\n`;
  const { outputText } = ts.transpileModule(whole, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, verbatimModuleSyntax: true },
  });
  const file = join(folder, `run-${index}.mjs`);
  writeFileSync(file, outputText);
  ran.add(index);
  const module = (await import(/* @vite-ignore */ file)) as Record<string, unknown>;
  cleanups.push(() => (module.driver as Driver | undefined)?.close());
  return module;
}
const ran = new Set<number>();

test("every example compiles", () => {
  expect(examples.length).toBeGreaterThanOrEqual(6);
  examples.forEach((example, index) => {
    const own = declared(example);
    const lines = [...around]
      .filter(([name]) => !own.has(name))
      .map(([name, type]) => `declare const ${name}: ${type};`);
    writeFileSync(join(folder, `example-${index}.ts`), `${lines.join("\n")}\n${example}\nexport {};\n`);
  });
  const config = { extends: "../tsconfig.json", include: ["*.ts"], compilerOptions: { noUnusedLocals: false } };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    const tsc = join(here, "../node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error));
  }
});

/** A desktop's places at the lab, for a user of its own. */
async function atLab(name: string) {
  const user = `readme-${name}-${process.pid}`;
  const { dohUrls } = (await ask("GET", "/")) as { dohUrls: [string, string] };
  const places = {
    "sip:alice@example.com": `sip:${user}@example.test`,
    "wss://{host}:{port}/ws": "ws://{address}:{port}/ws",
    "_sips._wss.example.com": "_sip._ws.example.test",
    "hostSetsTlsName: false": 'hostSetsTlsName: false, addresses: "core"',
    "https://dns.example.com/dns-query": dohUrls[0],
  };
  const bindings = async () => ((await ask("GET", `/bindings/${user}`)) as unknown[]).length;
  return { places, bindings };
}

test.each([
  ["jssip", /^import \{ jssip \}.*new Driver\(/ms],
  ["sipjs", /^import \{ sipjs \}.*new Driver\(/ms],
])("an agent desktop with %s registers at the lab", async (name, what) => {
  const { places, bindings } = await atLab(name);
  const { driver, call } = (await run(what, places)) as { driver: Driver; call?: (who: string) => Promise<void> };
  await until(() => driver.status.state === "registered", 20_000);
  expect(await bindings()).toBe(1);
  if (name === "jssip") expect(shown.at(-1)).toEqual(["registered", driver.status.home?.host]);
  // The lab takes no calls, and says so.
  await call?.("sip:bob@example.test").catch(() => {});
  await driver.stop();
  expect(await bindings()).toBe(0);
});

test("the JsSIP registrar hears calls, and calls on the user agent of home", async () => {
  const server = await fakeSip((request) => {
    if (request.text.startsWith("INVITE")) return { code: 486 };
    return request.text.startsWith("ACK") ? undefined : { code: 200 };
  });
  const [{ registrar }, { call }] = [
    (await run(/onUserAgent/, { "wss://{host}": "ws://{host}" })) as { registrar: SipRegistrar<unknown> },
    (await run(/export function call\(driver/)) as { call: (...what: unknown[]) => void },
  ];
  const { register } = phone(registrar, server.target);
  expect(await register()).toMatchObject({ type: "accepted" });
  const own = server.requests[0];
  expect(own?.header("Contact")).toContain(localStorage.getItem("instanceId"));
  if (own) server.invite(/<(.*?)>/.exec(own.header("Contact"))?.[1] ?? "", own.socket, SDP);
  await until(() => shown.length === 1);
  // What a browser does when it is asked for the microphone.
  const navigator = { mediaDevices: { getUserMedia: async () => ({ getTracks: () => [] }) } };
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  call({ status: { home: server.target } }, registrar, "sip:bob@example.com");
  await until(() => server.methods.includes("INVITE"));
});

test("next to Genesys Softphone: login, logout", async () => {
  const { dohUrls } = (await ask("GET", "/")) as { dohUrls: [string, string] };
  const fake = await FakeSoftphone.start();
  cleanups.push(() => fake.stop());
  fake.becomes = "REGISTERED";
  const { driver, registrar, login, logout } = (await run(/genesysSoftphone/, {
    "https://localhost:8000": fake.baseUrl,
    "_sip._udp.example.com": "_sip._udp.sbc.example.test",
    "https://dns.example.com/dns-query": dohUrls[0],
  })) as { driver: Driver; registrar: { close(): void }; login(): void; logout(): Promise<void> };
  cleanups.push(() => registrar.close());
  fake.server = "dc1-sbc1.example.test:5060";
  login();
  await until(() => driver.status.state === "registered", 20_000);
  expect(shown.at(-1)).toEqual(["registered", "dc1-sbc1.example.test"]);
  await logout();
  expect(fake.requests.at(-1)).toBe("DELETE /session");
  expect(fake.count("DELETE /register")).toBe(1);
});

test("the core alone", async () => {
  const { actions, wakeMs } = await run(/new Registration\(/);
  expect(actions).toMatchObject([{ type: "lookup" }]);
  expect(wakeMs).toBeTypeOf("number");
});

test("every other example runs to its end", async () => {
  for (const index of examples.keys()) {
    if (ran.has(index)) continue;
    const { places } = await atLab(`other-${index}`);
    const { driver } = (await runAt(index, places)) as { driver?: Driver };
    if (driver) await until(() => driver.status.state === "registered", 20_000);
  }
});

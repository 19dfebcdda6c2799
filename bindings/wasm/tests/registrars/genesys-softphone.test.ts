import { type GenesysSoftphoneOptions, genesysSoftphone } from "@rehome/sip/genesys-softphone";
import { afterEach, expect, test } from "vitest";
import type { Target } from "../../ts/types.js";
import { FakeSoftphone } from "./fake-softphone.js";
import { sleep, targetAt, until } from "./lab.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const first = targetAt("dc1-spx1.example.test", 5060, 1);
const second = targetAt("dc2-spx1.example.test", 5060, 2);

async function desk(options: Partial<GenesysSoftphoneOptions> = {}) {
  const fake = await FakeSoftphone.start();
  const softphone = genesysSoftphone({
    baseUrl: fake.baseUrl,
    states: { registered: ["up"], failed: ["down"] },
    pollMs: 50,
    watchMs: 100,
    ...options,
  });
  const lost: Target[] = [];
  softphone.onFlowLost = (target) => lost.push(target);
  cleanups.push(() => {
    softphone.close();
    fake.stop();
  });
  const register = (target = first, within = 2000, binding = 1) =>
    softphone.register({ id: 1, target, binding, attempt: 1, expires: 120 }, { signal: AbortSignal.timeout(within) });
  const unregister = (target = first, binding = 1) =>
    softphone.unregister({ id: 2, target, binding }, { signal: AbortSignal.timeout(2000) });
  return { fake, softphone, lost, register, unregister };
}

test("POST /register, then GET /session until it is registered", async () => {
  const { fake, register } = await desk();
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(fake.requests.slice(0, 2)).toEqual(["GET /session", "POST /register"]);
  expect(fake.bodies).toEqual([""]);
});

test("a refresh only asks, for POST /register would drop the connection", async () => {
  const { fake, register } = await desk();
  await register();
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(fake.count("POST /register")).toBe(1);
});

test("a move at an agent login begins anew, also where the softphone is registered there", async () => {
  const { fake, softphone, register } = await desk();
  fake.state = "UP";
  softphone.agentLogin();
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(fake.count("POST /register")).toBe(1);
  softphone.agentLogin();
  expect(await register(first, 2000, 2)).toEqual({ type: "accepted", expires: 120 });
  expect(await register(first, 2000, 2)).toEqual({ type: "accepted", expires: 120 });
  expect(fake.count("POST /register")).toBe(2);
});

test("but not during a call", async () => {
  const { fake, softphone, register } = await desk();
  fake.state = "UP";
  fake.calls = [{ state: "UNKNOWN", uuid: "1" }];
  softphone.agentLogin();
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(await register(second, 2000, 2)).toEqual({ type: "notSent" });
  expect(fake.count("POST /register")).toBe(0);
});

test("a login that found the softphone at home already does not drop its connection at the next refresh", async () => {
  const { fake, softphone, register } = await desk();
  await register();
  softphone.agentLogin();
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(await register(first, 2000, 2)).toEqual({ type: "accepted", expires: 120 });
  expect(fake.count("POST /register")).toBe(1);
});

test.each([
  ["dc1-spx1.example.test", true],
  ["DC1-spx1.Example.test:5060", true],
  ["sip:dc1-spx1.example.test:5061;transport=tls", true],
  ["wss://dc1-spx1.example.test/ws", true],
  ["2dc1-spx1.example.test", false],
  ["dc1-spx1.example.test.elsewhere", false],
  ["", false],
])("registered at %o is at the target: %o", async (server, matches) => {
  const { fake, register } = await desk();
  fake.server = server;
  const outcome = await register({ ...first, host: "DC1-SPX1.example.test" }, matches ? 5000 : 300);
  expect(outcome.type).toBe(matches ? "accepted" : "unreachable");
});

test("DELETE /register, but not during a call", async () => {
  const { fake, register, unregister } = await desk();
  await register();
  fake.calls = [{ state: "UNKNOWN", uuid: "1" }];
  expect(await unregister()).toEqual({ type: "notSent" });
  expect(fake.count("DELETE /register")).toBe(0);
  fake.calls = [];
  expect(await unregister()).toEqual({ type: "accepted" });
  expect(fake.count("DELETE /register")).toBe(1);
});

test("the old binding's unregister leaves the new one alone", async () => {
  const { fake, register, unregister } = await desk();
  await register();
  fake.server = second.host;
  await register(second, 2000, 2);
  expect(await unregister(first, 1)).toEqual({ type: "accepted" });
  expect(fake.count("DELETE /register")).toBe(0);
  expect(fake.state).toBe("UP");
});

test("failed, silent, and registered at another server", async () => {
  const { fake, register } = await desk();
  fake.becomes = "DOWN";
  expect(await register()).toEqual({ type: "unreachable", cause: "other" });
  fake.becomes = "CONNECTING";
  expect(await register(first, 200)).toEqual({ type: "unreachable", cause: "timeout" });
  fake.becomes = "UP";
  expect(await register(second, 200)).toEqual({ type: "unreachable", cause: "timeout" });
});

test("no connector, or one that refuses: nothing left the device", async () => {
  const { fake, register, unregister } = await desk();
  for (const code of [400, 403, 404]) {
    fake.refuse = code;
    expect(await register()).toEqual({ type: "notSent" });
    expect(await unregister()).toEqual({ type: "notSent" });
  }
  fake.stop();
  expect(await register()).toEqual({ type: "notSent" });
});

test("a lost registration is told, a silent connector is not one", async () => {
  const { fake, register, lost } = await desk();
  await register();
  const asked = (more: number) => {
    const before = fake.count("GET /session");
    return until(() => fake.count("GET /session") >= before + more);
  };
  await asked(2);
  fake.refuse = 404;
  await asked(2);
  expect(lost).toEqual([]);
  fake.refuse = undefined;
  fake.state = "NONE";
  await until(() => lost.length === 1);
  await sleep(250);
  expect(lost).toEqual([first]);
});

test("a connector that hung once is asked again", async () => {
  const { fake, register, lost } = await desk();
  await register();
  fake.hangs = true;
  const asked = fake.count("GET /session");
  await until(() => fake.count("GET /session") > asked + 1);
  expect(lost).toEqual([]);
  fake.hangs = false;
  fake.state = "NONE";
  await until(() => lost.length === 1);
});

test("the body, the match, and logging out", async () => {
  const { fake, softphone, register } = await desk({
    body: ({ target }) => ({ made: "up", host: target.host }),
    matches: () => true,
  });
  await register(second);
  expect(JSON.parse(fake.bodies[0] ?? "")).toEqual({ made: "up", host: second.host });
  await softphone.agentLogout();
  expect(fake.requests.at(-1)).toBe("DELETE /session");
  fake.refuse = 403;
  await expect(softphone.agentLogout()).rejects.toThrow("refused DELETE /session with 403");
  fake.refuse = undefined;
  softphone.close();
  expect(await register()).toEqual({ type: "notSent" });
});

test("wrong options throw", () => {
  const good = { baseUrl: "https://localhost:8000", states: { registered: ["up"] } };
  const wrong: [object, string][] = [
    [{ baseUrl: "localhost:8000" }, "baseUrl"],
    [{ states: undefined }, "states.registered"],
    [{ states: { registered: [] } }, "states.registered"],
    [{ pollMs: 0 }, "pollMs"],
  ];
  for (const [change, field] of wrong)
    expect(() => genesysSoftphone({ ...good, ...change } as never)).toThrow(
      expect.objectContaining({ code: "invalidInput", field }),
    );
});

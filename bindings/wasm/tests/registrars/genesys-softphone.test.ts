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

test("an agent login begins anew, but not during a call", async () => {
  const { fake, softphone, register } = await desk();
  await register();
  softphone.agentLogin();
  fake.calls = [{ state: "UNKNOWN", uuid: "1" }];
  expect(await register()).toEqual({ type: "notSent" });
  fake.calls = [];
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(fake.count("POST /register")).toBe(2);
  expect(await register()).toEqual({ type: "accepted", expires: 120 });
  expect(fake.count("POST /register")).toBe(2);
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
  await sleep(150);
  fake.refuse = 404;
  await sleep(150);
  expect(lost).toEqual([]);
  fake.refuse = undefined;
  fake.state = "NONE";
  await until(() => lost.length === 1);
  await sleep(250);
  expect(lost).toEqual([first]);
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

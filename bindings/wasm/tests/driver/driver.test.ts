import * as sip from "@rehome/sip";
import { Driver } from "@rehome/sip/driver";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CONFIG, closeAll, FakeOrigin, FakeStore, NAME, noticed, pass, registered, replays, world } from "./fakes.js";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
});

afterEach(async () => {
  await closeAll();
  vi.useRealTimers();
});

test("looks up, registers, refreshes before the grant ends, unregisters", async () => {
  const made = world();
  const { driver, registrar, resolver } = made;
  const states: string[] = [];
  driver.on("status", ({ state }) => states.push(state));
  expect([driver.role, driver.status.state]).toEqual(["pending", "stopped"]);
  await registered(made);
  expect(driver.role).toBe("owner");
  expect(resolver.asked).toMatchObject([{ name: NAME, kind: "srv", timeoutMs: 5000 }]);
  expect(made.events).toEqual(["started", "planChanged", "registered"]);
  expect(states).toEqual(["lookingUp", "registering", "registered"]);
  expect(registrar.last.signal.aborted).toBe(false);
  await pass(600_000);
  expect(registrar.said.filter((said) => said === "register a").length).toBeGreaterThanOrEqual(2);
  expect(made.events).toContain("refreshed");
  expect(made.events).not.toContain("homeExpired");
  expect(made.events).not.toContain("resumed");
  await driver.stop();
  expect(driver.status.state).toBe("stopped");
  expect(registrar.said.at(-1)).toBe("unregister a");
  await driver.stop();
  replays(made);
});

test("what is given up is aborted; its outcome counts for 32 s and is dropped after that", async () => {
  const made = world({ config: { ...CONFIG, rollover: { failuresBeforeRollover: 1 } } });
  const { driver, registrar } = made;
  registrar.hosts = {};
  driver.start();
  await pass(9999);
  const [first] = registrar.requests;
  expect(first?.signal.aborted).toBe(false);
  await pass(1);
  expect(first?.signal.aborted).toBe(true);
  expect(registrar.said).toEqual(["register a", "register b"]);
  await pass(5000);
  first?.resolve({ type: "accepted", expires: 600 });
  await pass();
  expect(made.events).toContain("lateSuccess");
  expect(driver.status.home?.host).toBe("a.example.test");
  expect(registrar.requests[1]?.signal.aborted).toBe(true);
  await pass(32_001);
  registrar.requests[1]?.resolve({ type: "accepted", expires: 600 });
  await pass();
  expect(noticed(made, "lateDropped")).toEqual({ type: "lateDropped", id: registrar.requests[1]?.id });
  replays(made);
});

test("a lookup that is replaced is aborted", async () => {
  const made = world();
  made.resolver.answer = () => new Promise(() => {});
  made.driver.start();
  await pass(10);
  made.driver.networkChanged();
  await pass();
  expect(made.resolver.asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
});

test("a registrar or resolver that throws is a failure with a cause, never an unhandled rejection", async () => {
  const made = world();
  const { driver, registrar, resolver } = made;
  resolver.lookup = () => {
    throw new Error("no resolver");
  };
  driver.start();
  await pass();
  expect(noticed(made, "resolverFailed")).toMatchObject({ id: 1, error: new Error("no resolver") });
  expect(made.events).toEqual(["started", "lookupFailed", "roundFailed"]);

  resolver.lookup = async () => ({ type: "srv", records: [{ port: 1 }], ttl: 1 }) as never;
  driver.networkChanged();
  await pass();
  expect(noticed(made, "inputRefused")).toMatchObject({ error: { code: "invalidInput" } });
  expect(made.events.at(-2)).toBe("lookupFailed");

  resolver.lookup = async () => resolver.answer();
  registrar.register = async () => {
    throw new Error("no registrar");
  };
  driver.networkChanged();
  await pass(2000); // The most that the round is put off (rule 4.6).
  expect(noticed(made, "registrarFailed")).toMatchObject({ error: new Error("no registrar") });
  expect(made.events.at(-1)).toBe("attemptFailed");

  registrar.register = async () => ({ type: "status", code: 183 });
  await pass(5000);
  expect(made.notices.at(-1)).toMatchObject({ type: "inputRefused", error: { code: "notFinal" } });
  expect(made.driver.status.streak).toBe(2);
  replays(made);
});

test("what was given up may end in an error, and nobody hears of it", async () => {
  const made = world();
  made.registrar.hosts = {};
  made.driver.start();
  await pass();
  const [{ signal, reject } = { signal: undefined, reject: () => {} }] = made.registrar.requests;
  signal?.addEventListener("abort", () => reject(signal.reason));
  await pass(10_000);
  expect(signal?.aborted).toBe(true);
  expect(made.notices.map(({ type }) => type)).toEqual(["role"]);
});

test("offline pauses, online goes on; a page that opens offline waits", async () => {
  const made = await registered();
  made.page.dispatchEvent(new Event("offline"));
  expect(made.driver.status.state).toBe("offline");
  await pass(60_000);
  made.page.dispatchEvent(new Event("online"));
  await pass(2000);
  expect(made.driver.status.state).toBe("registered");
  expect(made.registrar.said).toEqual(["register a", "register a"]);
  replays(made);

  const other = world();
  other.online = false;
  other.driver.start();
  await pass(10_000);
  expect(other.resolver.asked).toEqual([]);
  expect(other.driver.status.state).toBe("offline");
  other.page.dispatchEvent(new Event("online"));
  await pass(2000);
  expect(other.driver.status.state).toBe("registered");
  replays(other);
});

test("a lost flow is handed in; one of an unknown target is refused and told", async () => {
  const made = await registered();
  made.registrar.onFlowLost?.(made.registrar.last.target);
  expect(made.driver.status.state).toBe("unconfirmed");
  made.registrar.onFlowLost?.({ ...made.registrar.last.target, id: 99 });
  expect(noticed(made, "inputRefused")).toMatchObject({ error: { code: "unknownTarget" } });
  replays(made);
});

test("a sleep in which timers stood still is noticed within 15 s", async () => {
  const made = await registered();
  made.asleepMs = 590_000;
  await pass(15_000);
  expect(noticed(made, "slept")).toBeDefined();
  expect(made.events).toContain("resumed");
  await pass(2000);
  expect(made.registrar.said).toEqual(["register a", "register a"]);
  expect(made.driver.nowMs).toBeGreaterThanOrEqual(607_000);
  replays(made);
});

test("whatever comes first after a sleep, `resumed` goes before it", async () => {
  const made = await registered();
  made.asleepMs = 60_000;
  made.registrar.onFlowLost?.(made.registrar.last.target);
  expect(made.events.slice(3)).toEqual(["resumed", "flowLost"]);
  replays(made);
});

test("a frozen page, whose clocks went on, is noticed by the late timer", async () => {
  const made = await registered();
  const original = performance.now;
  const now = vi.spyOn(performance, "now").mockImplementation(() => original.call(performance) + 60_000);
  vi.setSystemTime(Date.now() + 60_000);
  await pass(15_000);
  now.mockRestore();
  expect(noticed(made, "slept")).toBeDefined();
  expect(made.events).toContain("resumed");
});

test("a wall clock that is set back is not followed", async () => {
  const made = await registered();
  made.asleepMs = -3_600_000;
  await pass(14_000);
  expect(made.driver.nowMs).toBe(14_000);
  expect(noticed(made, "slept")).toBeUndefined();
});

test("the lateness of timers goes into the configuration", async () => {
  const set: number[] = [];
  const alarm = { slackMs: 60_000, set: (ms: number) => set.push(ms), clear() {}, close() {} };
  const made = await registered(world({ environment: { alarm: async () => alarm } }));
  expect(noticed(made, "noWorker")).toEqual({ type: "noWorker", slackMs: 60_000 });
  expect(made.driver.exportScenario().scenario.config).toMatchObject({ refresh: { timerSlackMs: 60_000 } });
  expect(Math.max(...set)).toBe(15_000);
  made.driver.configure({ ...CONFIG, refresh: { timerSlackMs: 90_000 } });
  expect(made.driver.exportScenario().scenario.steps.at(-1)).toMatchObject({
    input: { type: "configure", config: { refresh: { timerSlackMs: 90_000 } } },
  });
  replays(made);
});

test.each([undefined, 7])(
  "with keepInputs %s: after so many the beginning is lost, and the export says so",
  async (keepInputs) => {
    const made = await registered(world({ keepInputs }));
    const most = keepInputs ?? 500;
    while (made.driver.exportScenario().scenario.steps.length < most) made.driver.busy();
    replays(made);
    made.driver.idle();
    const { scenario, complete } = made.driver.exportScenario();
    expect(complete).toBe(false);
    expect(scenario.steps).toHaveLength(most);
    expect(scenario.description).toMatch(/does not replay/);
  },
);

test("a kept log that is longer than this page's is cut", async () => {
  const store = new FakeStore();
  const before = await registered(world({ store }));
  await before.driver.close();
  const after = world({ store, keepInputs: 2 });
  after.driver.start();
  await pass(3000);
  expect(after.driver.exportScenario()).toMatchObject({ complete: false });
  expect(after.driver.exportScenario().scenario.steps).toHaveLength(2);

  const origin = new FakeOrigin();
  await registered(world({ origin }));
  const follower = world({ origin, keepInputs: 2 });
  await pass();
  expect(follower.driver.exportScenario()).toMatchObject({ complete: false });
  expect(follower.driver.exportScenario().scenario.steps).toHaveLength(2);
});

test("listeners may call back, throw, leave, and close", async () => {
  const made = world();
  const seen: string[] = [];
  made.driver.on("event", ({ type }) => {
    seen.push(type);
    if (type === "registered") made.driver.tryPrimary();
  });
  made.driver.on("event", () => {
    throw new Error("mine");
  });
  const leave = made.driver.on("action", () => leave());
  await registered(made);
  expect(seen.slice(2)).toEqual(["registered", "triggered", "triggerIgnored"]);
  expect(noticed(made, "listenerFailed")).toMatchObject({ error: new Error("mine") });
  made.driver.on("event", () => void made.driver.close());
  made.driver.networkDown();
  await pass(60_000);
  expect(made.driver.role).toBe("closed");
  made.driver.start();
  await made.driver.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("closed by a listener, it does nothing of what was asked for", async () => {
  const made = world();
  made.driver.on("event", () => void made.driver.close());
  made.driver.start();
  await pass(1000);
  expect([made.events, made.resolver.asked]).toEqual([["started"], []]);
});

test("closed before it began, or with an answer to come, it stays quiet", async () => {
  const early = world();
  const closed = early.driver.close();
  await closed;
  await pass();
  expect(early.driver.role).toBe("closed");

  const made = world();
  made.registrar.hosts = {};
  made.driver.start();
  await pass();
  const { signal, resolve } = made.registrar.last;
  await made.driver.close();
  expect(signal.aborted).toBe(true);
  resolve({ type: "accepted" });
  await pass(1000);
  expect(made.events).not.toContain("registered");
});

test("a configuration that cannot be used throws where it is given", async () => {
  const { resolver, registrar, driver } = world();
  expect(() => new Driver({ config: {}, resolver, registrar })).toThrow(sip.RehomeError);
  expect(() => driver.configure({ srvRecord: 7 } as never)).toThrow(/srvRecord/);
});

test("stop resolves though a start follows it", async () => {
  const made = await registered();
  const stopped = made.driver.stop();
  made.driver.start();
  await Promise.all([stopped, pass(5000)]);
  expect(made.registrar.said).toEqual(["register a", "unregister a", "register a"]);
  expect(made.driver.status.state).toBe("registered");
});

test("the registrar hears that its connections prove nothing, before it is asked again", async () => {
  const config = { ...CONFIG, rollover: { recoverySpreadMs: 0 } };
  const made = await registered(world({ config }));
  const { driver, registrar, page } = made;
  const doubted: number[] = [];
  driver.on("action", ({ type }) => type === "register" && doubted.push(registrar.doubted));
  expect(registrar.doubted).toBe(0);
  page.dispatchEvent(new Event("offline"));
  expect(registrar.doubted).toBe(1);
  page.dispatchEvent(new Event("online"));
  await pass(10_000);
  driver.resumed(); // The REGISTER comes out of the same step.
  expect(doubted).toEqual([2, 3]);
  await pass();
  made.asleepMs = 60_000;
  await pass(20_000);
  expect(doubted).toEqual([2, 3, 4]);
  driver.networkDown();
  driver.networkChanged();
  await pass();
  expect(registrar.doubted).toBe(6);

  registrar.networkChanged = () => {
    throw new Error("not now");
  };
  driver.resumed();
  expect(noticed(made, "registrarFailed")).toMatchObject({ error: new Error("not now") });
});

test("all listeners hear of what one of them brings about after what they were told", async () => {
  const made = await registered();
  const heard: string[] = [];
  made.driver.on("status", ({ state }) => {
    if (state === "stopped") made.driver.start();
  });
  made.driver.on("status", ({ state }) => heard.push(state));
  made.driver.on("event", ({ type }) => heard.push(type));
  await made.driver.stop();
  await pass(10_000);
  expect(heard.slice(0, 7)).toEqual([
    "stopping",
    "stopping",
    "unregistered",
    "stopped",
    "stopped",
    "started",
    "lookingUp",
  ]);
  expect(heard.at(-1)).toBe("registered");
});

test("a resolver or registrar that says nothing at all failed, and that is told", async () => {
  const made = world();
  made.resolver.lookup = async () => undefined as never;
  made.driver.start();
  await pass();
  expect(noticed(made, "inputRefused")).toMatchObject({ error: { code: "invalidInput", field: "answer" } });
  expect(made.events).toContain("lookupFailed");
  made.resolver.lookup = async () => made.resolver.answer();
  made.registrar.register = async () => undefined as never;
  made.driver.networkChanged();
  await pass(2000);
  expect(made.notices.at(-1)).toMatchObject({ error: { code: "invalidInput", field: "outcome" } });
  expect(made.events.at(-1)).toBe("attemptFailed");
  replays(made);
});

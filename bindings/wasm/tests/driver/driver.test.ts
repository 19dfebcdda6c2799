import * as sip from "@rehome/sip";
import { Driver } from "@rehome/sip/driver";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { run } from "../scenarios/runner.mjs";
import { CONFIG, closeAll, FakeOrigin, FakeStore, NAME, noticed, pass, type World, world } from "./fakes.js";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
});

afterEach(async () => {
  await closeAll();
  vi.useRealTimers();
});

async function registered(made = world()): Promise<World> {
  made.driver.start();
  await pass();
  expect(made.driver.status).toMatchObject({ state: "registered", home: { host: "a.example.test" } });
  return made;
}

function replays({ driver }: World): void {
  const { scenario, complete } = driver.exportScenario();
  expect(complete).toBe(true);
  expect(run(sip, JSON.parse(JSON.stringify(scenario)))).not.toHaveProperty("failure");
}

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
  vi.setSystemTime(Date.now());
  const frozen = performance.now();
  const now = vi.spyOn(performance, "now").mockImplementation(() => frozen + 400_000);
  vi.setSystemTime(Date.now() + 400_000);
  await pass(15_000);
  expect(made.events).toContain("resumed");
  now.mockRestore();
});

test("a wall clock that is set back is not followed", async () => {
  const made = await registered();
  made.asleepMs = -3_600_000;
  await pass(14_000);
  expect(made.driver.nowMs).toBe(14_000);
  expect(noticed(made, "slept")).toBeUndefined();
});

function transition(type: "pagehide" | "pageshow"): Event {
  return Object.assign(new Event(type), { persisted: true });
}

test("a page that goes into the back/forward cache leaves the registration to another tab, and follows when back", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  await pass(1000);
  expect([first.driver.role, second.driver.role]).toEqual(["owner", "follower"]);
  first.registrar.hosts = {};
  first.driver.resumed();
  await pass(5000);
  expect(first.registrar.said).toEqual(["register a", "register a"]);
  const { signal, resolve } = first.registrar.last;
  first.page.dispatchEvent(transition("pagehide"));
  await pass(5000);
  expect([first.driver.role, second.driver.role]).toEqual(["pending", "owner"]);
  expect(signal.aborted).toBe(true);
  expect(second.registrar.said).toEqual(["register a"]);
  expect(second.events).not.toContain("started");
  resolve({ type: "accepted", expires: 600 });
  await pass(1_200_000);
  expect(second.driver.status.state).toBe("registered");
  replays(second);

  first.page.dispatchEvent(transition("pageshow"));
  first.driver.agentLogin();
  await pass(5000);
  expect([first.driver.role, second.driver.role]).toEqual(["follower", "owner"]);
  expect(second.events.slice(-2)).toEqual(["triggered", "triggerIgnored"]);
  expect(first.driver.status).toMatchObject({ state: "registered", home: { host: "a.example.test" } });
  expect(first.registrar.said).toHaveLength(2);
  expect(first.notices.map(({ type }) => type)).not.toContain("inputRefused");

  second.page.dispatchEvent(transition("pagehide"));
  await pass(5000);
  expect([first.driver.role, second.driver.role]).toEqual(["owner", "pending"]);
  replays(first);
});

test("alone it comes back to its own registration; a follower follows again; what is stopped stays so", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  first.page.dispatchEvent(transition("pagehide"));
  await pass(60_000);
  expect(first.registrar.said).toEqual(["register a"]);
  first.page.dispatchEvent(transition("pageshow"));
  await pass(2000);
  expect(first.driver.role).toBe("owner");
  expect(noticed(first, "restored")).toEqual({ type: "restored", ageMs: 60_000 });
  expect(first.registrar.said).toEqual(["register a", "register a"]);
  replays(first);

  const second = world({ origin });
  await pass(1000);
  second.page.dispatchEvent(transition("pagehide"));
  await first.driver.close();
  await pass(1000);
  expect(second.driver.role).toBe("pending");
  second.page.dispatchEvent(transition("pageshow"));
  await pass(2000);
  expect([second.driver.role, second.driver.status.state]).toEqual(["owner", "registered"]);

  second.registrar.hosts = {};
  second.registrar.unregister = () => new Promise(() => {});
  const stopped = second.driver.stop();
  expect(second.driver.status.state).toBe("stopping");
  second.page.dispatchEvent(transition("pagehide"));
  await pass(1000);
  second.page.dispatchEvent(transition("pageshow"));
  await stopped;
  await pass(60_000);
  expect([second.driver.role, second.driver.status.state]).toEqual(["owner", "stopped"]);
});

test("where there are no locks, a page shown again from the back/forward cache goes on as after a sleep", async () => {
  const made = await registered();
  made.page.dispatchEvent(new Event("pageshow"));
  expect(made.events).not.toContain("resumed");
  made.page.dispatchEvent(transition("pagehide"));
  expect(made.driver.role).toBe("owner");
  made.page.dispatchEvent(transition("pageshow"));
  expect(made.events).toContain("resumed");
});

test("a reload goes on at home, and the export tells of both pages", async () => {
  const store = new FakeStore();
  const before = await registered(world({ store }));
  before.registrar.hosts["a.example.test"] = { type: "status", code: 503 };
  before.driver.agentLogin();
  await pass(100_000);
  before.page.dispatchEvent(new Event("pagehide"));
  const kept = [...store.items];
  expect(kept.map(([key]) => key)).toEqual(["rehome:rehome"]);
  await before.driver.close();

  store.items = new Map(kept);
  await pass(3000);
  const after = world({ store, seed: 8 });
  after.driver.start();
  await pass(2000);
  expect(noticed(after, "restored")).toEqual({ type: "restored", ageMs: 3000 });
  expect(after.events).toEqual(["resumed", "refreshed"]);
  expect(after.resolver.asked).toEqual([]);
  after.driver.tryPrimary();
  await pass(2000);
  replays(after);
  const { scenario } = after.driver.exportScenario();
  expect(scenario.steps.map(({ op }) => op)).toContain("snapshotRestore");
  // The page that goes on does not start again.
  const inputs = scenario.steps.map((step) => (step.op === "step" ? step.input.type : step.op));
  expect(inputs.filter((type) => type === "start")).toHaveLength(1);
  await after.driver.stop();
  expect(store.items.size).toBe(0);
});

test("a reload while offline waits for the network; one with other settings is a restart that replays", async () => {
  const store = new FakeStore();
  const before = await registered(world({ store }));
  await before.driver.close();
  const offline = world({ store });
  offline.online = false;
  offline.driver.start();
  await pass(5000);
  expect(offline.driver.status.state).toBe("offline");
  expect(offline.registrar.said).toEqual([]);
  offline.page.dispatchEvent(new Event("online"));
  await pass(3000);
  expect(offline.registrar.said).toEqual(["register a"]);
  replays(offline);
  await offline.driver.close();

  const other = world({ store, config: { ...CONFIG, refresh: { expires: 1200 } } });
  other.driver.start();
  await pass(5000);
  expect(other.driver.status.state).toBe("registered");
  expect(other.events[0]).toBe("started");
  replays(other);
});

test("a damaged, foreign or newer snapshot is a fresh start, and said", async () => {
  const good = new FakeStore();
  await (await registered(world({ store: good }))).driver.close();
  const saved = JSON.parse(good.items.get("rehome:rehome") as string);
  const newer = { ...saved, snapshot: btoa(`\xff${atob(saved.snapshot).slice(1)}`) };
  const cut = { ...saved, snapshot: saved.snapshot.slice(0, 40) };
  for (const text of ["{", "null", "{}", '{"v":2}', JSON.stringify(newer), JSON.stringify(cut)]) {
    const store = new FakeStore();
    store.items.set("rehome:rehome", text);
    const made = await registered(world({ store }));
    expect(noticed(made, "snapshotRefused")).toBeDefined();
    expect(made.events[0]).toBe("started");
    replays(made);
  }
  const store = new FakeStore();
  store.items.set("rehome:rehome", JSON.stringify({ ...saved, log: 7 }));
  const made = world({ store });
  made.driver.start();
  await pass(2000);
  expect(made.events[0]).toBe("resumed");
  expect(made.driver.exportScenario()).toMatchObject({ complete: false });
});

test("where there is little room the snapshot is kept without its log; where there is none that is said", async () => {
  const store = new FakeStore();
  store.room = 1000;
  const made = await registered(world({ store }));
  expect(JSON.parse(store.items.get("rehome:rehome") as string)).toMatchObject({ v: 1, log: null });
  expect(noticed(made, "notSaved")).toBeUndefined();
  store.room = 10;
  made.page.dispatchEvent(new Event("pagehide"));
  expect(noticed(made, "notSaved")).toBeDefined();
});

test("one tab registers, the other follows, asks, and takes over", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  await pass(700);
  const second = world({ origin, seed: 9 });
  await pass(4300);
  expect([first.driver.role, second.driver.role]).toEqual(["owner", "follower"]);
  expect(second.driver.status).toMatchObject({ state: "registered", home: { host: "a.example.test" } });
  // The same moment, on another clock.
  const left = ({ driver }: World) => (driver.status.expiresAtMs as number) - driver.nowMs;
  expect(left(second)).toBe(left(first));
  expect(left(first)).toBe(595_000);

  second.driver.start();
  second.driver.agentLogin();
  await pass(10);
  expect(first.events.slice(3)).toEqual(["triggered", "triggerIgnored"]);
  expect(second.registrar.said).toEqual([]);

  await first.driver.close();
  expect([first.driver.role, first.registrar.closed]).toEqual(["closed", 1]);
  await pass(2000);
  expect(second.driver.role).toBe("owner");
  expect(second.events).toEqual(["resumed", "refreshed"]);
  expect(second.registrar.said).toEqual(["register a"]);
  replays(second);

  const third = world({ origin });
  third.driver.start();
  await pass();
  expect(third.driver.role).toBe("follower");
  await third.driver.stop();
  expect(second.registrar.said).toEqual(["register a", "unregister a"]);
  expect(third.driver.status.state).toBe("stopped");
  await third.driver.stop();
  await second.driver.close();
  await pass(1000);
  expect([third.driver.role, third.driver.status.state]).toEqual(["owner", "stopped"]);
  expect(third.resolver.asked).toEqual([]);
});

test("a tab that opens ends no wait; one that opens after a stop registers again", async () => {
  const origin = new FakeOrigin();
  const first = world({ origin });
  first.registrar.hosts = {
    "a.example.test": { type: "status", code: 403 },
    "b.example.test": { type: "status", code: 403 },
  };
  first.driver.start();
  await pass(1000);
  expect(first.driver.status.state).toBe("rejected");
  const second = world({ origin });
  second.driver.start();
  await pass(1000);
  expect(first.driver.status.state).toBe("rejected");
  await first.driver.stop();
  await pass();
  expect(second.driver.status.state).toBe("stopped");
  second.driver.start();
  await pass();
  expect(first.events.filter((type) => type === "started")).toHaveLength(2);
  expect(second.resolver.asked).toEqual([]);
});

test("a tab that dies without a word is replaced", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  await pass(500);
  first.driver.busy();
  const second = world({ origin });
  await pass(500);
  origin.firstDies("rehome:rehome");
  await pass(2000);
  expect(second.driver.role).toBe("owner");
  expect(noticed(second, "restored")).toEqual({ type: "restored", ageMs: 1000 });
  expect(second.driver.status.state).toBe("registered");
  replays(second);
});

test("a follower may give another configuration; accounts of other names are their own", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin });
  const other = await registered(world({ origin, name: "second line" }));
  await pass();
  expect([second.driver.role, other.driver.role]).toEqual(["follower", "owner"]);
  second.driver.configure({ ...CONFIG, rollover: { failuresBeforeRollover: 2 } });
  await pass();
  expect(first.events.at(-1)).toBe("configured");
  replays(first);
  await second.driver.close();
  await pass();
  expect(first.driver.role).toBe("owner");
});

test("where locks are refused this tab is the only one, and says so", async () => {
  const locks = { request: () => Promise.reject(new Error("insecure")) };
  const made = await registered(world({ environment: { locks } }));
  expect(noticed(made, "noLocks")).toMatchObject({ error: new Error("insecure") });
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

test("after 500 inputs the beginning is lost, and the export says so", async () => {
  const made = await registered();
  for (let index = 0; index < 250; index += 1) {
    made.driver.busy();
    made.driver.idle();
  }
  const { scenario, complete } = made.driver.exportScenario();
  expect(complete).toBe(false);
  expect(scenario.steps).toHaveLength(500);
  expect(scenario.description).toMatch(/does not replay/);
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

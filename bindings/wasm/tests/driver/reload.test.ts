// What a page that is loaded again goes on with.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CONFIG, closeAll, FakeStore, noticed, pass, registered, replays, world } from "./fakes.js";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
});

afterEach(async () => {
  await closeAll();
  vi.useRealTimers();
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

test("a reload while offline waits for the network; one with other settings goes on and hears of them", async () => {
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
  expect(other.events).toEqual(["resumed", "configured", "refreshed"]);
  replays(other);
  await other.driver.close();

  const elsewhere = world({ store, config: { ...CONFIG, srvRecord: "_sip._ws.other.test" } });
  elsewhere.driver.start();
  await pass(10_000);
  expect(elsewhere.registrar.said).toEqual(["unregister a", "register a"]);
  expect(elsewhere.resolver.asked).toMatchObject([{ name: "_sip._ws.other.test" }]);
  replays(elsewhere);
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

test("later timers than before the reload are no restart", async () => {
  const store = new FakeStore();
  await (await registered(world({ store }))).driver.close();
  const late = { slackMs: 60_000, set() {}, clear() {}, close() {} };
  const after = world({ store, environment: { alarm: async () => late } });
  after.driver.start();
  await pass();
  expect(after.events).toEqual(["resumed", "configured"]);
  expect(after.driver.status.home?.host).toBe("a.example.test");
  expect(after.resolver.asked).toEqual([]);
  replays(after);
});

test("only start, login and stop go on with what was kept; all else waits for them", async () => {
  const store = new FakeStore();
  const before = await registered(world({ store }));
  await before.driver.close();
  const kept = new Map(store.items);

  const after = world({ store });
  after.driver.idle();
  after.driver.networkChanged();
  after.driver.tryPrimary();
  after.driver.networkDown();
  after.driver.busy();
  await pass(60_000);
  expect([after.registrar.said, after.driver.status.state]).toEqual([[], "stopped"]);
  after.driver.start();
  expect(noticed(after, "restored")).toBeDefined();
  await pass(5000);
  expect([after.registrar.said, after.driver.status.state]).toEqual([[], "offline"]);
  after.driver.networkChanged();
  await pass(5000);
  expect(after.registrar.said).toEqual(["register a"]);
  const { steps } = after.driver.exportScenario().scenario;
  expect(steps.flatMap((step) => (step.op === "step" ? [step.input.type] : []))).toContain("busy");
  replays(after);
  await after.driver.close();

  store.items = new Map(kept);
  const login = world({ store });
  login.driver.agentLogin();
  await pass(5000);
  expect(login.events.slice(0, 3)).toEqual(["resumed", "triggered", "triggerIgnored"]);
  expect(login.registrar.said).toEqual(["register a"]);
  await login.driver.close();

  store.items = new Map(kept);
  const config = { ...CONFIG, failback: { onAgentLogin: false } };
  const without = world({ store, config });
  without.driver.agentLogin();
  await pass(5000);
  expect([without.events, without.registrar.said]).toEqual([["triggerIgnored"], []]);
  await without.driver.close();

  store.items = new Map(kept);
  const ending = world({ store });
  await ending.driver.stop();
  expect(ending.registrar.said).toEqual(["unregister a"]);
  expect(store.items.size).toBe(0);
  replays(ending);
});

test("a call that is up outlives what happened before start", async () => {
  const made = world();
  made.driver.busy();
  made.registrar.hosts["a.example.test"] = { type: "unreachable", cause: "refused" };
  made.driver.start();
  await pass(30_000);
  expect(made.driver.status.home?.host).toBe("b.example.test");
  made.driver.agentLogin();
  expect(made.events.at(-1)).toBe("triggerDeferred");
  replays(made);
});

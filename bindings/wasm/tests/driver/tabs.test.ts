// The tabs of one origin: one owns the registration, the others follow.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CONFIG, closeAll, FakeOrigin, noticed, pass, registered, replays, type World, world } from "./fakes.js";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
});

afterEach(async () => {
  await closeAll();
  vi.useRealTimers();
});

const NAME = "rehome:rehome";
const OTHER = { ...CONFIG, srvRecord: "_sip._ws.other.test" };

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
  origin.firstFallsSilent("rehome:rehome");
  origin.firstIsGone("rehome:rehome");
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

test.each(["the owner", "a follower"])(
  "a configuration given by %s is that of the tab that takes over",
  async (who) => {
    const origin = new FakeOrigin();
    const first = await registered(world({ origin }));
    const second = world({ origin, seed: 9 });
    await pass();
    (who === "the owner" ? first : second).driver.configure({ ...CONFIG, refresh: { expires: 1200 } });
    await pass(1000);
    const third = world({ origin, seed: 11 });
    await pass();
    await first.driver.close();
    await pass(5000);
    expect(second.events).toEqual(["resumed", "refreshed"]);
    expect(second.resolver.asked).toEqual([]);
    replays(second);
    await second.driver.stop();
    await second.driver.close();
    third.driver.start();
    await pass();
    expect(third.driver.exportScenario().scenario.config).toMatchObject({ refresh: { expires: 1200 } });
  },
);

test.each([
  ["a configuration of another place", (made: World) => made.driver.configure(OTHER)],
  [
    "stop, then start",
    (made: World) => {
      void made.driver.stop();
      made.driver.start();
    },
  ],
])("%s: the owner closes before its unregister is through, and the next tab registers", async (_what, restart) => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  await pass();
  first.registrar.unregister = () => new Promise(() => {});
  restart(first);
  await pass(100);
  expect([first.driver.status.state, second.driver.status.state]).toEqual(["stopping", "stopping"]);
  await first.driver.close();
  await pass(10_000);
  expect(second.driver.status.state).toBe("registered");
  expect(second.events[0]).toBe("started");
  expect(second.resolver.asked.at(-1)?.name).toBe(_what.startsWith("a config") ? OTHER.srvRecord : CONFIG.srvRecord);
  replays(second);
});

test("a page that may have no channel is the only one, and says so", async () => {
  const origin = new FakeOrigin();
  const channel = () => {
    throw new Error("no cookies");
  };
  const made = await registered(world({ origin, environment: { channel } }));
  expect(noticed(made, "noLocks")).toMatchObject({ error: new Error("no cookies") });
});

test("what an owner that goes does not hear is done by the next one", async () => {
  const origin = new FakeOrigin();
  await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  await pass(1000);
  const third = world({ origin, seed: 11 });
  await pass();
  origin.firstFallsSilent(NAME);
  let done = 0;
  const stopped = [second.driver.stop(), third.driver.stop()].map((stop) => stop.then(() => (done += 1)));
  await pass(4999);
  expect([done, noticed(second, "unanswered")]).toEqual([0, undefined]);
  await pass(1);
  expect(noticed(second, "unanswered")).toEqual({ type: "unanswered", command: { type: "stop" } });
  origin.firstIsGone(NAME);
  await Promise.all([pass(5000), ...stopped]);
  expect(second.registrar.said.at(-1)).toBe("unregister a");
  expect([second.driver.status.state, third.driver.status.state]).toEqual(["stopped", "stopped"]);
  replays(second);

  await second.driver.close();
  await pass(5000);
  expect([third.driver.role, third.driver.status.state]).toEqual(["owner", "stopped"]);
  await closeAll();
  expect(vi.getTimerCount()).toBe(0);
});

test("a follower's stop resolves though the owner goes while it stops", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  const third = world({ origin, seed: 11 });
  await pass();
  first.registrar.unregister = () => new Promise(() => {});
  let done = false;
  void third.driver.stop().then(() => {
    done = true;
  });
  await pass(100);
  expect([first.driver.status.state, done]).toEqual(["stopping", false]);
  await first.driver.close();
  await pass(1000);
  expect([second.driver.role, third.driver.role, done]).toEqual(["owner", "follower", true]);
  expect(second.registrar.said).toEqual([]);
});

test("what one owner has not done, the next one hears of", async () => {
  const origin = new FakeOrigin();
  await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  const third = world({ origin, seed: 11 });
  await pass();
  origin.firstFallsSilent(NAME);
  third.driver.agentLogin();
  await pass(100);
  origin.firstIsGone(NAME);
  await pass(5000);
  expect([second.driver.role, third.driver.role]).toEqual(["owner", "follower"]);
  expect(second.events).toContain("triggered");
  await pass(10_000);
  expect(noticed(third, "unanswered")).toBeUndefined();
});

test("a follower's stop and start again: both are done, and the stop resolves", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin });
  await pass();
  const stopped = second.driver.stop();
  second.driver.start();
  await Promise.all([stopped, pass(10_000)]);
  expect(first.events.slice(3, 6)).toEqual(["stopping", "unregistered", "stopped"]);
  expect(second.driver.status.state).toBe("registered");
  replays(first);
});

test("a follower's second start is a wish: it ends the owner's wait", async () => {
  const origin = new FakeOrigin();
  const first = world({ origin });
  const rejected = { type: "status", code: 403 } as const;
  first.registrar.hosts = { "a.example.test": rejected, "b.example.test": rejected };
  first.driver.start();
  await pass(1000);
  const second = world({ origin });
  second.driver.start();
  await pass(1000);
  expect(first.driver.status.state).toBe("rejected");
  first.registrar.hosts["a.example.test"] = { type: "accepted", expires: 600 };
  second.driver.start();
  await pass(10_000);
  expect([first.driver.status.state, second.driver.status.state]).toEqual(["registered", "registered"]);
});

test.each(["the tab that takes over", "another one"])("a call of %s still holds what would move", async (which) => {
  const origin = new FakeOrigin();
  const first = world({ origin });
  first.registrar.hosts["a.example.test"] = { type: "unreachable", cause: "refused" };
  first.driver.start();
  await pass(30_000);
  const second = world({ origin, seed: 9 });
  const third = world({ origin, seed: 11 });
  await pass();
  const inCall = which === "another one" ? third : second;
  inCall.driver.busy();
  await pass();
  await first.driver.close();
  await pass(5000);
  expect([second.driver.role, second.driver.status.home?.host]).toEqual(["owner", "b.example.test"]);
  second.driver.agentLogin();
  expect(second.events.at(-1)).toBe("triggerDeferred");
  inCall.driver.idle();
  await pass(5000);
  expect(second.driver.status.home?.host).toBe("a.example.test");
  replays(second);
});

test("a configuration given while the phone is stopped is the other tabs', too", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  await pass();
  await first.driver.stop();
  first.driver.configure({ ...CONFIG, refresh: { expires: 1200 } });
  await pass();
  await first.driver.close();
  second.driver.start();
  await pass();
  expect(second.driver.exportScenario().scenario.config).toMatchObject({ refresh: { expires: 1200 } });
});

test("a follower of a phone that was stopped starts afresh, also where tabs have no store in common", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin, environment: { shared: null } }));
  const second = world({ origin, seed: 9, environment: { shared: null } });
  await pass();
  await first.driver.stop();
  await first.driver.close();
  second.driver.start();
  await pass();
  expect(second.events[0]).toBe("started");
});

test("one that owns hears what was asked for while nobody did, and of the call of before", async () => {
  const origin = new FakeOrigin();
  const first = world({ origin });
  const second = world({ origin, seed: 9 });
  const third = world({ origin, seed: 11 });
  await pass();
  second.driver.busy();
  await pass();
  origin.firstFallsSilent(NAME);
  third.driver.start();
  second.registrar.hosts["a.example.test"] = { type: "unreachable", cause: "refused" };
  origin.firstIsGone(NAME);
  await pass(30_000);
  expect([first.registrar.said, second.driver.status.home?.host]).toEqual([[], "b.example.test"]);
  second.driver.agentLogin();
  expect(second.events.at(-1)).toBe("triggerDeferred");
});

test("a tab that closes with something unanswered leaves no timer", async () => {
  const origin = new FakeOrigin();
  await registered(world({ origin }));
  const second = world({ origin });
  await pass();
  origin.firstFallsSilent(NAME);
  const timers = vi.getTimerCount();
  second.driver.agentLogin();
  expect(vi.getTimerCount()).toBe(timers + 1);
  await second.driver.close();
  expect(vi.getTimerCount()).toBe(timers);
});

test("a configuration that a listener gives is kept as well", async () => {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  const second = world({ origin, seed: 9 });
  await pass();
  const leave = first.driver.on("event", () => {
    leave();
    first.driver.configure({ ...CONFIG, refresh: { expires: 1200 } });
  });
  first.driver.tryPrimary();
  await pass();
  origin.firstFallsSilent(NAME);
  origin.firstIsGone(NAME);
  await pass(5000);
  expect(second.events).toEqual(["resumed", "refreshed"]);
  replays(second);
});

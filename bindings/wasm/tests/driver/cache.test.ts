// Pages that go into the browser's back/forward cache, and come back.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { closeAll, FakeOrigin, noticed, pass, registered, replays, transition, world } from "./fakes.js";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
});

afterEach(async () => {
  await closeAll();
  vi.useRealTimers();
});

/** A registered page that went into the back/forward cache, and another that was opened then and owns. */
async function takenOver() {
  const origin = new FakeOrigin();
  const first = await registered(world({ origin }));
  await pass(1000);
  first.page.dispatchEvent(transition("pagehide"));
  const second = world({ origin, seed: 9 });
  second.driver.start();
  await pass(5000);
  return { first, second };
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
  expect(first.registrar.doubted).toBe(0);
  first.page.dispatchEvent(transition("pageshow"));
  expect(first.registrar.doubted).toBe(1);
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

test("back from the cache, a page does not undo a sign-out that it could not hear of", async () => {
  const { first, second } = await takenOver();
  expect(second.driver.role).toBe("owner");
  await second.driver.stop();
  await second.driver.close();
  await pass(1000);
  first.page.dispatchEvent(transition("pageshow"));
  await pass(60_000);
  expect([first.driver.role, first.driver.status.state]).toEqual(["owner", "stopped"]);
  expect(first.registrar.said).toEqual(["register a"]);

  // Who starts again takes the sign-out back, for all.
  first.driver.start();
  await pass();
  expect(first.registrar.said).toEqual(["register a", "register a"]);
  await pass(1000);
  first.page.dispatchEvent(transition("pagehide"));
  await pass(1000);
  first.page.dispatchEvent(transition("pageshow"));
  await pass(5000);
  expect(first.driver.status.state).toBe("registered");
});

test("back from the cache, a page goes on where the sign-out was taken back meanwhile", async () => {
  const { first, second } = await takenOver();
  await second.driver.stop();
  second.driver.start();
  await pass(1000);
  await second.driver.close();
  first.page.dispatchEvent(transition("pageshow"));
  await pass(5000);
  expect(first.driver.status.state).toBe("registered");
});

test("where there are no locks, a page cached offline and shown online is told of the network, and the other way round", async () => {
  const made = await registered();
  made.page.dispatchEvent(new Event("offline"));
  made.page.dispatchEvent(transition("pagehide"));
  made.page.dispatchEvent(transition("pageshow"));
  await pass(5000);
  expect(made.driver.status.state).toBe("registered");
  made.online = false;
  made.page.dispatchEvent(transition("pageshow"));
  expect(made.driver.status.state).toBe("offline");
  replays(made);
});

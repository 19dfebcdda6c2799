// The driver against a registration that does as it is told, and the timers of a worker.

import { resolveObjectURL } from "node:buffer";
import { Worker as Thread } from "node:worker_threads";
import type { Config, Input, Status, Step, Target } from "@rehome/sip";
import { type Core, Driver, workerAlarm } from "@rehome/sip/driver";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CONFIG, closeAll, pass, world } from "./fakes.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(async () => {
  await closeAll();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const TARGET: Target = {
  id: 1,
  host: "a.example.test",
  port: 8080,
  transport: "ws",
  tlsName: "example.test",
  priority: 1,
  weight: 1,
};

/** Puts out the next step of the script for each input. */
function scripted(script: (Partial<Step> | Error)[]) {
  const seen: [Input, number][] = [];
  const status: Status = { state: "registering", primary: false, streak: 0, plan: [], failedRounds: 0 };
  let freed = 0;
  const core: Core = {
    create: (_config: Config) => ({
      step(input, nowMs) {
        seen.push([input, nowMs]);
        const next = script.shift() ?? {};
        if (next instanceof Error) throw next;
        return { actions: [], events: [], wakeMs: null, ...next };
      },
      status: () => status,
      snapshot: () => new Uint8Array([1]),
      free() {
        freed += 1;
      },
    }),
    restore() {
      throw new Error("not here");
    },
  };
  return { core, seen, freed: () => freed };
}

test("every action is done once, in order, with what it names; outcomes go back with their id", async () => {
  const register = { type: "register", id: 2, target: TARGET, binding: 2, attempt: 1, expires: 60 } as const;
  const { core, seen, freed } = scripted([
    {
      actions: [
        { type: "lookup", id: 1, name: "x.example.test", kind: "aaaa", deadlineMs: 400 },
        { ...register, address: "::1", deadlineMs: 900 },
        { type: "unregister", id: 3, target: TARGET, binding: 1, deadlineMs: 900 },
        { type: "cancel", id: 3 },
        { type: "cancel", id: 77 },
      ],
      wakeMs: 400,
    },
  ]);
  const made = world({ environment: { core } });
  const given: unknown[] = [];
  made.registrar.hosts = {};
  made.registrar.register = async (request) => {
    given.push(request);
    return { type: "notSent" };
  };
  made.driver.start();
  await pass();
  expect(made.resolver.asked).toMatchObject([{ name: "x.example.test", kind: "aaaa", timeoutMs: 400 }]);
  const { type: _, ...request } = register;
  expect(given).toEqual([{ ...request, address: "::1" }]);
  expect(made.registrar.last).toMatchObject({ kind: "unregister", id: 3, signal: { aborted: true } });
  made.registrar.last.resolve({ type: "accepted" });
  await pass();
  expect(seen.map(([input]) => input.type)).toEqual(["start", "answer", "outcome", "outcome"]);
  expect(
    seen
      .slice(1)
      .map(([input]) => (input as { id: number }).id)
      .sort(),
  ).toEqual([1, 2, 3]);
  await made.driver.close();
  // The one that only tried the configuration, and this.
  expect(freed()).toBe(2);
});

test("it wakes at the time asked for, not before and not twice; long waits are cut for the heartbeat", async () => {
  const { core, seen } = scripted([{ wakeMs: 40_000 }, { wakeMs: null }]);
  const made = world({ environment: { core } });
  made.driver.start();
  await pass(39_999);
  expect(seen).toHaveLength(1);
  await pass(1);
  expect(seen[1]).toEqual([{ type: "wake" }, 40_000]);
  await pass(100_000);
  expect(seen).toHaveLength(2);
  expect(vi.getTimerCount()).toBe(0);
});

test("an input that is refused stops nothing", async () => {
  const { core, seen } = scripted([new Error("no"), {}]);
  const made = world({ environment: { core } });
  made.driver.start();
  made.driver.agentLogin();
  await pass();
  expect(seen.map(([input]) => input.type)).toEqual(["start", "agentLogin"]);
  expect(made.notices.at(-1)).toMatchObject({ type: "inputRefused", input: { type: "start" } });
});

class FakeWorker {
  static made: FakeWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onerror: ((event: Event) => void) | undefined;
  posted: unknown[] = [];
  terminated = false;
  constructor() {
    FakeWorker.made.push(this);
  }
  postMessage(message: unknown) {
    this.posted.push(message);
  }
  terminate() {
    this.terminated = true;
  }
}

test("a worker's timers: ready, set, cleared, rung, lost", async () => {
  vi.stubGlobal("Worker", FakeWorker);
  const making = workerAlarm();
  const worker = FakeWorker.made.at(-1) as FakeWorker;
  worker.onmessage?.({ data: 0 });
  const alarm = await making;
  if (!alarm) throw new Error("there is none");
  const rung = vi.fn();
  const lost = vi.fn();
  alarm.onRing = rung;
  alarm.onLost = lost;
  alarm.set(7);
  alarm.set(-5);
  alarm.clear();
  expect(worker.posted).toEqual([7, 0, -1]);
  worker.onmessage?.({ data: 1 });
  expect(rung).toHaveBeenCalledOnce();
  worker.onerror?.(new Event("error"));
  expect(lost).toHaveBeenCalledOnce();
  alarm.close();
  expect(worker.terminated).toBe(true);
});

/** A web worker's scope on a thread of Node. */
class ThreadWorker {
  onmessage: ((event: { data: unknown }) => void) | undefined;
  #thread: Promise<Thread>;
  constructor(url: string) {
    const scope = `const { parentPort } = require("node:worker_threads");
      globalThis.postMessage = (data) => parentPort.postMessage(data);
      parentPort.on("message", (data) => globalThis.onmessage({ data }));`;
    const source = resolveObjectURL(url)?.text() ?? Promise.reject(new Error("no such object"));
    this.#thread = source.then((text) => {
      const thread = new Thread(`${scope}\n${text}`, { eval: true });
      thread.on("message", (data) => this.onmessage?.({ data }));
      return thread;
    });
  }
  postMessage(message: unknown) {
    void this.#thread.then((thread) => thread.postMessage(message));
  }
  terminate() {
    void this.#thread.then((thread) => thread.terminate());
  }
}

test("the worker's own code: it says that it runs, rings once, and what is set anew replaces what was set", async () => {
  vi.useRealTimers();
  vi.stubGlobal("Worker", ThreadWorker);
  const alarm = await workerAlarm();
  if (!alarm) throw new Error("there is none");
  const begun = performance.now();
  const rung: number[] = [];
  alarm.onRing = () => rung.push(performance.now() - begun);
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  alarm.set(20);
  alarm.set(150);
  await wait(100);
  expect(rung).toEqual([]);
  await wait(300);
  expect(rung).toHaveLength(1);
  alarm.set(20);
  alarm.clear();
  await wait(100);
  expect(rung).toHaveLength(1);
  alarm.close();
});

test("a page that has nothing of the kind: no locks, no worker, no storage; it registers and says what is missing", async () => {
  vi.stubGlobal("document", {});
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("Worker", undefined);
  const { resolver, registrar } = world();
  const driver = new Driver({ config: CONFIG, resolver, registrar });
  const notices: unknown[] = [];
  driver.on("notice", (notice) => notices.push(notice));
  driver.start();
  await pass();
  expect(driver.status.state).toBe("registered");
  expect(notices).toEqual([
    { type: "noWorker", slackMs: 60_000 },
    { type: "noLocks" },
    { type: "role", role: "owner" },
  ]);
  await driver.close();
});

test("where no worker can be made: one that throws, one that fails, one that says nothing", async () => {
  vi.stubGlobal("Worker", undefined);
  expect(await workerAlarm()).toBeUndefined();
  vi.stubGlobal("Worker", FakeWorker);
  const failing = workerAlarm();
  FakeWorker.made.at(-1)?.onerror?.(new Event("error"));
  expect(await failing).toBeUndefined();
  const silent = workerAlarm();
  await pass(2000);
  expect(await silent).toBeUndefined();
  expect(FakeWorker.made.at(-1)?.terminated).toBe(true);
});

test("a worker lost on the way: timers of this thread, and the policy hears how late they are", async () => {
  const { core, seen } = scripted([{ wakeMs: 1000 }, { wakeMs: 1000 }]);
  const alarm: import("@rehome/sip/driver").Alarm = { slackMs: 0, set() {}, clear() {}, close() {} };
  const made = world({ environment: { core, alarm: async () => alarm } });
  made.driver.start();
  await pass();
  alarm.onLost?.();
  expect(seen.at(-1)?.[0]).toMatchObject({ type: "configure", config: { refresh: { timerSlackMs: 60_000 } } });
  await pass(1000);
  expect(seen.at(-1)).toEqual([{ type: "wake" }, 1000]);
  await made.driver.close();
  made.notices.length = 0;
  alarm.onLost?.();
  expect(made.notices).toEqual([]);
});

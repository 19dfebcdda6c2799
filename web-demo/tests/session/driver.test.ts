// A session as the shipped driver exports it.

import type { Outcome } from "@rehome/sip";
import { Driver } from "@rehome/sip/driver";
import { expect, test } from "vitest";
import { openSession } from "../../src/session/open.js";
import { statusAt } from "../../src/session/status.js";
import { timelineOf } from "../../src/session/timeline.js";
import { A, B, CONFIG } from "./sessions.js";

test("what the driver exports opens whole, is drawn, and has its status", async () => {
  const outcomes: Outcome[] = [{ type: "status", code: 403 }];
  const registrar = {
    register: async () => outcomes.shift() ?? ({ type: "accepted", expires: 60 } as const),
    unregister: async () => ({ type: "accepted" }) as const,
    close: () => {},
  };
  const records = ["a", "b"].map((name, index) => ({
    priority: 10 + index,
    weight: 50,
    port: 8080,
    target: `${name}.example.test.`,
  }));
  const resolver = { lookup: async () => ({ type: "srv", ttl: 300, records }) as const };
  const driver = new Driver({ config: CONFIG as never, registrar, resolver, seed: 7 });
  const registered = new Promise<void>((resolve) => {
    driver.on("status", ({ state }) => state === "registered" && resolve());
  });
  driver.start();
  await registered;
  const live = driver.exportScenario();
  expect(timelineOf(live.scenario).lanes).toMatchObject([
    { target: A, primary: true, attempts: [{ result: "bad", text: "403" }], home: [] },
    { target: B, primary: false, attempts: [{ result: "good" }], home: [{ toMs: null }] },
  ]);
  expect(statusAt(live, 60_000)).toMatchObject({ state: "registered", primary: false, why: "3.4" });
  await driver.stop();
  const { exported, difference } = openSession(JSON.stringify(driver.exportScenario().scenario));
  expect([exported.complete, difference]).toEqual([true, undefined]);
  expect(timelineOf(exported.scenario).entries.at(-1)).toMatchObject({ type: "stopped", tone: "plain" });
  await driver.close();
});

// All scenario files of the project: what is drawn agrees with what the core itself says.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Exported, Scenario } from "@rehome/sip/driver";
import { expect, test } from "vitest";
import { readAll } from "../../../bindings/wasm/tests/scenarios/files.mjs";
import { ruleOf } from "../../src/session/policy.js";
import { readScenario } from "../../src/session/read.js";
import { run } from "../../src/session/run.js";
import { statusAt } from "../../src/session/status.js";
import { timelineOf } from "../../src/session/timeline.js";
import type { SessionStep, StatusAt, Timeline } from "../../src/session/types.js";
import { whyWords } from "../../src/session/words.js";

const { count, files } = readAll();
const single = files.filter(([, file]) => !("statistics" in file));
const ran: [string, Exported, string | undefined][] = single.map(([name, file]) => {
  const { exported, difference } = run(readScenario(JSON.stringify(file)));
  return [name, exported, difference];
});

/** Home as drawn. */
function homeAt({ lanes }: Timeline, atMs: number): string | undefined {
  const isHome = (span: { fromMs: number; toMs: number | null }) =>
    span.fromMs <= atMs && (span.toMs === null || atMs < span.toMs);
  const homes = lanes.filter(({ home }) => home.some(isHome));
  expect(homes.length).toBeLessThan(2);
  return homes[0]?.target;
}

test("every file runs as it expects", () => {
  expect(files.length).toBe(count);
  expect(ran.length).toBeGreaterThan(500);
  expect(ran.filter(([, , difference]) => difference !== undefined)).toEqual([]);
});

test("what was recorded replays without a difference, and is drawn the same", () => {
  for (const [name, { scenario }] of ran) {
    const again = run(readScenario(JSON.stringify(scenario)));
    expect(again.difference, name).toBeUndefined();
    expect(again.exported.scenario.steps, name).toEqual(JSON.parse(JSON.stringify(scenario.steps)));
    expect(timelineOf(again.exported.scenario), name).toEqual(timelineOf(scenario));
  }
});

const text = ({ host, port, transport }: { host: string; port: number; transport: string }) =>
  `${host.includes(":") ? `[${host}]` : host}:${port}/${transport}`;

/** Which targets of an answer are kept, only the phone knows. */
const MORE_THAN_KEPT = [
  "max-targets-keeps-the-head.json",
  "seventy-records-keep-the-best-64.json",
  "home-cut-off-by-max-targets-is-still-listed.json",
  "home-cut-off-has-the-priority-listed.json",
  "home-beyond-the-records-kept-is-still-listed.json",
];
/** In those of a home that is cut off: it is listed still (rule 5.3), but in no plan. */
const CUT_OFF = "b.example.test:5060/udp ";

/** What the status says of the lanes, and what is drawn. */
function said(status: StatusAt) {
  const { home, primary, plan } = status;
  return {
    home: home && text(home),
    isSure: status.state === "stopping" ? "any" : status.state === "registered",
    primary,
    plan: plan.map(({ target }) => `${text(target)} ${target.priority} ${target.weight}`).sort(),
    held: plan.flatMap((entry) => (entry.heldUntilMs ? [`${text(entry.target)} ${entry.heldUntilMs}`] : [])).sort(),
  };
}

const sends = (step: SessionStep) => step.op === "step" && step.actions.some(({ type }) => type === "register");

function drawn({ lanes, ...timeline }: Timeline) {
  const home = homeAt({ lanes, ...timeline }, timeline.endMs);
  const listed = lanes.filter((lane) => lane.listed);
  const held = listed.flatMap(({ target, held }) => {
    const until = held.at(-1)?.toMs ?? 0;
    return until > timeline.endMs ? [`${target} ${until}`] : [];
  });
  const spans = lanes.flatMap((lane) => lane.home);
  return {
    home,
    isSure: spans.some(({ toMs, binding }) => toMs === null && binding === "sure"),
    primary: lanes.some((lane) => lane.target === home && lane.primary),
    plan: listed.map(({ target, priority, weight }) => `${target} ${priority} ${weight}`).sort(),
    held: held.sort(),
  };
}

test("home, primaries, plan and holds as drawn are those of the status, after every step", () => {
  for (const [name, exported] of ran) {
    const { scenario } = exported;
    for (const [index, { op }] of scenario.steps.entries()) {
      // After a restore, the step that follows says what became of home.
      if (op !== "step") continue;
      const where = `${name}, step ${index}`;
      const part: Scenario = { ...scenario, steps: scenario.steps.slice(0, index + 1) };
      const timeline = timelineOf(part);
      const status = statusAt({ ...exported, scenario: part }, timeline.endMs);
      if (!status) throw new Error(`${where}: no status`);
      expect(whyWords(status) ?? "", where).not.toMatch(/by rule/u);
      const { plan: listed, ...rest } = drawn(timeline);
      const { plan, ...expected } = said(status);
      if (expected.isSure === "any") expected.isSure = rest.isSure;
      expect(rest, where).toEqual(expected);
      // What the phone forgets at a new beginning is the plan last known still.
      if (plan.length === 0) continue;
      const isCut = MORE_THAN_KEPT.some((file) => name.endsWith(file));
      // A static target is known when something is sent there.
      if (plan.length === 1 && plan[0]?.endsWith(" 0 0") && !part.steps.some(sends)) {
        expect(listed, where).toEqual([]);
        continue;
      }
      const others = listed.filter((line) => !(name.includes("home-") && line.startsWith(CUT_OFF)));
      if (isCut) expect(plan, where).toEqual(expect.arrayContaining(others));
      else expect(listed, where).toEqual(plan);
    }
  }
});

test("one REGISTER at a time is under way, and none once stopped", () => {
  for (const [name, { scenario }] of ran) {
    const { lanes, entries } = timelineOf(scenario);
    const sent = lanes.flatMap(({ attempts }) => attempts).filter(({ result }) => result === "running");
    expect(sent.filter(({ kind }) => kind === "register").length, name).toBeLessThan(2);
    if (entries.at(-1)?.type === "stopped") expect(sent, name).toEqual([]);
  }
});

test("no sentence lacks a fact", () => {
  const rules = new Set<string>();
  for (const [name, { scenario }] of ran) {
    for (const { text, rule } of timelineOf(scenario).entries) {
      expect(text, name).not.toMatch(/undefined|NaN|\[object|\?|null/u);
      rules.add(rule);
    }
  }
  expect(rules.size).toBeGreaterThan(25);
  expect([...rules].filter((rule) => !ruleOf(rule))).toEqual([]);
});

test("every rule that the core's source names is in the policy", () => {
  const core = fileURLToPath(new URL("../../../core/src/", import.meta.url));
  const sources = readdirSync(core).filter((name) => name.endsWith(".rs"));
  const rules = sources.flatMap((name) =>
    [
      ...readFileSync(core + name, "utf8").matchAll(
        /(?:event|Rule::new|walk_to_next|cancel_attempt)\(\(?(\d), (\d+)/gu,
      ),
    ].map(([, section, number]) => `${section}.${number}`),
  );
  expect(rules.length).toBeGreaterThan(60);
  expect(rules.filter((rule) => !ruleOf(rule))).toEqual([]);
});

test("files as written by hand, and sessions without their beginning, are drawn too", () => {
  for (const [, file] of files) expect(() => timelineOf(readScenario(JSON.stringify(file)))).not.toThrow();
  for (const [name, { scenario }] of ran) {
    const whole = timelineOf(scenario);
    for (let from = 1; from < scenario.steps.length; from += 1) {
      const cut = timelineOf({ ...scenario, steps: scenario.steps.slice(from) });
      expect(cut.entries.length, name).toBeLessThanOrEqual(whole.entries.length);
      const home = homeAt(cut, cut.endMs);
      if (home !== undefined) expect(home, `${name} from ${from}`).toBe(homeAt(whole, whole.endMs));
    }
  }
});

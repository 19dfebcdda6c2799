import { expect, test } from "vitest";
import { openSession } from "../../src/session/open.js";
import { readScenario, SessionError } from "../../src/session/read.js";
import { run } from "../../src/session/run.js";
import { timelineOf } from "../../src/session/timeline.js";
import { accepted, answer, CONFIG, fileOf, STORY, session } from "./sessions.js";

const whole = () => JSON.parse(JSON.stringify(session(STORY)));

function saidOf(text: string): string {
  try {
    readScenario(text);
  } catch (error) {
    if (error instanceof SessionError) return error.message;
    throw error;
  }
  return "";
}

function saidAfter(change: (file: any) => void): string {
  const file = whole();
  change(file);
  return saidOf(JSON.stringify(file));
}

test("what is wrong with a file is a sentence", () => {
  expect(saidOf("<html>")).toMatch(/^The file is not JSON \(.+\): choose a file that "Export session" wrote\.$/u);
  expect(saidOf("[1]")).toBe("The file's content is [1]: a session is an object with `steps`.");
  expect(saidOf("null")).toBe("The file's content is null: a session is an object with `steps`.");
  expect(saidOf("{}")).toMatch(/^`steps` is missing: a session has a list of steps/u);
  expect(saidAfter((file) => (file.steps = []))).toMatch(/^`steps` is \[\]:/u);
  expect(saidAfter((file) => (file.schemaVersion = 2))).toBe(
    "`schemaVersion` is 2: this page reads version 1, take a newer one.",
  );
  expect(saidAfter((file) => delete file.schemaVersion)).toMatch(/^`schemaVersion` is missing/u);
  expect(saidAfter((file) => (file.seed = -1))).toMatch(/^`seed` is -1/u);
  expect(saidAfter((file) => (file.config = "x"))).toBe('`config` is "x": it is an object.');
  expect(saidAfter((file) => (file.steps[3] = null))).toMatch(/^Step 3 is null/u);
  expect(saidAfter((file) => (file.steps[3].op = "jump"))).toMatch(/^Step 3, `op` is "jump": it is one of step/u);
  expect(saidAfter((file) => (file.steps[0].atMs = "wake"))).toMatch(/^Step 0, `atMs` is "wake"/u);
  expect(saidAfter((file) => (file.steps[3].atMs = "later"))).toMatch(/^Step 3, `atMs` is "later"/u);
  expect(saidAfter((file) => delete file.steps[3].input)).toMatch(/^Step 3, `input` is missing/u);
  expect(saidAfter((file) => (file.steps[3].events = { type: "x" }))).toMatch(/^Step 3, `events` is /u);
  expect(saidAfter((file) => (file.steps[3].actions = [{}]))).toMatch(/^Step 3, `actions\[0\]` is \{\}/u);
  expect(saidAfter((file) => (file.steps[1].input.answer.records = ["10 x"]))).toMatch(/^Step 1, .*records/u);
  expect(saidAfter((file) => delete file.steps[14].wallMs)).toMatch(/^Step 14, `wallMs` is missing/u);
  expect(saidOf(" ".repeat(8_000_001))).toMatch(/^The file has 8000001 characters/u);
});

test("a byte order mark does no harm", () => {
  expect(readScenario(`\uFEFF${JSON.stringify(whole())}`)).toEqual(whole());
});

test("fields of the wrong kind, anywhere, break neither reading, nor drawing, nor running", () => {
  const values = [null, 7, "x", [], {}, [null], { type: 7 }];
  let read = 0;
  const spoil = (node: any, file: any): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      const kept = node[key];
      for (const value of values) {
        node[key] = value;
        try {
          const scenario = readScenario(JSON.stringify(file));
          read += 1;
          timelineOf(scenario);
          run(scenario);
        } catch (error) {
          if (!(error instanceof SessionError)) throw error;
        }
      }
      node[key] = kept;
      spoil(kept, file);
    }
  };
  const file = whole();
  // The reload and what is around it, a hold, an answer: enough of each kind.
  file.steps = [...file.steps.slice(0, 3), ...file.steps.slice(13, 16)];
  spoil(file, file);
  expect(read).toBeGreaterThan(500);
});

test("an exported session opens as it was, and replays", () => {
  const file = whole();
  file.source = { title: "A session, exported by the driver of @rehome/sip", section: "seed 1" };
  const { exported, difference } = openSession(JSON.stringify(file));
  expect([exported.complete, difference]).toEqual([true, undefined]);
  expect(exported.scenario).toEqual(file);

  // Its beginning was not kept: it is shown as it was, but does not replay.
  const cut = { ...file, steps: file.steps.slice(5) };
  const opened = openSession(JSON.stringify(cut));
  expect(opened).toEqual({ exported: { scenario: cut, complete: false }, difference: undefined });
  // Wherever it was cut, but for an end that begins nothing and waits for nothing.
  for (let from = 1; from < file.steps.length - 1; from += 1) {
    const { exported, difference } = openSession(JSON.stringify({ ...file, steps: file.steps.slice(from) }));
    expect([from, exported.complete, difference]).toEqual([from, false, undefined]);
  }

  // It has its beginning, but comes out otherwise: that is what is said of it.
  const other = structuredClone(file);
  other.steps[7].events = [];
  expect(openSession(JSON.stringify(other))).toMatchObject({
    exported: { complete: false },
    difference: expect.stringMatching(/^step 7 .*events\[0\]: expected none/u),
  });

  // It cannot even begin.
  const broken = { ...file, config: {} };
  expect(openSession(JSON.stringify(broken))).toMatchObject({
    exported: { scenario: broken, complete: false },
    difference: expect.stringMatching(/^This file does not run here: .*srvRecord/u),
  });
});

test("any other scenario file opens as it runs here", () => {
  const lines = fileOf(
    [
      [0, { type: "start" }],
      [20, answer(1)],
      ["wake", { type: "wake" }],
      [10_030, accepted(2)],
    ],
    { srvRecord: CONFIG.srvRecord },
  );
  const { exported, difference } = openSession(JSON.stringify({ ...JSON.parse(lines), preset: "xima" }));
  expect(difference).toMatch(/^step 0 /u);
  const { steps, config } = exported.scenario;
  // "wake" is the attempt's deadline, 10 s after it began.
  expect(steps.map(({ atMs }) => atMs)).toEqual([0, 20, 10_020, 10_030]);
  expect(config).toMatchObject({ srvRecord: CONFIG.srvRecord, rollover: { roundWaitMaxMs: 5000 } });
  expect(steps[1]).toMatchObject({
    actions: [{ type: "register", id: 2, binding: 2, expires: 3600, deadlineMs: 10_020 }],
    events: [{ type: "planChanged", rule: "2.5", targets: 2 }],
    wakeMs: 10_020,
  });
});

test("what cannot be run is refused in a sentence", () => {
  const file = { ...whole(), statistics: { seeds: 1 } };
  expect(() => openSession(JSON.stringify(file))).toThrow(/^This file draws from many seeds/u);
  expect(() => openSession(fileOf([[0, { type: "start" }]], {}))).toThrow(/^This file does not run here: .*srvRecord/u);
  expect(() => run(readScenario(JSON.stringify({ ...whole(), preset: "fax" })))).toThrow(/fax/u);
});

import { expect, test } from "vitest";
import { BEGINNING, originAfter } from "../../src/session/axis.js";
import { outOfService } from "../../src/session/service.js";
import { timelineOf } from "../../src/session/timeline.js";
import { A, accepted, answer, B, CONFIG, RECORDS, refused, STORY, session, status } from "./sessions.js";

const story = timelineOf(session(STORY));
const [a, b] = story.lanes;

test("the axis goes on over a reload, and the snapshot tells the wall clock", () => {
  // The page was away from 12.0 s to 17.0 s; its new clock's 3120 ms are 20.02 s.
  expect([story.wallAtZeroMs, story.endMs]).toEqual([1_000_000_000, 20_020]);
});

test("each REGISTER is a bar in its target's lane, with what came of it", () => {
  expect(story.lanes.map((lane) => [lane.target, lane.priority, lane.weight, lane.primary, lane.listed])).toEqual([
    [A, 10, 50, true, true],
    [B, 20, 50, false, true],
  ]);
  const bars = (lane = a) =>
    lane?.attempts.map((at) => [at.id, at.kind, at.attempt, at.fromMs, at.toMs, at.result, at.text]);
  expect(bars(a)).toEqual([
    [2, "register", 1, 20, 30, "bad", "503, Retry-After 7 s"],
    [3, "register", 2, 1030, 1040, "bad", "connection refused"],
    [4, "register", 3, 2040, 4040, "late", "no answer within 2 s; 960 ms later: 500"],
    [7, "register", 1, 10_020, 10_040, "good", "200, expires 60 s"],
    [9, "register", 1, 10_060, 10_080, "good", "200, expires 60 s"],
    [10, "register", 1, 17_000, 17_020, "good", "200, expires 60 s"],
    [11, "unregister", 1, 20_000, 20_020, "good", "200"],
  ]);
  expect(a?.attempts[2]?.lateMs).toBe(5000);
  expect(bars(b)).toEqual([
    [5, "register", 1, 4040, 4060, "good", "200, expires 60 s"],
    [8, "unregister", 1, 10_040, 10_060, "good", "200"],
  ]);
});

test("home spans go from the acceptance to the move, over the reload, and to the end of the stop", () => {
  expect(b?.home).toEqual([{ fromMs: 4060, toMs: 10_040, binding: "sure" }]);
  expect(a?.home).toEqual([{ fromMs: 10_040, toMs: 20_020, binding: "sure" }]);
});

test("a hold lasts as long as Retry-After says", () => {
  expect(a?.held).toEqual([{ fromMs: 30, toMs: 7030 }]);
});

test("lookups and marks", () => {
  expect(story.lookups).toMatchObject([
    { id: 1, name: CONFIG.srvRecord, fromMs: 0, toMs: 20, result: "good", text: "2 records, TTL 300 s" },
    { id: 6, name: CONFIG.srvRecord, fromMs: 10_000, toMs: 10_020, result: "good" },
  ]);
  expect(story.marks).toEqual([
    { atMs: 0, kind: "start", text: "start" },
    { atMs: 10_000, kind: "login", text: "agent signs in" },
    { atMs: 17_000, kind: "page", text: "reload, or another tab, after 5 s" },
    { atMs: 20_000, kind: "stop", text: "stop" },
  ]);
});

test("the decisions in sentences, with their rules", () => {
  expect(story.entries.map(({ step, atMs, rule, tone, text }) => [step, atMs, rule, tone, text])).toEqual([
    [0, 0, "1.1", "plain", "Started with _sip._ws.example.test: the SRV record says where to register"],
    [1, 20, "2.5", "plain", "New plan: 2 targets"],
    [2, 30, "3.2", "bad", "REGISTER at a:8080 answered 503: failure 1 of 3"],
    [2, 30, "4.5", "bad", "Retry-After: a:8080 is held 7 s"],
    [4, 1040, "3.2", "bad", "REGISTER at a:8080, connection refused: failure 2 of 3"],
    [6, 4040, "3.2", "bad", "REGISTER at a:8080, no answer in time: failure 3 of 3"],
    [6, 4040, "4.1", "move", "Rolled over from a:8080 to b:8080"],
    [7, 4060, "3.3", "good", "REGISTER at b:8080 accepted, expires 60 s: home"],
    [8, 5000, "3.6", "plain", "Late answer ignored: REGISTER at a:8080"],
    [9, 10_000, "6.3", "move", "Agent login: try the primary"],
    [10, 10_020, "6.3", "move", "The primaries are tried; home is kept meanwhile"],
    [11, 10_040, "6.3", "move", "Home moves from b:8080 to a:8080"],
    [11, 10_040, "3.3", "good", "REGISTER at a:8080 accepted, expires 60 s: home"],
    [12, 10_060, "6.7", "plain", "Unregistered at b:8080"],
    [13, 10_080, "5.1", "good", "Refresh at a:8080 accepted, expires 60 s"],
    [15, 17_000, "4.6", "plain", "Awake again, or page shown again"],
    [16, 17_020, "5.1", "good", "Refresh at a:8080 accepted, expires 60 s"],
    [17, 20_000, "6.8", "plain", "Stopping"],
    [18, 20_020, "6.8", "plain", "Unregistered at a:8080"],
    [18, 20_020, "6.8", "plain", "Stopped"],
  ]);
});

test("a lookup keeps the records of its answer", () => {
  expect(story.lookups[0]?.answer).toEqual({ ttl: 300, records: RECORDS });
});

test("out of service is from the first failure at home, or the loss of its connection, to the next success", () => {
  // The first home is found after three failures: it was in no service before that could have ended.
  expect(story.gaps).toEqual([]);
  const { gaps, lanes } = timelineOf(
    session([
      [0, { type: "start" }],
      [20, answer(1)],
      [40, accepted(2)],
      [5000, { type: "flowLost", target: A }],
      [5010, accepted(3)],
      [9000, { type: "networkDown" }],
      [12_000, { type: "stop" }],
    ]),
  );
  expect(gaps).toEqual([
    { fromMs: 5000, toMs: 5010 },
    { fromMs: 9000, toMs: 12_000 },
  ]);
  expect(outOfService(gaps, 10_000)).toBe(1010);
  expect(lanes[0]?.home).toEqual([
    { fromMs: 40, toMs: 5000, binding: "sure" },
    { fromMs: 5000, toMs: 5010, binding: "doubt" },
    { fromMs: 5010, toMs: 9000, binding: "sure" },
    { fromMs: 9000, toMs: 12_000, binding: "doubt" },
  ]);
});

test("a trigger that fires later has a line of its own, and what is handed in twice has one", () => {
  const { marks } = timelineOf(
    session([
      [0, { type: "start" }],
      [20, answer(1)],
      [40, status(2, 403)],
      [60, accepted(3)],
      [1000, { type: "busy" }],
      [1001, { type: "busy" }],
      [2000, { type: "agentLogin" }],
      [3000, { type: "idle" }],
    ]),
  );
  expect(marks.map(({ atMs, text }) => `${atMs} ${text}`)).toEqual([
    "0 start",
    "1000 call begins",
    "2000 agent signs in",
    "3000 call ends",
    "3000 agent’s sign-in, deferred until now",
  ]);
});

test("what is dropped from a log moves nothing, be it over a reload", () => {
  const { steps } = session(STORY);
  const whole = timelineOf(session(STORY));
  let origin = BEGINNING;
  for (let from = 1; from < steps.length; from += 1) {
    origin = originAfter(origin, steps.slice(from - 1), steps.slice(from));
    expect(origin.steps).toBe(from);
    const left = timelineOf({ ...session(STORY), steps: steps.slice(from) }, origin);
    const times = [left.startMs, left.endMs, ...left.marks.map(({ atMs }) => atMs)];
    expect([left.endMs, left.wallAtZeroMs ?? whole.wallAtZeroMs]).toEqual([whole.endMs, whole.wallAtZeroMs]);
    expect(times.every((atMs) => atMs >= origin.atMs)).toBe(true);
    const seen = new Map(whole.entries.map(({ id, atMs, type }) => [id, `${atMs} ${type}`]));
    for (const { id, atMs, type } of left.entries) expect(`${atMs} ${type}`).toBe(seen.get(id));
    for (const { home } of left.lanes) for (const span of home) expect(span.fromMs).toBeGreaterThanOrEqual(origin.atMs);
  }
  // Another session begins anew.
  expect(originAfter(origin, steps.slice(-1), steps)).toBe(BEGINNING);
});

test("what is under way has no end yet", () => {
  const { lanes, lookups } = timelineOf(session(STORY.slice(0, 2)));
  expect(lanes[0]?.attempts).toMatchObject([
    { id: 2, fromMs: 20, toMs: null, result: "running", text: "no answer yet" },
  ]);
  // Listed, though nothing was sent there.
  expect(lanes[1]).toMatchObject({ target: B, attempts: [], home: [] });
  expect(timelineOf(session(STORY.slice(0, 1))).lookups).toMatchObject([{ toMs: null, result: "running" }]);
  expect(lookups).toHaveLength(1);
});

test("of a session without its beginning, home is where the first event says, from the beginning", () => {
  const scenario = session(STORY);
  // From the answer of the refresh at a (its REGISTER is cut) to the end.
  const cut = timelineOf({ ...scenario, steps: scenario.steps.slice(13) });
  expect(cut.lanes.map(({ target, listed, primary }) => [target, listed, primary])).toEqual([[A, false, false]]);
  expect(cut.lanes[0]?.home).toEqual([{ fromMs: 0, toMs: 9940, binding: "sure" }]);
  expect(cut.lanes[0]?.attempts.map(({ id }) => id)).toEqual([10, 11]);
  expect(cut.wallAtZeroMs).toBe(1_000_010_080);
  // From the login to the reload: that b was home is told by the move.
  const middle = timelineOf({ ...scenario, steps: scenario.steps.slice(9, 14) });
  expect(middle.lanes.map(({ target, home }) => [target, home])).toEqual([
    [A, [{ fromMs: 40, toMs: null, binding: "sure" }]],
    [B, [{ fromMs: 0, toMs: 40, binding: "sure" }]],
  ]);
});

test("a binding that runs out is drawn as expired until the next success; three failures end home", () => {
  const config = { ...CONFIG, refresh: { expires: 60, intervalMs: null, owner: "application" } };
  const { lanes } = timelineOf(
    session(
      [
        [0, { type: "start" }],
        [20, answer(1)],
        [40, accepted(2)],
        // At 60.02 s it expires, and the core sends a REGISTER of its own.
        ["wake", { type: "wake" }],
        [60_040, accepted(3)],
        [70_000, { type: "refreshed", outcome: { type: "status", code: 503 } }],
        ["wake", { type: "wake" }],
        [71_010, refused(4)],
        ["wake", { type: "wake" }],
        [72_020, refused(5)],
      ],
      config,
    ),
  );
  expect(lanes[0]?.home).toEqual([
    { fromMs: 40, toMs: 60_020, binding: "sure" },
    { fromMs: 60_020, toMs: 60_040, binding: "expired" },
    { fromMs: 60_040, toMs: 72_020, binding: "sure" },
  ]);
});

test("a lookup that fails, one that is answered too late, and one that is given up", () => {
  const { lookups, entries } = timelineOf(
    session([
      [0, { type: "start" }],
      ["wake", { type: "wake" }],
      [3000, answer(1)],
      [3010, accepted(2)],
      [10_000, { type: "agentLogin" }],
      [10_500, { type: "networkDown" }],
      [11_000, { type: "networkChanged" }],
      [11_010, { type: "answer", id: 4, answer: { type: "failed", cause: "servFail" } }],
    ]),
  );
  expect(lookups.map(({ id, fromMs, toMs, result, text }) => [id, fromMs, toMs, result, text])).toEqual([
    [1, 0, 2000, "late", "no answer within 2 s; 1 s later: 2 records, TTL 300 s"],
    [3, 10_000, 10_500, "cancelled", "not waited for any more"],
    [4, 11_000, 11_010, "bad", "SERVFAIL"],
  ]);
  expect(entries.map(({ text }) => text)).toContain("DNS lookup of _sip._ws.example.test: no answer in time");
});

test("attempts given up say why", () => {
  const { lanes } = timelineOf(
    session([
      [0, { type: "start" }],
      [20, answer(1)],
      [40, { type: "networkDown" }],
    ]),
  );
  expect(lanes[0]?.attempts).toMatchObject([{ result: "cancelled", toMs: 40, text: "given up: the network is gone" }]);
});

test("what a reload leaves behind is given up when the page goes", () => {
  const { lanes } = timelineOf(
    session([
      [0, { type: "start" }],
      [20, answer(1)],
      { op: "snapshotRestore", atMs: 500, wallMs: 9_000_000, restoreAtMs: 0, restoreWallMs: 9_000_300 },
      [10, { type: "wake" }],
      [20, answer(3)],
      // A second after the last attempt began there (rule 4.4).
      ["wake", { type: "wake" }],
    ]),
  );
  expect(lanes[0]?.attempts.map(({ id, fromMs, toMs, result }) => [id, fromMs, toMs, result])).toEqual([
    [2, 20, 500, "cancelled"],
    [4, 1020, null, "running"],
  ]);
});

test("a clock that is set back does not turn the axis round", () => {
  const { marks, endMs } = timelineOf(
    session([
      [100_000, { type: "start" }],
      [100_020, answer(1)],
      [100_040, accepted(2)],
      [50_000, { type: "busy" }],
      [51_000, { type: "idle" }],
    ]),
  );
  expect([marks.map(({ atMs }) => atMs), endMs]).toEqual([[0, 40, 1040], 1040]);
});

test("targets that DNS does not list any more stay where they were used, below the others", () => {
  const { lanes } = timelineOf(
    session([
      [0, { type: "start" }],
      [20, answer(1)],
      [40, status(2, 403)],
      [60, accepted(3)],
      [5000, { type: "agentLogin" }],
      [5020, answer(4, ["5 50 8080 c.example.test", "20 50 8080 b.example.test"])],
    ]),
  );
  expect(lanes.map(({ target, listed, primary }) => [target, listed, primary])).toEqual([
    ["c.example.test:8080/ws", true, true],
    [B, true, false],
    [A, false, false],
  ]);
});

// The chart, as far as it can be reckoned without a browser.

import { expect, test } from "vitest";
import { timelineOf } from "../../src/session/timeline.js";
import { itemsOf, laneNames } from "../../src/timeline/items.js";
import { layoutOf } from "../../src/timeline/layout.js";
import { ofLane, outagesOf } from "../../src/timeline/outages.js";
import { axisOf } from "../../src/timeline/scale.js";
import { type Range, rangeOf } from "../../src/timeline/window.js";
import { A, B, STORY, session } from "./sessions.js";

const timeline = timelineOf(session(STORY));
const NOTHING: Range = { fromMs: 0, toMs: 0 };
const wide = layoutOf(timeline, 840);
const narrow = layoutOf(timeline, 360);

function axis(range: Range, wallAtZeroMs: number | null = null) {
  return axisOf({ layout: wide, range, edgeMs: 60_000, knownMs: 50_000, wallAtZeroMs });
}

test("time is to the right, in proportion, and a click finds the moment again", () => {
  const { x, at } = axis({ fromMs: 10_000, toMs: 70_000 });
  expect([x(10_000), x(70_000)]).toEqual([wide.left, wide.right]);
  expect(x(40_000)).toBeCloseTo((wide.left + wide.right) / 2, 6);
  for (const ms of [10_000, 23_457, 70_000]) expect(at(x(ms))).toBe(ms);
  // What lies outside ends at the edge.
  expect([x(0), x(99_000)]).toEqual([wide.left, wide.right]);
});

test("what overlaps the window is shown, and what lasts goes to the edge", () => {
  const { shows } = axis({ fromMs: 10_000, toMs: 40_000 });
  expect(shows({ fromMs: 0, toMs: 9999 })).toBe(false);
  expect(shows({ fromMs: 0, toMs: 10_000 })).toBe(true);
  expect(shows({ fromMs: 0, toMs: null })).toBe(true);
  expect(shows({ fromMs: 40_001, toMs: null })).toBe(false);
});

test("ticks stand at their times, by the wall clock where it is known", () => {
  const bare = axis({ fromMs: 0, toMs: 60_000 });
  expect(bare.ticks.length).toBeGreaterThan(3);
  for (const { x, text } of bare.ticks) expect(bare.at(x)).toBe(Number.parseFloat(text) * 1000);
  const midnight = new Date(2026, 0, 31).getTime();
  const clocked = axis({ fromMs: 0, toMs: 60_000 }, midnight);
  expect(clocked.ticks.length).toBeGreaterThan(3);
  for (const { x, text } of clocked.ticks) {
    const [, , seconds] = text.split(":").map(Number);
    expect(text).toMatch(/^00:00:\d\d$/u);
    expect(clocked.at(x)).toBe((seconds ?? 0) * 1000);
  }
});

test("a short session fills the window from the left, a long one is followed at its end", () => {
  const from = (startMs: number, edgeMs: number, wantedMs: number | null = null, before = NOTHING) =>
    rangeOf("60000", { startMs, edgeMs, wantedMs }, before);
  expect(from(0, 20_000)).toEqual({ fromMs: 0, toMs: 60_000 });
  expect(from(0, 200_000)).toEqual({ fromMs: 141_200, toMs: 201_200 });
  // What was dropped leaves no gap.
  expect(from(500_000, 520_000)).toEqual({ fromMs: 500_000, toMs: 560_000 });
  // A moment before comes into the middle, and the window then stays as long as it has the moment.
  const there = from(0, 200_000, 50_000);
  expect(there).toEqual({ fromMs: 20_000, toMs: 80_000 });
  expect(from(0, 200_000, 79_000, there)).toBe(there);
  expect(from(0, 200_000, 81_000, there)).toEqual({ fromMs: 51_000, toMs: 111_000 });
});

test("all of a session has a little room at its right", () => {
  const all = (startMs: number, edgeMs: number) => rangeOf("all", { startMs, edgeMs, wantedMs: null }, NOTHING);
  expect(all(0, 100_000)).toEqual({ fromMs: 0, toMs: 102_000 });
  expect(all(50_000, 150_000)).toEqual({ fromMs: 50_000, toMs: 152_000 });
  expect(all(0, 1)).toEqual({ fromMs: 0, toMs: 10_000 });
});

test("rows stand one below the other, by priority; narrow, names stand above their lanes", () => {
  for (const { top, bottom, dns, tiers, lanes } of [wide, narrow]) {
    expect(tiers.map(({ text }) => text)).toEqual(["Priority 10, primary", "Priority 20"]);
    expect(lanes.map(({ lane }) => lane.target)).toEqual([A, B]);
    const rows = [dns, ...tiers, ...lanes].sort((a, b) => a.y - b.y);
    let y = top;
    for (const row of rows) {
      expect(row.y).toBe(y);
      y += row.height;
    }
    expect(y).toBe(bottom);
  }
  expect([wide.narrow, narrow.narrow]).toEqual([false, true]);
  expect((narrow.lanes[0]?.height ?? 0) - (wide.lanes[0]?.height ?? 0)).toBeGreaterThan(0);
});

test("each thing in the chart is an item of its own, in order of time, with its sentence", () => {
  const items = itemsOf({ ...timeline, wallAtZeroMs: null }, laneNames(timeline.lanes));
  const drawn = timeline.lanes.reduce(
    (sum, { attempts, home, held }) => sum + attempts.length + home.length + held.length,
    0,
  );
  expect(items.length).toBe(drawn + timeline.lookups.length + timeline.marks.length);
  expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  const begins = items.map(({ fromMs }) => fromMs);
  expect(begins).toEqual([...begins].sort((a, b) => a - b));
  const texts = items.map(({ text }) => text);
  expect(texts).toContain("0.0 s  REGISTER, try 1, at a: 503, Retry-After 7 s, after 10 ms");
  expect(texts).toContain("a held by its Retry-After, 0.0 s to 7.0 s");
  expect(texts).toContain("Home is b, 4.1 s to 10.0 s");
  expect(texts).toContain("10.0 s  agent signs in");
});

test("lanes go by host alone where that tells them apart", () => {
  const [lane] = timeline.lanes;
  if (!lane) throw new Error("no lane");
  const other = { ...lane, target: A.replace("8080", "9090") };
  expect(laneNames(timeline.lanes)(A)).toBe("a");
  expect(laneNames([lane, other])(A)).toBe("a.example.test:8080");
});

test("what the lab broke stands on the session's clock, in its registrar's lane", () => {
  const broken = [
    { part: "a", fromMs: 1_000_005_000, toMs: 1_000_006_000 },
    { part: "b", fromMs: 999_990_000, toMs: 1_000_001_000 },
    { part: "b", fromMs: 999_990_000, toMs: 999_999_000 },
    { part: "DNS", fromMs: 1_000_007_000, toMs: null },
  ];
  const outages = outagesOf(broken, timeline);
  expect(outages).toEqual([
    { part: "a", fromMs: 5000, toMs: 6000 },
    // It began before the session, and the third was over by then.
    { part: "b", fromMs: 0, toMs: 1000 },
    { part: "DNS", fromMs: 7000, toMs: null },
  ]);
  const [a, b] = timeline.lanes.map((lane) => ofLane(outages, lane).length);
  expect([a, b]).toEqual([1, 1]);
  expect(outagesOf(broken, { ...timeline, wallAtZeroMs: null })).toEqual([]);
});

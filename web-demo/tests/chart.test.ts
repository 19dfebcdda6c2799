// The chart as it is drawn: things stand where their times say, and what lasts grows.

import { expect, test } from "vitest";
import { expectFitInBothThemes } from "./fit.js";
import { type Desk, inAWorld, until } from "./world.js";

/** Seconds of the day. */
function seconds(clock: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return (hours * 60 + minutes) * 60 + seconds;
}

interface Drawn {
  ticks: { x: number; clock: string }[];
  held: { x: number; width: number }[];
  marks: { x: number; text: string }[];
}

/** All at one moment. */
function drawn(desk: Desk): Promise<Drawn> {
  return desk.region("Timeline").evaluate((region) => {
    const all = (wanted: string) => [...region.querySelectorAll(`.chart ${wanted}`)];
    const number = (element: Element | null, name: string) => Number(element?.getAttribute(name));
    return {
      ticks: all(".tick").map((tick) => ({
        x: number(tick.querySelector("line"), "x1"),
        clock: tick.textContent ?? "",
      })),
      held: all("[data-lane] .held").map((bar) => ({ x: number(bar, "x"), width: number(bar, "width") })),
      marks: all(".mark-name").map((name) => {
        const line = region.querySelector(`.mark-line[data-item="${name.getAttribute("data-item")}"] line`);
        return { x: number(line, "x1"), text: name.textContent ?? "" };
      }),
    };
  });
}

/** When the log says that something was decided. */
async function timeOf(desk: Desk, type: string): Promise<number> {
  const line = desk.region("Decisions").locator(`[data-type=${type}] time`).first();
  return seconds(await line.innerText());
}

test("home grows as long as it lasts", () =>
  inAWorld(async ({ open }) => {
    const desk = await open();
    await desk.until({ state: "registered" });
    const width = async () => {
      const bar = desk.region("Timeline").locator("[data-home-span]").first();
      return Number(await bar.getAttribute("width"));
    };
    const first = await until("a bar", width, (is) => is > 0);
    await until("a longer one", width, (is) => is > first + 5);
  }));

test("a sign-in and a hold stand where their times say", () =>
  inAWorld(
    async ({ open }) => {
      const desk = await open();
      const { home } = await desk.until({ state: "registered", home: "dc1-" });
      await desk.button("Sign in").click();
      await desk.page.getByLabel("How it fails").selectOption("retryAfter");
      await desk.turn(home.split(".")[0] ?? "", false);
      // It is asked at the next refresh.
      await until(
        "a hold",
        () => desk.entries(),
        (all) => all.some(({ type, text }) => type === "homeLost" && text.includes(home.split(".")[0] ?? "")),
        30_000,
      );
      await until(
        "a held span",
        () => drawn(desk),
        ({ held }) => held.length > 0,
      );
      // Nothing moves in a moment of the past.
      await desk.slider.press("ArrowLeft");
      await desk.until({ view: "scrubbed" });
      const { ticks, held, marks } = await drawn(desk);
      const [first, last] = [ticks[0], ticks.at(-1)];
      if (!first || !last) throw new Error("the chart has no ticks");
      const pxPerSecond = (last.x - first.x) / (seconds(last.clock) - seconds(first.clock));
      const xOf = (time: number) => first.x + (time - seconds(first.clock)) * pxPerSecond;
      // The log has tenths.
      const near = 0.1 * pxPerSecond + 0.5;
      const login = marks.find(({ text }) => text === "agent signs in");
      expect(Math.abs((login?.x ?? 0) - xOf(await timeOf(desk, "triggered")))).toBeLessThan(near);
      const hold = held.at(-1);
      expect(Math.abs((hold?.x ?? 0) - xOf(await timeOf(desk, "targetHeld")))).toBeLessThan(near);
      expect(hold?.width).toBeCloseTo(10 * pxPerSecond, 0);
      expect(await desk.region("Agent desktop").locator(".mark.held").count()).toBeGreaterThan(0);
      await expectFitInBothThemes(desk, "a held lane");
    },
    { breaks: true },
  ));

test("what a finger points at is said, and stays said", () =>
  inAWorld(
    async ({ open }) => {
      const desk = await open();
      await desk.until({ state: "registered" });
      const bar = desk.region("Timeline").locator("[data-home-span]").first();
      await until(
        "a bar as wide as a finger",
        async () => Number(await bar.getAttribute("width")),
        (width) => width > 20,
      );
      const readout = desk.region("Timeline").locator(".readout");
      expect(await readout.innerText()).toMatch(/^Point at something/);
      await bar.tap();
      await desk.until({ view: "scrubbed" });
      expect(await readout.innerText()).toMatch(/^Home is dc1-spx\d, /);
    },
    { width: 390, hasTouch: true },
  ));

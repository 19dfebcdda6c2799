import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PROJECT } from "../story/lab.mjs";
import { inAWorld, rolledOver, until } from "./world.js";

const run = promisify(execFile);

test("an exported session replays in the scenario runner, also after a reload", () =>
  inAWorld(
    async (world) => {
      const { desk } = await rolledOver(world);
      await desk.turn("Data centre 1", true);
      await desk.page.reload();
      await desk.until({ role: "owner", state: "registered", home: "dc2-" });
      await desk.button("Sign in").click();
      await desk.until({ state: "registered", home: "dc1-" });
      await until(
        "the unregister",
        () => desk.entries(),
        (all) => all.some(({ type }) => type === "unregistered"),
      );
      const folder = join(world.browser.folder, "sessions");
      await mkdir(folder);
      const { path, scenario } = await desk.export(folder);
      expect(path).toMatch(/rehome-session-[^/]+\.json$/);
      const { stdout } = await run(process.env.REHOME_RUNNER ?? "", [folder]);
      expect(stdout).toMatch(/^1 passed, 0 failed/m);
      await desk.import(path);
      await desk.until({ view: "imported" });
      expect(await desk.verdict.innerText()).toBe(`All ${scenario.steps.length} steps came out as the file says.`);
      await desk.button("Back to the live session").click();
      await desk.until({ view: "live" });
    },
    { breaks: true },
  ));

test("a scenario file of the suite is run, and its decisions are shown; the live phone goes on", () =>
  inAWorld(async ({ open }) => {
    const desk = await open();
    await desk.until({ state: "registered" });
    await desk.import(join(PROJECT, "tests/scenarios/4-rollover/third-failure-rolls-over.json"));
    await desk.until({ view: "imported", state: "registered" });
    expect(await desk.verdict.innerText()).toMatch(/^All \d+ steps came out as the file says\.$/);
    expect((await desk.entries()).map(({ type }) => type)).toContain("rolledOver");
    expect(await desk.region("Timeline").locator("[data-lane]").count()).toBeGreaterThan(1);
  }));

test("past its limit the log drops its beginning: nothing moves, and the page says what an export is good for", () =>
  inAWorld(async ({ browser, open }) => {
    const desk = await open("?keep=20");
    await desk.until({ state: "registered" });
    expect(await desk.page.getByText("does not replay").count()).toBe(0);
    const [begun] = await desk.entries();
    const whole = await desk.export(browser.folder);
    const marks = desk.region("Timeline").locator(".mark-line");
    /** Each is two inputs, and two lines in the chart. */
    const calls = async (count: number) => {
      for (let call = 0; call < count; call += 1) {
        await desk.turn("In a call", true);
        await desk.turn("In a call", false);
      }
    };
    await calls(4);
    await until(
      "the calls in the chart",
      () => marks.count(),
      (count) => count === 9,
    );
    await desk.slider.fill((await desk.slider.getAttribute("max")) ?? "");
    await desk.until({ view: "scrubbed" });
    const clock = desk.region("Timeline").locator(".scrub-time");
    const before = [await desk.slider.inputValue(), await clock.innerText()];
    await calls(8);
    await desk.page.getByText("its export is for reading, and does not replay").waitFor();
    await until(
      "the first decision gone",
      () => desk.entries(),
      (all) => all.every(({ type }) => type !== begun?.type),
    );
    expect(Number(await desk.slider.getAttribute("min"))).toBeGreaterThan(0);
    expect([await desk.slider.inputValue(), await clock.innerText()]).toEqual(before);
    await desk.page.getByText("The status at this moment cannot be told: the session’s beginning").waitFor();
    await desk.button("Live").click();
    const { path, scenario } = await desk.export(browser.folder);
    expect(scenario.steps.length).toBe(20);
    await desk.import(path);
    await desk.until({ view: "imported" });
    await desk.page.getByText("The session’s beginning was not kept: it is shown as the file tells it").waitFor();
    await desk.button("Back to the live session").press("Enter");
    await desk.until({ view: "live" });
    expect(await desk.page.evaluate(() => document.activeElement?.textContent)).toBe("Import session");
    // One that has its beginning, and does not come out as it says.
    whole.scenario.steps.at(-1).wakeMs = 7;
    const buffer = Buffer.from(JSON.stringify(whole.scenario));
    await desk.import({ name: "other.json", mimeType: "application/json", buffer });
    await desk.page.getByText("It came out otherwise than the file says: step").waitFor();
    await desk.page.getByText("cannot be told: the file’s steps come out otherwise here").waitFor();
    const [download] = await Promise.all([
      desk.page.waitForEvent("download"),
      desk.button("Export the live session").click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^rehome-session-/);
  }));

const STEP = { atMs: 0, op: "step", input: { type: "start" }, wakeMs: null };
const RUBBISH: [name: string, text: string, says: RegExp][] = [
  ["no JSON", "<html>", /JSON/i],
  ["no scenario", '{"steps": 3}', /steps|schemaVersion/],
  [
    "a newer one",
    JSON.stringify({ schemaVersion: 2, description: "x", rules: ["1.1"], steps: [STEP] }),
    /schemaVersion/,
  ],
];

test("a file that is no session is refused with a sentence", () =>
  inAWorld(async ({ open }) => {
    const desk = await open();
    await desk.until({ state: "registered" });
    for (const [name, text, says] of RUBBISH) {
      await desk.import({ name: `${name}.json`, mimeType: "application/json", buffer: Buffer.from(text) });
      const alert = desk.page.getByRole("alert").filter({ hasText: name });
      const sentence = await alert.innerText();
      expect(sentence).toMatch(says);
      expect(sentence).toMatch(/[.?]$/);
      await desk.until({ view: "live", state: "registered" });
    }
  }));

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

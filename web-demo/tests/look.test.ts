// What a person sees, in both themes and both widths: axe-core, sideways scroll, links to the rules.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { PROJECT } from "../story/lab.mjs";
import { type Desk, inAWorld, rolledOver, until } from "./world.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [1280, 390];

/** Nothing that axe-core objects to, and no sideways scroll, at each width. */
async function expectFit(page: Page, where: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(async () => {
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const finite = document.getAnimations().filter((each) => each.effect?.getComputedTiming().endTime !== Infinity);
      await Promise.all(finite.map(({ finished }) => finished.catch(() => undefined)));
    });
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
    const { violations } = await page.evaluate(() =>
      (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
    );
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(found, `${where}, ${width} px`).toEqual([]);
    const [scroll, client] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth];
    });
    expect(scroll, `${where}, ${width} px: width of what is scrolled`).toBeLessThanOrEqual(client ?? 0);
  }
  await page.setViewportSize({ width: WIDTHS[0] ?? 0, height: 900 });
}

async function expectFitInBothThemes(desk: Desk, where: string): Promise<void> {
  for (const dark of [false, true]) {
    await desk.turn("Dark", dark);
    await expectFit(desk.page, `${where}, ${dark ? "dark" : "light"}`);
  }
}

test("the page fits, in all its states", () =>
  inAWorld(
    async (world) => {
      const first = await world.open();
      await first.until({ state: "registered", home: "dc1-" });
      await expectFitInBothThemes(first, "registered");
      const { desk } = await rolledOver({ ...world, open: async () => first });
      await expectFitInBothThemes(desk, "rolled over");
      await desk.slider.press("ArrowLeft");
      await desk.until({ view: "scrubbed" });
      await expectFitInBothThemes(desk, "scrubbed");
      await desk.button("Live").click();
      const { path } = await desk.export(world.browser.folder);
      await desk.import(path);
      await desk.until({ view: "imported" });
      await expectFitInBothThemes(desk, "imported");
      await desk.import({ name: "rubbish.json", mimeType: "application/json", buffer: Buffer.from("rubbish") });
      await desk.page.getByRole("alert").waitFor();
      await expectFitInBothThemes(desk, "refused");
    },
    { breaks: true },
  ));

test("the policy fits, and has each rule that the log links to", () =>
  inAWorld(
    async (world) => {
      const { desk } = await rolledOver(world);
      const links = () =>
        desk.page.getByRole("link").evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
      const hrefs = (await links()).filter((href) => href.includes("policy.html#"));
      for (const { rule } of await desk.entries()) expect(hrefs).toContain(`policy.html#${rule}`);
      const policy = await world.browser.context.newPage();
      for (const colorScheme of ["light", "dark"] as const) {
        await policy.emulateMedia({ colorScheme });
        await policy.goto(new URL("policy.html", world.lab.page).href);
        await expectFit(policy, `the policy, ${colorScheme}`);
      }
      const ids = await policy.locator("[id]").evaluateAll((all) => all.map(({ id }) => id));
      expect(ids).toEqual(expect.arrayContaining(hrefs.map((href) => href.split("#")[1])));
      const text = readFileSync(join(PROJECT, "core/POLICY.md"), "utf8");
      expect(ids).toEqual(expect.arrayContaining([...text.matchAll(/^### (\S+)$/gm)].map(([, id]) => id)));
    },
    { breaks: true },
  ));

test("both themes follow the system until one is chosen, which is kept", () =>
  inAWorld(async ({ open }) => {
    const desk = await open();
    const isDark = () => desk.switch("Dark").getAttribute("aria-checked");
    expect(await isDark()).toBe("false");
    await desk.page.emulateMedia({ colorScheme: "dark" });
    await desk.page.reload();
    await until("dark", isDark, (is) => is === "true");
    await desk.turn("Dark", false);
    await desk.page.reload();
    await until("light", isDark, (is) => is === "false");
  }));

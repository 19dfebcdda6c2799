// What a person sees, in both themes and both widths: axe-core, and no sideways scroll.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Desk } from "./world.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [1280, 390];

/** Nothing that axe-core objects to, and no sideways scroll, at each width. */
export async function expectFit(page: Page, where: string): Promise<void> {
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

export async function expectFitInBothThemes(desk: Desk, where: string): Promise<void> {
  for (const dark of [false, true]) {
    await desk.turn("Dark", dark);
    await expectFit(desk.page, `${where}, ${dark ? "dark" : "light"}`);
  }
}

// For each test a lab and a Chromium of its own.

import { expect } from "vitest";
import { type Browser, openBrowser, REFUSED } from "../story/browser.mjs";
import { Desk } from "../story/desk.mjs";
import { Lab } from "../story/lab.mjs";

export { until } from "../story/until.mjs";
export type { Browser, Desk, Lab };

export interface World {
  lab: Lab;
  browser: Browser;
  /** Loads the page in a tab of its own. */
  open: (query?: string) => Promise<Desk>;
}

interface Options {
  /** Servers are broken on purpose: what Chromium itself prints of it is no error of the page. */
  breaks?: boolean;
  width?: number;
  /** By finger. */
  hasTouch?: boolean;
}

/** Runs a test; whatever a page prints as an error or throws fails it. */
export async function inAWorld(work: (world: World) => Promise<void>, options: Options = {}): Promise<void> {
  const { breaks = false, width = 1280, hasTouch = false } = options;
  const lab = await Lab.start();
  try {
    const browser = await openBrowser({ viewport: { width, height: 900 }, hasTouch });
    try {
      await work({ lab, browser, open: (query = "") => Desk.open(browser.context, lab.page + query) });
      const foreseen = (text: string) => breaks && REFUSED.some((pattern) => pattern.test(text));
      expect(browser.errors.filter((text) => !foreseen(text))).toEqual([]);
    } finally {
      await browser.close();
    }
  } finally {
    await lab.stop();
  }
}

/** Registered at data centre 2, because data centre 1 was switched off in the page. */
export async function rolledOver({ open }: World): Promise<{ desk: Desk; away: string }> {
  const desk = await open();
  await desk.until({ state: "registered", home: "dc1-", primary: true });
  await desk.turn("Data centre 1", false);
  const { home } = await desk.until({ state: "registered", home: "dc2-", primary: false }, 30_000);
  return { desk, away: home };
}

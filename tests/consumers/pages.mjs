// Pages in Chromium, and what they say.

import { chromium } from "playwright-core";
import { findChromium, launch, serve } from "./browser.mjs";
import { temporary } from "./consumer.mjs";

/** Chromium; undefined where there is none. */
export const program = findChromium();

// Everything is refused that is not named. The worker of the driver's timers needs `worker-src blob:`.
const STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'self' 'wasm-unsafe-eval'";
export const POLICIES = {
  strict: `${STRICT}; connect-src 'self'`,
  worker: `${STRICT}; connect-src 'self'; worker-src blob:`,
  // Here a worker of a text address throws, and nothing can be fetched.
  types: `${STRICT}; require-trusted-types-for 'script'`,
  none: "default-src 'none'; script-src 'self'; connect-src 'self'",
};

// A worker that a policy forbids is reported in the console, and nowhere else.
export const NO_WORKER = /worker|blob:|TrustedScriptURL/i;

/** A browser of its own for `work`, which gets `open(path)`; errors in a page fail it, but for those it foresees. */
export async function browsing(origin, work, foreseen = /^$/, options = {}) {
  const context = await launch(chromium, program, temporary, options);
  const errors = [];
  const note = (text) => foreseen.test(text) || errors.push(text);
  try {
    context.setDefaultTimeout(30_000);
    const open = async (path) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => note(String(error)));
      page.on("console", (message) => {
        const { url } = message.location();
        if (message.type() === "error" && !url.endsWith("/favicon.ico")) note(`${message.text()} (${url})`);
      });
      await page.goto(origin + path);
      return page;
    };
    const result = await work(open);
    if (errors.length > 0) throw new Error(`in the page: ${errors.join("; ")}`);
    return result;
  } catch (error) {
    if (errors.length > 0 && !error.message.startsWith("in the page")) error.message += `; in the page: ${errors}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** The page has come to an end. */
export const SHOWN = { result: undefined };

/** What the page says of itself, once it says `wanted`. */
export async function said(page, wanted, timeout = 30_000) {
  const selector = Object.entries(wanted).map(([key, is]) =>
    is === undefined ? `[data-${key}]` : `[data-${key}="${is}"]`,
  );
  const element = page.locator("html");
  const read = () => element.evaluate(({ dataset }) => ({ ...dataset }));
  try {
    await page.locator(`html${selector.join("")}`).waitFor({ state: "attached", timeout });
  } catch {
    throw new Error(`expected ${JSON.stringify(wanted)}, the page says ${JSON.stringify(await read())}`);
  }
  return read();
}

export async function shownBy(origin, path, foreseen) {
  return browsing(origin, async (open) => (await said(await open(path), SHOWN)).result, foreseen);
}

export async function served(folder, work, policies) {
  const server = await serve(folder, policies);
  try {
    return await work(server);
  } finally {
    server.close();
  }
}

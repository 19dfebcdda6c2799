// Chromium with a profile of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { findChromium, launch } from "../../tests/consumers/browser.mjs";

/** What Chromium itself prints where a server refuses: nobody can prevent it. */
export const REFUSED = [
  /^WebSocket connection to 'ws:\/\/\S+' failed: /,
  /^Failed to load resource: net::ERR_(EMPTY_RESPONSE|CONNECTION_REFUSED|CONNECTION_RESET)/,
];

/**
 * @typedef {object} Browser
 * @property {import("playwright-core").BrowserContext} context
 * @property {string} folder for files; it goes when the browser goes
 * @property {string[]} errors what pages printed as errors, and what they threw
 * @property {() => Promise<void>} close
 */

/**
 * Starts one. Its pages' errors are noted, all of them.
 *
 * @param {import("playwright-core").BrowserContextOptions} [options]
 * @returns {Promise<Browser>}
 */
export async function openBrowser(options = {}) {
  const program = findChromium();
  if (!program) {
    throw new Error("Chromium is missing: install it (apt-get install chromium), or name it in CHROMIUM");
  }
  // Chromium leaves files in the temporary folder: in this one they go with it.
  const folder = mkdtempSync(join(tmpdir(), "rehome-page-"));
  const context = await launch(chromium, program, folder, {
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    env: { ...process.env, TMPDIR: folder },
    ...options,
  });
  /** @type {string[]} */
  const errors = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  context.on("weberror", (error) => errors.push(String(error.error())));
  return {
    context,
    folder,
    errors,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

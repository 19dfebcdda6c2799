// The agent desktop as a user meets it: by roles and names.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "./until.mjs";

/** @typedef {import("playwright-core").Page} Page */

/**
 * @typedef {object} Live What the page says of the phone, whatever is viewed.
 * @property {string} state
 * @property {string} home the host, or nothing
 * @property {boolean} primary
 * @property {string} role
 * @property {string} view
 */

/**
 * @typedef {object} Entry A line of the decision log.
 * @property {number} index
 * @property {string} type
 * @property {string} rule
 * @property {string} text
 */

/** The first label of a host: `dc1-spx1`. @param {string} host */
export function short(host) {
  return host.split(".")[0] ?? host;
}

export class Desk {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(10_000);
  }

  /**
   * Loads the page.
   *
   * @param {import("playwright-core").BrowserContext} context
   * @param {string} url
   */
  static async open(context, url) {
    const page = context.pages().find((open) => open.url() === "about:blank") ?? (await context.newPage());
    await page.goto(url);
    return new Desk(page);
  }

  get main() {
    return this.page.locator("main");
  }

  /** @param {"Agent desktop" | "Lab" | "Timeline" | "Decisions"} name */
  region(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** @param {string} name */
  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  /** @param {string} name */
  switch(name) {
    return this.page.getByRole("switch", { name, exact: true });
  }

  get slider() {
    return this.page.getByRole("slider", { name: "Time", exact: true });
  }

  /** @returns {Promise<Live>} */
  live() {
    return this.main.evaluate(({ dataset: { state = "", home = "", primary, role = "", view = "" } }) => {
      return { state, home, primary: primary === "true", role, view };
    });
  }

  /**
   * Waits until the page says this.
   *
   * @param {Partial<Live>} wanted `home` is how it begins
   * @param {number} [limitMs]
   */
  until(wanted, limitMs) {
    const { home = "", ...rest } = wanted;
    /** @param {Live} seen */
    const holds = (seen) =>
      seen.home.startsWith(home) && Object.entries(rest).every(([key, value]) => Reflect.get(seen, key) === value);
    return until(`a page with ${JSON.stringify(wanted)}`, () => this.live(), holds, limitMs);
  }

  /** Turns a switch, and waits until it has turned. @param {string} name @param {boolean} on */
  async turn(name, on) {
    const switched = this.switch(name);
    const isOn = async () => (await switched.getAttribute("aria-checked")) === "true";
    if ((await isOn()) === on) return;
    await switched.click();
    await until(`the switch ${name} ${on ? "on" : "off"}`, isOn, (seen) => seen === on);
  }

  /** The decision log, oldest first; the page has it newest first. @returns {Promise<Entry[]>} */
  entries() {
    return this.region("Decisions")
      .locator("[data-type][data-rule]")
      .evaluateAll((elements) =>
        elements.reverse().map((element, index) => {
          const { type = "", rule = "" } = /** @type {HTMLElement} */ (element).dataset;
          const bare = /** @type {HTMLElement} */ (element.cloneNode(true));
          for (const aside of bare.querySelectorAll("time, a")) aside.remove();
          return { index, type, rule, text: (bare.textContent ?? "").replace(/\s+/g, " ").trim() };
        }),
      );
  }

  /**
   * Exports the session into a folder; the file's path and what is in it.
   *
   * @param {string} folder
   */
  async export(folder) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), this.button("Export session").click()]);
    const path = join(folder, download.suggestedFilename());
    await download.saveAs(path);
    return { path, scenario: JSON.parse(await readFile(path, "utf8")) };
  }

  /** What the page says of a file that was run. */
  get verdict() {
    return this.page.getByText(/came out (as|otherwise than) the file says/);
  }

  /** Imports a file. @param {string | { name: string, mimeType: string, buffer: Buffer }} file */
  async import(file) {
    await this.page.getByLabel("Session file", { exact: true }).setInputFiles(file);
  }
}

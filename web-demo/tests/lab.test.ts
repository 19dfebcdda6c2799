// The page without its lab: none there, one that goes and returns, one that only half of is reached.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Lab } from "../story/lab.mjs";
import { expectFitInBothThemes } from "./fit.js";
import { inAWorld, until } from "./world.js";

const alarm = (page: Page) => page.getByRole("alert");

/** All of the lab's switches can be used, or none. */
async function expectSwitches(page: Page, usable: boolean): Promise<void> {
  const lab = page.getByRole("region", { name: "Lab", exact: true });
  const switches = await lab.getByRole("switch").all();
  expect(switches.length).toBe(7);
  for (const each of switches) expect(await each.isEnabled()).toBe(usable);
  expect(await lab.getByRole("button", { name: "Mend everything" }).isEnabled()).toBe(usable);
}

test("without a lab the page says where it looked and what to do; it begins by itself once there is one", () =>
  inAWorld(
    async ({ lab, browser, open }) => {
      const control = new URL("/", lab.page).href;
      await browser.context.route(control, (route) => route.abort("connectionrefused"));
      const desk = await open();
      expect(await alarm(desk.page).innerText()).toMatch(
        /^The lab at http:\/\/127\.0\.0\.1:\d+ cannot be used: it does not answer\. Start it again with/,
      );
      await desk.until({ state: "stopped", role: "pending" });
      await expectSwitches(desk.page, false);
      await expectFitInBothThemes(desk, "without a lab");
      await browser.context.unroute(control);
      await desk.until({ state: "registered", home: "dc1-" });
      await alarm(desk.page).waitFor({ state: "detached" });
      await expectSwitches(desk.page, true);
    },
    { breaks: true },
  ));

test("something else at the lab’s address is no lab", () =>
  inAWorld(async ({ lab, browser, open }) => {
    const control = new URL("/", lab.page).href;
    for (const body of ["<p>hello", '{"ok":true}', "null"]) {
      await browser.context.route(control, (route) => route.fulfill({ contentType: "application/json", body }));
      const desk = await open();
      expect(await alarm(desk.page).innerText()).toContain("it answers, but not as the lab does");
      await desk.until({ state: "stopped" });
      await browser.context.unroute(control);
      await desk.page.close();
    }
  }));

test("a lab that dies is said to be gone; the phone finds another at the same address", () =>
  inAWorld(
    async ({ lab, open }) => {
      const desk = await open();
      await desk.until({ state: "registered" });
      await lab.stop();
      await alarm(desk.page).waitFor();
      await expectSwitches(desk.page, false);
      expect(await desk.region("Lab").innerText()).toContain("Who is registered is not known.");
      await desk.until({ state: "unconfirmed" });
      // All but the control is elsewhere now.
      const other = await Lab.start(new URL(lab.page).port);
      try {
        await alarm(desk.page).waitFor({ state: "detached" });
        await desk.until({ state: "registered", home: "dc1-" }, 90_000);
        await until(
          "a binding in the new lab",
          () => other.bindings(),
          ({ length }) => length === 1,
        );
      } finally {
        await other.stop();
      }
    },
    { breaks: true },
  ));

test("a lab of which only the control is reached: the page says what it does not reach, and why", () =>
  inAWorld(
    async ({ browser, open }) => {
      await browser.context.route("**/dns-query**", (route) => route.abort("connectionrefused"));
      const desk = await open();
      await desk.until({ state: "waiting" });
      expect(await alarm(desk.page).innerText()).toMatch(
        /its DNS \(http:.*dns-query\).*open this page in a browser there/,
      );
      await browser.context.unroute("**/dns-query**");
      await desk.until({ state: "registered" }, 15_000);
      await alarm(desk.page).waitFor({ state: "detached" });
    },
    { breaks: true },
  ));

test("where no script runs the page says what to do, and a script takes that away", () =>
  inAWorld(
    async ({ browser, open }) => {
      await browser.context.route("**/assets/*.js", (route) => route.abort("connectionrefused"));
      const { page } = await open();
      await page.getByText("run “cargo xtask demo”").waitFor();
      await browser.context.unroute("**/assets/*.js");
      await page.reload();
      await page.getByRole("main").waitFor();
      expect(await page.getByText("The page is loading").count()).toBe(0);
    },
    { breaks: true },
  ));

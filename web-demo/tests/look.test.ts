// What a person sees, in all states of the page: axe-core, sideways scroll, links to the rules.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT } from "../story/lab.mjs";
import { expectFit, expectFitInBothThemes } from "./fit.js";
import { inAWorld, rolledOver, until } from "./world.js";

test("the page fits, in all its states", () =>
  inAWorld(
    async (world) => {
      const first = await world.open();
      await first.until({ state: "registered", home: "dc1-" });
      for (const more of await first.page.locator("summary").all()) await more.click();
      await expectFitInBothThemes(first, "registered, all of it opened");
      const second = await world.open();
      await second.until({ role: "follower", state: "registered" });
      await expectFitInBothThemes(second, "a second tab");
      await second.page.close();
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

import { expect, test } from "vitest";
import type { Desk } from "./world.js";
import { inAWorld, until } from "./world.js";

const REFRESH_MS = 22_000;

async function said(desk: Desk, type: string, after = 0, limitMs = 10_000): Promise<number> {
  const find = async () => (await desk.entries()).findIndex((entry) => entry.index >= after && entry.type === type);
  return until(`${type} in the log`, find, (index) => index >= 0, limitMs);
}

test("DNS dies: a registered phone says so, refreshes all the same, and asks again once it is mended", () =>
  inAWorld(
    async ({ lab, open }) => {
      const desk = await open();
      const { home } = await desk.until({ state: "registered", home: "dc1-" });
      await desk.turn("DNS", false);
      // Answers are used for a minute at least; signing in asks at once.
      await desk.button("Sign in").click();
      const failed = await said(desk, "lookupFailed");
      await said(desk, "refreshed", failed, REFRESH_MS);
      await desk.until({ state: "registered", home });
      expect(await lab.boundAt()).toEqual([home.split(".")[0]]);
      await desk.turn("DNS", true);
      const { length } = await desk.entries();
      await desk.button("Sign out").click();
      await desk.button("Sign in").click();
      // Home is a primary: the answer has come, and nothing is to be done.
      await said(desk, "triggerIgnored", length);
      await desk.until({ state: "registered", home, primary: true });
    },
    { breaks: true },
  ));

for (const kind of ["servfail", "silent"]) {
  test(`DNS is dead (${kind}) when the page loads: it waits, and registers by itself once that is mended`, () =>
    inAWorld(
      async ({ lab, open }) => {
        await lab.ask("dns/fault", "PUT", { kind });
        const desk = await open();
        await said(desk, "lookupFailed");
        await desk.until({ state: "waiting" });
        expect(await lab.bindings()).toEqual([]);
        expect(await desk.switch("DNS").getAttribute("aria-checked")).toBe("false");
        await desk.turn("DNS", true);
        await desk.until({ state: "registered", home: "dc1-", primary: true }, 15_000);
        expect((await lab.bindings()).length).toBe(1);
      },
      { breaks: true },
    ));
}

test("both data centres die and return: it waits, tries round after round, and registers again by itself", () =>
  inAWorld(
    async ({ lab, open }) => {
      const desk = await open();
      await desk.until({ state: "registered", home: "dc1-" });
      await desk.turn("Data centre 2", false);
      await desk.turn("Data centre 1", false);
      const lost = await said(desk, "homeLost");
      const failed = await said(desk, "roundFailed", lost, 30_000);
      await desk.until({ state: "waiting" });
      await said(desk, "wrapped", failed, 15_000);
      await said(desk, "roundFailed", failed + 1, 30_000);
      await desk.button("Mend everything").click();
      await desk.until({ state: "registered" }, 20_000);
      const { home } = await desk.live();
      await until(
        "its binding",
        () => lab.boundAt(),
        (at) => at.includes(home.split(".")[0] ?? ""),
      );
      for (const name of ["Data centre 1", "Data centre 2"]) {
        expect(await desk.switch(name).getAttribute("aria-checked")).toBe("true");
      }
    },
    { breaks: true },
  ));

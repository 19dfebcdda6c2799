import { expect, test } from "vitest";
import { inAWorld, rolledOver, until } from "./world.js";

test("a page loaded again in the middle goes on where it was, and keeps its timeline", () =>
  inAWorld(
    async (world) => {
      const { desk, away } = await rolledOver(world);
      // A fresh start would go there.
      await desk.turn("Data centre 1", true);
      await until(
        "the success in the log",
        () => desk.entries(),
        (all) => all.some(({ type, text }) => type === "registered" && text.includes("dc2-")),
      );
      const before = await desk.entries();
      const seen = (await world.lab.log()).length;
      await desk.page.reload();
      await desk.until({ role: "owner", state: "registered", home: away });
      // Resumed: a REGISTER at home, and nowhere else.
      const after = await until(
        "a success after the reload",
        () => desk.entries(),
        (all) => all.slice(before.length).some(({ type }) => type === "refreshed"),
      );
      const types = before.map(({ type }) => type);
      expect(after.slice(0, before.length).map(({ type }) => type)).toEqual(types);
      expect(types).toContain("rolledOver");
      const where = (await world.lab.log()).slice(seen).map(({ registrar }) => `${registrar}.example.test`);
      expect(new Set(where)).toEqual(new Set([away]));
      const lanes = desk.region("Timeline").locator("[data-lane]");
      const spans = await lanes.evaluateAll((all) =>
        all
          .filter((lane) => lane.querySelector("[data-home-span]"))
          .map((lane) => (lane as HTMLElement).dataset.target?.slice(0, 4)),
      );
      expect(spans.sort()).toEqual(["dc1-", "dc2-"]);
    },
    { breaks: true },
  ));

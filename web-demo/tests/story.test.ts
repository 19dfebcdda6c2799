import { expect, test } from "vitest";
import { PARTS } from "../story/parts.mjs";
import { play } from "../story/play.mjs";
import { line } from "../story/show.mjs";
import { inAWorld } from "./world.js";

test("the story", () =>
  inAWorld(
    async ({ lab, browser }) => {
      const told: string[] = [];
      const ending = await play(lab, browser, {
        chapter: (title) => told.push(title),
        line: (said) => told.push(line(said)),
      });
      const parts = PARTS.map(({ title }) => ({ title }));
      expect(ending.parts, told.join("\n")).toEqual(parts);
    },
    { breaks: true },
  ));

test("a story that does not happen says what is missing", () =>
  inAWorld(
    async ({ lab, browser }) => {
      await lab.ask("datacentres/1/fault", "PUT", { kind: "status", code: 503 });
      const { parts } = await play(lab, browser);
      // Six failures a second apart come first.
      expect(parts[0]?.missing).toMatch(/^it took \d\.\d s$/);
      expect(parts[1]?.missing).toBe("the story did not come that far");
    },
    { breaks: true },
  ));

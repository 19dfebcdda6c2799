import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT } from "../story/lab.mjs";
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

test("the program that tells the story fails where it does not happen", () =>
  inAWorld(async ({ browser }) => {
    // A lab whose page nobody serves.
    const program = join(browser.folder, "lab.mjs");
    const says = "control: http://127.0.0.1:1/\npage: http://127.0.0.1:1/page/";
    const code = `#!/usr/bin/env node\nconsole.log(${JSON.stringify(says)});\nsetInterval(() => {}, 1000);\n`;
    writeFileSync(program, code, { mode: 0o755 });
    const env = { ...process.env, REHOME_LAB_PROGRAM: program };
    const { status, stdout } = spawnSync("node", ["story/main.mjs"], {
      cwd: join(PROJECT, "web-demo"),
      env,
      encoding: "utf8",
    });
    expect(stdout).toContain("did not happen: The page loads, and its phone is registered");
    expect(stdout).not.toContain("All of it happened");
    expect(status).toBe(1);
  }));

// JsSIP and SIP.js, as npm installs them beside the package: each registers over WebSocket at the lab, by its DNS.

import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { consumer, same } from "../consumer.mjs";
import { ask } from "../lab.mjs";
import { browsing, SHOWN, said, served } from "../pages.mjs";
import { built } from "./bundlers.mjs";

/** A desk is run by `open`, which gives what it says when it is registered, and how to make it leave. */
async function registers(library, where, open) {
  const user = `${library}-${where}`;
  const bindings = async () =>
    (await ask(`/bindings/${user}`)).map((binding) => `${binding.registrar} ${binding.transport}`);
  const { dohUrls } = await ask("/");
  const parameters = new URLSearchParams([["library", library], ["user", user], ...dohUrls.map((url) => ["doh", url])]);
  const { result, leave } = await open(parameters);
  same("the desk", result, /^registered at dc1-spx[12]\.example\.test$/);
  same("bindings", (await bindings()).join(", "), `${result.match(/dc1-spx[12]/)?.[0]} ws`);
  await leave();
  same("bindings in the end", (await bindings()).join(", "), "");
  return result;
}

function inNode(library) {
  return async () => {
    const cwd = await consumer("desk");
    return registers(library, "node", async (parameters) => {
      const desk = spawn(process.execPath, ["main.js", `${parameters}`], {
        cwd,
        stdio: ["pipe", "pipe", "inherit"],
        timeout: 60_000,
      });
      const ended = new Promise((resolve) => desk.on("exit", resolve));
      const lines = createInterface({ input: desk.stdout })[Symbol.asyncIterator]();
      const { value: result } = await lines.next();
      const leave = async () => {
        desk.stdin.end();
        same("exit code", await ended, 0);
      };
      return { result, leave };
    });
  };
}

const pages = {
  vite: async () => built.vite(await consumer("desk")),
  webpack: async () => {
    const folder = await consumer("desk");
    const page = await built.webpack(folder, "./page.js");
    cpSync(join(folder, "webpack.html"), join(page, "index.html"));
    return page;
  },
};
const made = {};

/** Both libraries are in one page, which is built once. */
function inPage(library, bundler) {
  return async () => {
    made[bundler] ??= pages[bundler]();
    return served(await made[bundler], ({ origin }) =>
      browsing(origin, (open) =>
        registers(library, bundler, async (parameters) => {
          const desk = await open(`/index.html?${parameters}`);
          const { result } = await said(desk, SHOWN);
          return { result, leave: () => desk.evaluate(() => globalThis.leave()) };
        }),
      ),
    );
  };
}

export const anywhere = [
  ["JsSIP, Node, import", inNode("jssip")],
  ["SIP.js, Node, import", inNode("sipjs")],
];
export const inChromium = [
  ["JsSIP, Vite, built", inPage("jssip", "vite")],
  ["SIP.js, Vite, built", inPage("sipjs", "vite")],
  ["JsSIP, webpack", inPage("jssip", "webpack")],
  ["SIP.js, webpack", inPage("sipjs", "webpack")],
];

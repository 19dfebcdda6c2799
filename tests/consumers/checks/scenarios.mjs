// The whole suite, through the package.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAll } from "../../../bindings/wasm/tests/scenarios/files.mjs";
import { consumer, node, run, same, wasm } from "../consumer.mjs";
import { browsing, POLICIES, SHOWN, said, served } from "../pages.mjs";

async function suite() {
  const { count, files } = readAll();
  const names = files.map(([name]) => name);
  const input = JSON.stringify(files);
  const runner = join(wasm, "tests/scenarios/runner.mjs");
  const text = ({ hash, hashes, failures }) => {
    same("failures", failures.join("; "), "");
    return [...hashes.map((pair) => pair.join(" ")), `trace hash ${hash}`];
  };

  const inNode = await consumer("node-esm");
  const inPage = await consumer("page");
  for (const folder of [inNode, inPage]) cpSync(runner, join(folder, "runner.mjs"));
  writeFileSync(join(inPage, "scenarios.json"), input);
  const inChromium = ({ origin }) =>
    browsing(origin, async (open) => (await said(await open("/suite.html?policy=strict"), SHOWN, 240_000)).result);
  const cargo = ["run", "--quiet", "-p", "rehome-runner", "--example", "hashes"];
  const done = await Promise.allSettled([
    run(process.env.CARGO ?? "cargo", cargo, { timeout: 600_000 }),
    node(["suite.mjs"], { cwd: inNode, input }),
    served(inPage, inChromium, POLICIES),
  ]);
  for (const { reason } of done) if (reason) throw reason;
  const [byNative, byNode, byBrowser] = done.map(({ value }) => value);

  const lines = { Chromium: text(JSON.parse(byBrowser)), Node: text(JSON.parse(byNode)) };
  same("files", names.length, count);
  const reference = byNative.split("\n").slice(0, count + 1);
  for (const [where, of] of Object.entries(lines)) {
    const differing = of.filter((line, index) => line !== reference[index]);
    same(`${where}, what differs from the native runner`, differing.slice(0, 5).join("; "), "");
    same(`${where}, scenarios`, of.length - 1, count);
  }
  return `${count} scenarios in Chromium, in Node and natively, ${lines.Chromium.at(-1)}`;
}

export const inChromium = [["scenarios", suite]];

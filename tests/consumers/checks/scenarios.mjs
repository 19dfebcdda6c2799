// The whole suite, through the package; or the folder that REHOME_SCENARIOS names.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { folder, list } from "../../../bindings/wasm/tests/scenarios/files.mjs";
import { differing, native } from "../../../bindings/wasm/tests/scenarios/native.mjs";
import { consumer, node, same, wasm } from "../consumer.mjs";
import { browsing, POLICIES, SHOWN, said, served } from "../pages.mjs";

const prove = Boolean(process.env.REHOME_PROVE);
const timeout = 600_000;
let natively;

/** What is run with the files: the package's own tests have it. */
async function withRunner(name, ...files) {
  const place = await consumer(name);
  for (const file of files) cpSync(join(wasm, "tests/scenarios", file), join(place, file));
  return place;
}

async function compared(where, { count, names }, ran) {
  natively ??= native();
  same("files", names.length, count);
  same(`${where}, failures`, ran.failures.slice(0, 5).join("; "), "");
  const lines = differing(ran, await natively);
  same(`${where}, what the native runner says and this one does not`, lines.slice(0, 5).join("; "), "");
  if (prove) console.log(`result ${where}: ${ran.inputs.toLocaleString("en")} inputs, hash ${ran.hash}`);
  return `${count} files as natively, trace hash ${ran.hash}`;
}

async function inNode() {
  const cwd = await withRunner("node-esm", "files.mjs", "runner.mjs");
  const env = { ...process.env, REHOME_SCENARIOS: folder };
  return compared("Node", list(), JSON.parse(await node(["suite.mjs"], { cwd, env, timeout })));
}

async function inPage() {
  const files = list();
  const place = await withRunner("page", "runner.mjs");
  cpSync(folder, join(place, "scenarios"), { recursive: true });
  writeFileSync(join(place, "names.json"), JSON.stringify(files.names));
  const work = async (open) => {
    const page = await open("/suite.html?policy=strict");
    if (prove) page.on("console", (message) => message.type() === "log" && console.log(message.text()));
    return (await said(page, SHOWN, timeout)).result;
  };
  const ran = await served(place, ({ origin }) => browsing(origin, work), POLICIES);
  return compared("Chromium", files, JSON.parse(ran));
}

export const anywhere = [["scenarios in Node", inNode]];
export const inChromium = [["scenarios in Chromium", inPage]];

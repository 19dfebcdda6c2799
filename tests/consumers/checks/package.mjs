// The package's entries and types, and Node.

import { consumer, node, REGISTERED, same, tarball, tool } from "../consumer.mjs";

async function publint() {
  await tool("publint", ["run", tarball, "--strict"]);
  return "clean";
}

async function attw() {
  // The module is no script: it has no types.
  await tool("attw", [tarball, "--profile", "esm-only", "--exclude-entrypoints", "rehome.wasm", "--no-emoji"]);
  return "clean, profile esm-only";
}

async function inNode(name) {
  return same("output", await node(["main.js"], { cwd: await consumer(name) }), REGISTERED);
}

export const anywhere = [
  ["Node, import", () => inNode("node-esm")],
  ["Node, require", () => inNode("node-require")],
  ["publint", publint],
  ["are the types wrong", attw],
];

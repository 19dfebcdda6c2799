// Prints what the package costs, raw, gzip and brotli, with and without the DNS codec; fails above the limit. That is
// about the wasm plus the glue: the scripts of `@rehome/sip` as a page loads them from its bundler, in one file, minified.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

/** 64 kB for wasm plus glue, brotli, with the DNS codec. */
const LIMIT = 64_000;

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

/** An agent desktop: all that its page takes from the package; its SIP library is its own. */
const DESKTOP = ["index", "driver/index", "doh", "registrars/jssip"];

/** What a page takes from these entries, in one file, minified. */
async function bundled(...entries) {
  const input = join(bare, "page.js");
  writeFileSync(
    input,
    entries.map((entry) => `export * from ${JSON.stringify(join(dist, `${entry}.js`))};\n`).join(""),
  );
  const bundle = await rolldown({ input, external: [/^jssip/u] });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  return Buffer.from(output[0].code);
}

/** All scripts that an entry needs, as they are in the package. */
function shipped(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  const text = readFileSync(file, "utf8");
  seen.set(file, text);
  for (const [, name] of text.matchAll(/from "(\.[^"]+)"/gu)) shipped(join(dirname(file), name), seen);
  return seen;
}

function row(name, ...parts) {
  const sum = (size) => parts.reduce((total, part) => total + size(part), 0);
  const raw = sum((part) => part.length);
  const gzip = sum((part) => gzipSync(part, { level: 9 }).length);
  const brotli = sum((part) => brotliCompressSync(part).length);
  console.log(name.padEnd(34), ...[raw, gzip, brotli].map((size) => size.toLocaleString("en").padStart(9)));
  return brotli;
}

const bare = mkdtempSync(join(here, ".bare-"));
try {
  execFileSync(process.execPath, [join(here, "build.mjs"), "--wasm-without-dns", bare], { stdio: "inherit" });
  const scripts = await bundled("index");
  const asShipped = Buffer.from([...shipped(join(dist, "index.js")).values()].join("\n"));
  const wasm = readFileSync(join(dist, "rehome.wasm"));
  const withoutDns = readFileSync(join(bare, "rehome.wasm"));
  console.log("".padEnd(34), ...["raw", "gzip", "brotli"].map((head) => head.padStart(9)));
  row("rehome.wasm", wasm);
  row("rehome.wasm without the DNS codec", withoutDns);
  row("scripts as shipped", asShipped);
  row("glue: scripts, minified", scripts);
  const all = row("in all: wasm and glue", wasm, scripts);
  row("in all, without the DNS codec", withoutDns, scripts);
  row("in all, scripts as shipped", wasm, asShipped);
  row("./inline, minified", await bundled("inline"));
  const desktop = await bundled(...DESKTOP);
  row("an agent desktop's scripts", desktop);
  row("an agent desktop in all", wasm, desktop);
  console.log(`limit ${LIMIT.toLocaleString("en")} brotli, left ${(LIMIT - all).toLocaleString("en")}`);
  process.exitCode = all > LIMIT ? 1 : 0;
} finally {
  rmSync(bare, { recursive: true, force: true });
}

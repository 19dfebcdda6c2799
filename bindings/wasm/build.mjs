// Builds the package into dist/: cargo, wasm-bindgen, wasm-opt, tsc. `--wasm-without-dns DIR` makes the module alone,
// without the DNS codec, in DIR: to see what that costs.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const { values } = parseArgs({ options: { "wasm-without-dns": { type: "string" } } });
const bare = values["wasm-without-dns"];
const dist = join(here, "dist");
const generated = bare ? resolve(bare) : join(here, "ts/generated");
const run = (program, args, cwd = root) => execFileSync(program, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
const modules = createRequire(import.meta.url);
const script = (name, file) => join(dirname(modules.resolve(`${name}/package.json`)), file);

const { target_directory } = JSON.parse(run("cargo", ["metadata", "--format-version", "1", "--no-deps"]));
const features = bare ? ["--no-default-features"] : [];
const wasm32 = ["--target", "wasm32-unknown-unknown", "--profile", "wasm"];
run("cargo", ["build", "--quiet", "-p", "rehome-wasm", ...wasm32, ...features]);

// The glue: its own default address of the module would be looked for by bundlers, and ours has another name.
rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
const built = join(target_directory, "wasm32-unknown-unknown/wasm/rehome_wasm.wasm");
const tool = ["run", "--quiet", "-p", "rehome-wasm-bindgen", "--", "--target", "web", "--omit-default-module-path"];
const lean = ["--remove-name-section", "--remove-producers-section"];
run("cargo", [...tool, ...lean, "--out-dir", generated, built]);

// All features at once would make modules that Node 20 refuses: these are the ones that rustc uses.
const uses = [
  "reference-types",
  "bulk-memory",
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "multivalue",
].map((feature) => `--enable-${feature}`);
const module = join(generated, "rehome.wasm");
const optimise = [script("binaryen", "bin/wasm-opt"), "-Oz", "--strip-debug", "--strip-producers", ...uses];
run(process.execPath, [...optimise, join(generated, "rehome_wasm_bg.wasm"), "-o", module]);

if (bare) process.exit();

const base64 = readFileSync(module).toString("base64");
writeFileSync(join(generated, "inline.js"), `export const base64 =\n  "${base64}";\n`);
writeFileSync(join(generated, "inline.d.ts"), "export declare const base64: string;\n");

// The scripts without comments, the types with them.
rmSync(dist, { recursive: true, force: true });
const tsc = (...args) => {
  try {
    run(process.execPath, [script("typescript", "bin/tsc"), "--outDir", dist, ...args], here);
  } catch (error) {
    process.stderr.write(error.stdout ?? "");
    process.exit(1);
  }
};
tsc("--removeComments");
tsc("--declaration", "--emitDeclarationOnly");
mkdirSync(join(dist, "generated"), { recursive: true });
for (const name of ["rehome_wasm.js", "inline.js"]) {
  const { outputText } = ts.transpileModule(readFileSync(join(generated, name), "utf8"), {
    compilerOptions: { target: "ES2022", module: "ES2022", removeComments: true },
  });
  writeFileSync(join(dist, "generated", name), outputText);
}
copyFileSync(module, join(dist, "rehome.wasm"));

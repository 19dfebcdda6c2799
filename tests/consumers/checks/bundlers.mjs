// Vite and webpack.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../browser.mjs";
import { consumer, REGISTERED, same } from "../consumer.mjs";
import { served, shownBy } from "../pages.mjs";

async function builtPage(folder) {
  return served(folder, async ({ origin, asked }) => {
    const result = same("the page", await shownBy(origin, "/index.html"), REGISTERED);
    same("files fetched", asked.filter((path) => path.endsWith(".wasm")).length, 1);
    return result;
  });
}

/** Builds a folder, without a warning; where the result is. */
export const built = {
  async vite(folder) {
    const { build } = await import("vite");
    const warnings = [];
    const onwarn = ({ message }) => warnings.push(message);
    const outDir = join(folder, "dist-vite");
    const options = { root: folder, configFile: false, logLevel: "error" };
    await build({ ...options, build: { outDir, chunkSizeWarningLimit: 1000, rolldownOptions: { onwarn } } });
    same("warnings", warnings.join("; "), "");
    return outDir;
  },
  async webpack(folder, entry) {
    const { default: pack } = await import("webpack");
    const path = join(folder, "dist-webpack");
    const output = { path, filename: "main.js" };
    const options = { context: folder, mode: "production", entry, output, performance: { hints: false } };
    const stats = await new Promise((resolve, reject) => {
      const compiler = pack(options, (error, done) => {
        compiler.close(() => (error ? reject(error) : resolve(done)));
      });
    });
    const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
    same("warnings", [...errors, ...warnings].map(({ message }) => message).join("; "), "");
    return path;
  },
};

async function vite() {
  return builtPage(await built.vite(await consumer("vite")));
}

async function viteServer() {
  const folder = await consumer("vite");
  const { createServer } = await import("vite");
  const probe = await serve(folder);
  const port = Number(new URL(probe.origin).port);
  probe.close();
  const options = { host: "127.0.0.1", port, strictPort: true };
  const server = await createServer({ root: folder, configFile: false, logLevel: "error", server: options });
  try {
    await server.listen();
    return same("the page", await shownBy(`http://127.0.0.1:${port}`, "/"), REGISTERED);
  } finally {
    await server.close();
  }
}

async function webpack() {
  const folder = await consumer("webpack");
  const page = await built.webpack(folder, "./main.js");
  cpSync(join(folder, "index.html"), join(page, "index.html"));
  return builtPage(page);
}

export const inChromium = [
  ["Vite, built", vite],
  ["Vite, development server", viteServer],
  ["webpack", webpack],
];

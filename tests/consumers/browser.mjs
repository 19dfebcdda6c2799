// Finds Chromium and starts it, each time with a profile of its own; serves folders to it.

import { execFileSync } from "node:child_process";
import { accessSync, constants, createReadStream, existsSync, mkdtempSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join, normalize } from "node:path";

export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** @param {string} path */
function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function found() {
  if (process.env.CHROMIUM) return executable(process.env.CHROMIUM) ? process.env.CHROMIUM : undefined;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

/** The program, installed first where that can be done; undefined where there is none. */
export function findChromium() {
  const there = found();
  if (there || process.env.CHROMIUM || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return there;
  console.log("Chromium is missing: apt-get installs it");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "--no-install-recommends", "chromium"];
  for (const commands of [[install], [["update"], install]]) {
    try {
      for (const args of commands) execFileSync("apt-get", args, { env, stdio: "ignore", timeout: 240_000 });
      break;
    } catch {
      // Perhaps the package lists are old; else it stays missing.
    }
  }
  return found();
}

/**
 * A browser with one profile: its tabs share an origin's locks and channels.
 *
 * @template T
 * @param {{ launchPersistentContext(profile: string, options: object): Promise<T> }} chromium playwright-core's; each
 *   folder has its own
 * @param {string | undefined} executablePath
 * @param {string} temporary the folder for the profile
 * @param {object} [options] more of Playwright's
 */
export async function launch(chromium, executablePath, temporary, options = {}) {
  const profile = mkdtempSync(join(temporary, "profile-"));
  return chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS, ...options });
}

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * Serves a folder. What is asked for with `kept` in the query may be kept in a cache, and the page in the back/forward
 * cache.
 *
 * @param {string} folder
 * @param {Record<string, string>} policies content security policies, chosen by the page's query
 */
export async function serve(folder, policies = {}) {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const file = join(folder, normalize(url.pathname));
    if (url.pathname === "/favicon.ico") return response.writeHead(204).end();
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      return response.writeHead(404).end();
    }
    asked.push(url.pathname);
    /** @type {Record<string, string>} */
    const headers = { "content-type": TYPES[extname(file)] ?? "application/octet-stream" };
    headers["cache-control"] = url.searchParams.has("kept") ? "no-cache" : "no-store";
    const policy = policies[url.searchParams.get("policy") ?? ""];
    if (policy) headers["content-security-policy"] = policy;
    response.writeHead(200, headers);
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

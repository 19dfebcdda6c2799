// A lab of one's own that serves the page; who asks it sees what the registrars really hold.

import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const DIST = join(PROJECT, "web-demo/dist");

/**
 * @typedef {object} Binding
 * @property {string} user
 * @property {string} registrar
 * @property {number} datacentre
 * @property {number} expiresIn
 */

/**
 * @typedef {object} Request One entry of the lab's log.
 * @property {number} atMs
 * @property {string} registrar
 * @property {string} method
 * @property {number | null} expires
 * @property {boolean} retransmission
 * @property {number | null} code
 */

/**
 * Where cargo puts a program of this project; it builds it first.
 *
 * @param {string[]} what which package and program
 */
export function built(...what) {
  const out = execFileSync(process.env.CARGO ?? "cargo", ["build", "--quiet", ...what, "--message-format", "json"], {
    cwd: PROJECT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  const line = out.split("\n").findLast((message) => message.includes('"executable":"'));
  if (!line) throw new Error(`nothing was built: cargo build ${what.join(" ")} says why`);
  return /** @type {string} */ (JSON.parse(line).executable);
}

/** The lab's program: what REHOME_LAB_PROGRAM names, else built by cargo. */
export function labProgram() {
  return process.env.REHOME_LAB_PROGRAM || built("--package", "rehome-lab", "--bin", "rehome-lab");
}

export class Lab {
  /** The page's address. */
  page;
  #control;
  #child;

  /** @param {import("node:child_process").ChildProcess} child @param {string} control @param {string} page */
  constructor(child, control, page) {
    this.#child = child;
    this.#control = control;
    this.page = page;
  }

  /** Starts one on free ports, or with its control on this one. @param {string} [controlPort] */
  static async start(controlPort = "0") {
    if (!existsSync(join(DIST, "index.html"))) {
      throw new Error("the page is not built: run `cargo xtask test page`, or `npm run build` in web-demo");
    }
    const child = spawn(labProgram(), ["--ephemeral", "--control-port", controlPort, "--page", DIST], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.once("exit", () => child.kill());
    let control = "";
    for await (const line of createInterface({ input: child.stdout })) {
      const [, what, url] = /^(control|page): (\S+)$/.exec(line) ?? [];
      if (what === "control" && url) control = url;
      if (what === "page" && url) return new Lab(child, control, url);
    }
    throw new Error("the lab did not start: see its words above");
  }

  /** @param {string} path @param {string} [method] @param {object} [body] */
  async ask(path, method = "GET", body) {
    const answer = await fetch(new URL(path, this.#control), { method, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`the lab refuses ${method} /${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Who is registered where. @param {string} [user] @returns {Promise<Binding[]>} */
  bindings(user = "alice") {
    return this.ask(`bindings/${user}`);
  }

  /** The SIP requests that arrived. @param {string} [user] @returns {Promise<Request[]>} */
  log(user = "alice") {
    return this.ask(`log/${user}`);
  }

  /** The registrars that hold a binding, in order of name. */
  async boundAt() {
    return (await this.bindings()).map(({ registrar }) => registrar).sort();
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill();
    await gone;
  }
}

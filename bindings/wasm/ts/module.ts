// The module itself: loaded once, for all entries of the package.

import { RehomeError } from "./errors.js";
import load, { names as allNames, initSync } from "./generated/rehome_wasm.js";

/** Where the module comes from: an address, an answer of `fetch`, its bytes, or the compiled module. */
export type InitSource = string | URL | Response | BufferSource | WebAssembly.Module;

interface Node {
  getBuiltinModule?(name: "node:fs"): { readFileSync(url: URL): BufferSource };
}

let names: readonly string[] = [];
const codes = new Map<string, number>();
let ready = false;
let loading: Promise<void> | undefined;

function started(): void {
  names = allNames(false).split(",");
  names.forEach((word, code) => {
    codes.set(word, code);
  });
  ready = true;
}

/** The file beside this one, where the platform can read it at once. */
function fileHere(): BufferSource | undefined {
  const node = (globalThis as { process?: Node }).process;
  const fs = node?.getBuiltinModule?.("node:fs");
  const url = fs && new URL("./rehome.wasm", import.meta.url);
  return url?.protocol === "file:" ? fs?.readFileSync(url) : undefined;
}

function failed(cause: unknown): RehomeError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const remedy = "check the address of rehome.wasm, and that the page's policy has 'wasm-unsafe-eval'";
  return new RehomeError("notInitialised", `the module could not be loaded (${text}): ${remedy}`, undefined, cause);
}

/**
 * Loads the module. In Node it need not be called. In a browser await it once, before anything else; it may be called
 * again. Without an argument `rehome.wasm` is fetched from beside this file.
 */
export function init(source?: InitSource | Promise<InitSource>): Promise<void> {
  if (ready) return Promise.resolve();
  loading ??= start(source).catch((cause: unknown) => {
    loading = undefined;
    throw failed(cause);
  });
  return loading;
}

async function start(given?: InitSource | Promise<InitSource>): Promise<void> {
  const source = (await given) ?? fileHere() ?? new URL("./rehome.wasm", import.meta.url);
  await load({ module_or_path: source });
  if (!ready) started();
}

/** @internal Whether it can be used; where a file can be read at once, it is. */
export function ensure(): void {
  if (ready) return;
  let bytes: BufferSource | undefined;
  try {
    bytes = fileHere();
    if (bytes) {
      initSync({ module: bytes });
      started();
    }
  } catch (cause) {
    throw failed(cause);
  }
  if (!ready) throw new RehomeError("notInitialised", "the module is not loaded yet: call `await init()` first");
}

/** @internal The text of a number. */
export function word(code: number): string {
  return names[code] as string;
}

/** @internal The number of a text; of none that is known, one that is none. */
export function code(text: unknown): number {
  return codes.get(text as string) ?? 0xffff_ffff;
}

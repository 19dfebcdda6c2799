// What is handed in, checked before it crosses.

import { invalid, RehomeError, shown } from "./errors.js";
import { List, names, Settings } from "./generated/rehome_wasm.js";
import type { SrvRecord } from "./types.js";

/** @internal */
export type Fields = Record<string, unknown>;

const MAX = 0xffff_ffff;

/** @internal A time in milliseconds. */
export function time(value: unknown, field: string): number {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && value >= 0) return value;
    const text = `time ${value} ms is out of range: use milliseconds from 0 to 2^53 - 1`;
    throw new RehomeError("timeOutOfRange", text, field);
  }
  throw invalid(field, value, "give a time in milliseconds");
}

/** @internal */
export function seed(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalid("seed", value, "give each device a whole number of its own, from 0 to 2^53 - 1");
}

/** @internal A whole number up to `max`. */
export function whole(value: unknown, field: string, max = MAX): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max) return value as number;
  throw invalid(field, value, `write a whole number from 0 to ${max}`);
}

/** @internal Seconds off the wire: whole; however many, they are taken as 2^32 - 1 at most. */
export function seconds(value: unknown, field: string): number {
  return Math.min(whole(value, field, Number.MAX_SAFE_INTEGER), MAX);
}

/** @internal The same where there may be none. */
export function maybeSeconds(value: unknown, field: string): number | undefined {
  return value === undefined || value === null ? undefined : seconds(value, field);
}

/** @internal */
export function text(value: unknown, field: string): string {
  if (typeof value === "string") return value;
  throw invalid(field, value, "write a text");
}

/** @internal A list without holes. */
export function list(value: unknown, field: string): readonly unknown[] {
  if (Array.isArray(value)) return [...value];
  throw invalid(field, value, "write a list");
}

/** @internal An object with no fields but these. */
export function fields(value: unknown, field: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(field, value, "write an object");
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key) && (value as Fields)[key] !== undefined) {
      const text = `${field}: there is no field ${shown(key)}: it has ${known.join(", ")}`;
      throw new RehomeError("invalidInput", text, `${field}.${key}`);
    }
  }
  return value as Fields;
}

const RECORD = ["priority", "weight", "port", "target"];

/** @internal SRV records. */
export function srvRecords(value: unknown, field: string): SrvRecord[] {
  return list(value, field).map((element, index): SrvRecord => {
    const at = `${field}[${index}]`;
    const record = fields(element, at, RECORD);
    return {
      priority: whole(record.priority, `${at}.priority`, 65535),
      weight: whole(record.weight, `${at}.weight`, 65535),
      port: whole(record.port, `${at}.port`, 65535),
      target: text(record.target, `${at}.target`),
    };
  });
}

/** @internal The same, for the module. */
export function records(value: unknown, field: string): List {
  const read = srvRecords(value, field);
  const out = new List();
  for (const { priority, weight, port, target } of read) out.record(priority, weight, port, target);
  return out;
}

/** @internal A list of texts. */
export function texts(value: unknown, field: string): string[] {
  return list(value, field).map((element, index) => text(element, `${field}[${index}]`));
}

/** @internal Addresses. */
export function addresses(value: unknown, field: string): List {
  const read = texts(value, field);
  const out = new List();
  for (const [index, address] of read.entries()) {
    if (out.address(address)) continue;
    out.free();
    throw invalid(`${field}[${index}]`, address, "write an IPv4 or IPv6 address");
  }
  return out;
}

let settings: Map<string, { index: number; isList: boolean }> | undefined;

/** @internal A configuration: each value by its name, so that what is wrong can be named. */
export function configuration(value: unknown): Settings {
  settings ??= new Map(
    names(true)
      .split(",")
      .map((name, index) => [name.replace("[]", ""), { index, isList: name.endsWith("[]") }]),
  );
  const out = new Settings();
  try {
    group(out, value, "");
  } catch (error) {
    out.free();
    throw error;
  }
  return out;
}

function group(out: Settings, value: unknown, at: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(at || "config", value, "write an object");
  }
  for (const [key, below] of Object.entries(value)) {
    if (below === undefined) continue;
    const path = at ? `${at}.${key}` : key;
    const setting = settings?.get(path);
    if (setting) {
      if (!set(out, setting.index, setting.isList, below)) throw wrong(path, below, out.remedy(setting.index));
    } else if ([...(settings as NonNullable<typeof settings>).keys()].some((name) => name.startsWith(`${path}.`))) {
      group(out, below, path);
    } else {
      throw new RehomeError("config", `${path}: the configuration has no such field: take it out`, path);
    }
  }
}

function wrong(field: string, value: unknown, remedy: string): RehomeError {
  return new RehomeError("config", `${field}: ${shown(value)} cannot be used: ${remedy}`, field);
}

function set(out: Settings, index: number, isList: boolean, value: unknown): boolean {
  if (isList) {
    return Array.isArray(value) && out.clear(index) && [...value].every((element) => append(out, index, element));
  }
  if (value === null) return out.nothing(index);
  if (typeof value === "object") {
    const [only, more] = Object.entries(value);
    return only !== undefined && more === undefined && tagged(out, index, only[0], only[1]);
  }
  return scalar(out, index, value);
}

function scalar(out: Settings, index: number, value: unknown): boolean {
  if (typeof value === "string") return out.text(index, value);
  if (typeof value === "number") return out.number(index, value);
  return typeof value === "boolean" && out.flag(index, value);
}

function tagged(out: Settings, index: number, tag: string, value: unknown): boolean {
  if (typeof value === "string") return out.text_in(index, tag, value);
  return typeof value === "number" && out.number_in(index, tag, value);
}

/** An element of a list: a text, a site, or a line of the table of outcomes. */
function append(out: Settings, index: number, element: unknown): boolean {
  if (typeof element !== "object" || element === null) return scalar(out, index, element);
  const { name, hosts, code, meaning, ...others } = element as Fields;
  if (Object.keys(others).length > 0) return false;
  if (typeof name === "string" && Array.isArray(hosts) && code === undefined && meaning === undefined) {
    return (
      out.text(index, name) && [...hosts].every((host) => typeof host === "string" && out.text_in(index, "", host))
    );
  }
  const isRule = typeof meaning === "string" && typeof code === "number" && name === undefined && hosts === undefined;
  return isRule && out.number_in(index, meaning as string, code as number);
}

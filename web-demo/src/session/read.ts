// Reads a session or scenario file that somebody chose: what is wrong with it is a sentence, never a broken page.

import type { Scenario } from "@rehome/sip/driver";
import { type Fields, fieldsOf, isFields, isWhole } from "./fields.js";

/** What is wrong with a file, for people. */
export class SessionError extends Error {
  override readonly name = "SessionError";
}

/** An exported session has a few hundred kilobytes at most. */
const MOST_CHARACTERS = 8_000_000;
const OPS = ["step", "status", "snapshotRestore", "restart"];

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function refuse(where: string, value: unknown, remedy: string): never {
  throw new SessionError(`${where} is ${value === undefined ? "missing" : shown(value)}: ${remedy}.`);
}

function parsed(text: string): Fields {
  if (text.length > MOST_CHARACTERS) {
    throw new SessionError(
      `The file has ${text.length} characters, a session at most ${MOST_CHARACTERS}: take another.`,
    );
  }
  let value: unknown;
  try {
    // A byte order mark is no JSON, but some editors write one.
    value = JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SessionError(`The file is not JSON (${why}): choose a file that "Export session" wrote.`);
  }
  if (!isFields(value)) refuse("The file's content", value, "a session is an object with `steps`");
  return value;
}

/** The texts and lists that a file may leave out are empty. Throws a `SessionError`. */
export function readScenario(text: string): Scenario {
  const file = parsed(text);
  const { schemaVersion, steps, config = {}, seed = 1 } = file;
  if (!Array.isArray(steps) || steps.length === 0) {
    refuse("`steps`", steps, 'a session has a list of steps: choose a file that "Export session" wrote');
  }
  if (typeof schemaVersion === "number" && schemaVersion > 1) {
    refuse("`schemaVersion`", schemaVersion, "this page reads version 1, take a newer one");
  }
  if (schemaVersion !== 1) refuse("`schemaVersion`", schemaVersion, "a session of this version says 1");
  if (!isFields(config)) refuse("`config`", config, "it is an object");
  if (!isWhole(seed)) refuse("`seed`", seed, "it is a whole number from 0 to 2^53 - 1");
  for (const [index, step] of steps.entries()) checkStep(`Step ${index}`, step, index === 0);
  const texts = (list: unknown) => (Array.isArray(list) ? list.filter((item) => typeof item === "string") : []);
  const source = isFields(file.source) ? file.source : {};
  return {
    ...file,
    schemaVersion,
    description: typeof file.description === "string" ? file.description : "",
    rules: texts(file.rules),
    sentences: texts(file.sentences),
    source: { title: String(source.title ?? ""), section: String(source.section ?? "") },
    config: config as Scenario["config"],
    seed,
    steps: steps as Scenario["steps"],
  };
}

function checkStep(where: string, step: unknown, first: boolean): void {
  if (!isFields(step)) refuse(where, step, "it is an object with `op` and `atMs`");
  if (!OPS.includes(String(step.op))) refuse(`${where}, \`op\``, step.op, `it is one of ${OPS.join(", ")}`);
  checkTime(`${where}, \`atMs\``, step.atMs, first);
  if (step.op === "snapshotRestore") {
    for (const key of ["wallMs", "restoreAtMs", "restoreWallMs"]) {
      if (!isWhole(step[key])) refuse(`${where}, \`${key}\``, step[key], "it is a whole number of milliseconds");
    }
  }
  for (const key of ["config", "expect"]) {
    if (step[key] !== undefined && !isFields(step[key])) refuse(`${where}, \`${key}\``, step[key], "it is an object");
  }
  if (step.op !== "step") return;
  checkTyped(`${where}, \`input\``, step.input);
  checkInput(`${where}, \`input`, step.input as Fields);
  for (const key of ["actions", "events"]) {
    const list = step[key] ?? [];
    if (!Array.isArray(list)) refuse(`${where}, \`${key}\``, list, "it is a list");
    for (const [index, item] of list.entries()) checkTyped(`${where}, \`${key}[${index}]\``, item);
  }
}

function checkTyped(where: string, value: unknown): void {
  if (!isFields(value) || typeof value.type !== "string") refuse(where, value, "it is an object with a `type`");
}

function checkInput(where: string, { type, answer, config }: Fields): void {
  const { records } = fieldsOf(answer);
  if (type === "configure" && !isFields(config)) refuse(`${where}.config\``, config, "it is an object");
  if (records === undefined) return;
  const written = Array.isArray(records) && records.every((record) => /^\d+ \d+ \d+ /u.test(String(record)));
  if (!written) refuse(`${where}.answer.records\``, records, 'write records as "10 50 5060 a.example.com"');
}

/** `"wake"`, and `{"after": 20}`, count from the step before. */
function checkTime(where: string, at: unknown, first: boolean): void {
  if (isWhole(at)) return;
  const counted = at === "wake" || (isFields(at) && isWhole(at.after));
  if (!counted || first) refuse(where, at, "it is a whole number of milliseconds");
}

// The last inputs and what came of them, in the notation of the project's scenario files.

import type { Action, Config, Event, Input, Rule, Step, Target } from "../types.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = { readonly [key: string]: Json };

/** One step of a scenario file. */
export type ScenarioStep =
  | {
      atMs: number;
      op: "step";
      input: Fields;
      actions: readonly Fields[];
      wakeMs: number | null;
      events: readonly Fields[];
    }
  | {
      atMs: number;
      op: "snapshotRestore";
      wallMs: number;
      restoreAtMs: number;
      restoreWallMs: number;
      seed: number;
      config?: Fields;
    };

/** A scenario file: written as JSON, it can be run against every binding of the project. */
export interface Scenario {
  schemaVersion: 1;
  description: string;
  rules: string[];
  sentences: string[];
  source: { title: string; section: string };
  config: Fields;
  seed: number;
  steps: ScenarioStep[];
}

/** A session as a scenario. */
export interface Exported {
  scenario: Scenario;
  /**
   * Whether the session's beginning is in it: only then does it replay. It is not after more than `keepInputs` inputs, nor
   * after a reload where there was no room for the log. Else it is for reading.
   */
  complete: boolean;
}

/** A log as it is kept over a reload. */
export interface LogData {
  config: Fields;
  seed: number;
  complete: boolean;
  steps: ScenarioStep[];
}

const TARGETS = ["target", "from", "to"];

function targetText({ host, port, transport }: Target): string {
  return `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}/${transport}`;
}

/** Without what is absent or null. */
function bare(value: object): Record<string, Json> {
  const given = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
  return Object.fromEntries(given) as Record<string, Json>;
}

/** A copy that can be kept and posted, whatever proxies the value is made of. */
export function plain<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Whether the two say the same, in whatever order. */
export function isSame(one: Config, other: Config): boolean {
  return canonical(one as Fields) === canonical(other as Fields);
}

function written(input: Input, target: (id: number) => Target | undefined): Fields {
  switch (input.type) {
    case "configure":
      return { type: input.type, config: plain(input.config) as Fields };
    case "flowLost": {
      const lost = typeof input.target === "number" ? target(input.target) : input.target;
      return { type: input.type, target: lost ? targetText(lost) : "unknown.invalid:1/udp" };
    }
    case "answer": {
      const { answer } = input;
      if (answer.type !== "srv") return { type: input.type, id: input.id, answer: bare(answer) };
      const records = answer.records.map((record) =>
        [record.priority, record.weight, record.port, record.target].join(" "),
      );
      return { type: input.type, id: input.id, answer: { type: answer.type, ttl: answer.ttl, records } };
    }
    case "outcome":
      return { type: input.type, id: input.id, outcome: bare(input.outcome) };
    case "refreshed":
      return { type: input.type, outcome: bare(input.outcome) };
    default:
      return { type: input.type };
  }
}

function named(item: Action | Event): Fields {
  const fields = bare(item);
  for (const key of TARGETS) {
    const value = fields[key] as unknown;
    if (typeof value === "object") fields[key] = targetText(value as Target);
  }
  return fields;
}

/** Key by key, whatever their order. */
function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const fields = value as Fields;
  const keys = Object.keys(fields).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(",")}}`;
}

/** Whether laying `over` on `base` gives `over`: nothing of `base` is missing there. */
function covers(over: Json | undefined, base: Json | undefined): boolean {
  if (over === undefined) return base === undefined;
  if (![over, base].every((value) => typeof value === "object" && value !== null && !Array.isArray(value))) return true;
  return Object.entries(base as Fields).every(([key, value]) => covers((over as Fields)[key], value));
}

/** @internal */
export class Log {
  #data: LogData;
  #targets = new Map<number, Target>();
  #most: number;

  /** @param most how many steps are kept */
  constructor(config: Config, seed: number, most: number) {
    this.#data = { config: plain(config) as Fields, seed, complete: true, steps: [] };
    this.#most = most;
  }

  /** One that was kept, as far as it can be read. */
  static from(data: unknown, most: number): Log | undefined {
    const kept = data as Partial<LogData> | null | undefined;
    if (typeof kept?.config !== "object" || typeof kept.seed !== "number" || !Array.isArray(kept.steps)) return;
    const log = new Log({}, kept.seed, most);
    const complete = kept.complete === true && kept.steps.length <= most;
    log.#data = { ...(kept as LogData), complete, steps: kept.steps.slice(-most) };
    return log;
  }

  /** What of it outlives a reload. */
  get data(): LogData {
    return { ...this.#data, steps: [...this.#data.steps] };
  }

  /** The beginning is not known. */
  truncated(): this {
    this.#data.complete = false;
    return this;
  }

  step(input: Input, atMs: number, { actions, events, wakeMs }: Step): void {
    for (const action of actions) if ("target" in action) this.#targets.set(action.target.id, action.target);
    for (const event of events) if ("target" in event) this.#targets.set(event.target.id, event.target);
    const now = written(input, (id) => this.#targets.get(id));
    this.#add({ atMs, op: "step", input: now, actions: actions.map(named), wakeMs, events: events.map(named) });
  }

  restored(
    at: { atMs: number; wallMs: number; restoreAtMs: number; restoreWallMs: number },
    config: Config,
    seed: number,
  ): void {
    const now = plain(config) as Fields;
    const same = canonical(now) === canonical(this.#data.config);
    if (!same && !covers(now, this.#data.config)) this.truncated();
    this.#add({ op: "snapshotRestore", ...at, seed, ...(same ? {} : { config: now }) });
  }

  export(wallMs: number): Exported {
    const { config, seed, complete, steps } = structuredClone(this.#data);
    const rules = new Set<string>(["2.6"]);
    let last = 0;
    for (const step of steps) {
      if (step.op !== "step") continue;
      last = step.atMs;
      for (const { rule } of step.events) rules.add(rule as Rule);
    }
    const what = complete
      ? `a session of ${steps.length} steps, up to ${last} ms`
      : `the last ${steps.length} steps of a session whose beginning was not kept: to be read, it does not replay`;
    const scenario: Scenario = {
      schemaVersion: 1,
      description: `Exported on ${new Date(wallMs).toISOString()}: ${what}.`,
      rules: [...rules],
      // Equal inputs, equal outputs: what any export shows.
      sentences: ["2.6a"],
      source: { title: "A session, exported by the driver of @rehome/sip", section: `seed ${seed}` },
      config,
      seed,
      steps,
    };
    return { scenario, complete };
  }

  #add(step: ScenarioStep): void {
    this.#data.steps.push(step);
    if (this.#data.steps.length <= this.#most) return;
    this.#data.steps.shift();
    this.#data.complete = false;
  }
}

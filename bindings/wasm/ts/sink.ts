// Builds plain objects out of what the module tells, one scalar at a time. Its methods never throw.

import { type ErrorCode, RehomeError } from "./errors.js";
import { word } from "./module.js";
import type { Action, Event, PlanEntry, Status, Step, Target, Transport } from "./types.js";

type Fields = Record<string, unknown>;

/** @internal */
export class Sink {
  #actions: Action[] = [];
  #events: Event[] = [];
  #error: RehomeError | undefined;
  #at: Fields = {};
  #choices: string[] = [];
  readonly targets = new Map<number, Target>();
  built: Fields = {};
  readonly list: unknown[] = [];
  readonly rest: { index: number; reason: string }[] = [];

  /** What a step came to; throws what was told to `fail`. */
  step(wake: number): Step {
    this.check();
    const step: Step = { actions: this.#actions, events: this.#events, wakeMs: wake < 0 ? null : wake };
    this.#actions = [];
    this.#events = [];
    return step;
  }

  /** Throws what was told to `fail`. */
  check(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error) throw error;
  }

  fail(code: string, field: string, message: string): void {
    const names = this.#choices.splice(0).join(", ") || message;
    const text = code === "invalidInput" ? `${field}: this cannot be used: write one of ${names}` : message;
    this.#error = new RehomeError(code as ErrorCode, text, field);
  }

  choice(code: number): void {
    this.#choices.push(word(code));
  }

  lookup(id: number, name: string, kind: number, deadlineMs: number): void {
    this.#actions.push({ type: "lookup", id, name, kind: word(kind) as "srv", deadlineMs });
  }

  register(
    id: number,
    to: number,
    address: string | undefined,
    binding: number,
    attempt: number,
    expires: number,
    deadlineMs: number,
  ): void {
    const target = this.targets.get(to) as Target;
    this.#actions.push(
      address === undefined
        ? { type: "register", id, target, binding, attempt, expires, deadlineMs }
        : { type: "register", id, target, address, binding, attempt, expires, deadlineMs },
    );
  }

  unregister(id: number, to: number, address: string | undefined, binding: number, deadlineMs: number): void {
    const target = this.targets.get(to) as Target;
    this.#actions.push(
      address === undefined
        ? { type: "unregister", id, target, binding, deadlineMs }
        : { type: "unregister", id, target, address, binding, deadlineMs },
    );
  }

  cancel(id: number): void {
    this.#actions.push({ type: "cancel", id });
  }

  event(kind: number, section: number, number: number): void {
    this.#at = { type: word(kind), rule: `${section}.${number}` };
    this.#events.push(this.#at as unknown as Event);
  }

  answer(kind: number): void {
    const type = word(kind);
    this.list.length = 0;
    this.#at = this.built = { type };
    if (type === "srv") this.#at.records = this.list;
    if (type === "addresses") this.#at.addresses = this.list;
  }

  status(state: number): void {
    this.#at = this.built = { state: word(state), plan: [] };
  }

  entry(target: number): void {
    const entry = { target: this.targets.get(target) as Target };
    (this.built as unknown as Status).plan.push(entry);
    this.#at = entry as PlanEntry & Fields;
  }

  number(key: number, value: number): void {
    this.#at[word(key)] = value;
  }

  flag(key: number, value: boolean): void {
    this.#at[word(key)] = value;
  }

  text(key: number, value: string): void {
    this.#at[word(key)] = value;
  }

  word(key: number, value: number): void {
    this.#at[word(key)] = word(value);
  }

  rule(key: number, section: number, number: number): void {
    this.#at[word(key)] = `${section}.${number}`;
  }

  numberIn(key: number, tag: number, value: number): void {
    this.#at[word(key)] = { [word(tag)]: value };
  }

  wordIn(key: number, tag: number, value: number): void {
    this.#at[word(key)] = { [word(tag)]: word(value) };
  }

  target(key: number, id: number): void {
    this.#at[word(key)] = this.targets.get(id);
  }

  known(
    id: number,
    host: string,
    port: number,
    transport: number,
    tlsName: string,
    priority: number,
    weight: number,
    site: string | undefined,
  ): void {
    const target = { id, host, port, transport: word(transport) as Transport, tlsName, priority, weight };
    this.targets.set(id, Object.freeze(site === undefined ? target : { ...target, site }));
  }

  forget(): void {
    this.targets.clear();
  }

  record(priority: number, weight: number, port: number, target: string): void {
    this.list.push({ priority, weight, port, target });
  }

  address(address: string): void {
    this.list.push(address);
  }

  candidate(host: string, port: number, priority: number, weight: number): void {
    this.list.push({ host, port, priority, weight });
  }

  dropped(index: number, reason: number): void {
    this.rest.push({ index, reason: word(reason) });
  }

  difference(field: string, value: string, source: string): void {
    this.list.push({ field, value: JSON.parse(value), source });
  }
}

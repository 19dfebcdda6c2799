// Lookups, REGISTERs and unregisters: from the action that asks to what came of it.

import type { Axis } from "./axis.js";
import { type Fields, fieldsOf, numberOf, textOf } from "./fields.js";
import { answerResult, outcomeResult } from "./outcomes.js";
import type { Attempt, Lookup, SessionMs, Work } from "./types.js";
import { spanWords } from "./units.js";
import { cancelWords } from "./words.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenLookup = Mutable<Lookup>;
type Sent = Mutable<Attempt> & { readonly target: string };

interface Entry {
  readonly work: OpenLookup | Sent;
  readonly deadlineMs: SessionMs | undefined;
  readonly expires: unknown;
}

type Came = ReturnType<typeof answerResult>;

export class Works {
  readonly lookups: OpenLookup[] = [];
  readonly sent: Sent[] = [];
  /** What each id of this registration stands for. */
  #known = new Map<number, Entry>();

  /** An action of a step. */
  act(action: Fields, axis: Axis, events: readonly Fields[]): void {
    const id = numberOf(action.id);
    if (id === undefined) return;
    if (action.type === "cancel") {
      this.#cancel(id, axis.now, events);
      return;
    }
    const deadline = numberOf(action.deadlineMs);
    const deadlineMs = deadline === undefined ? undefined : axis.of(deadline);
    const begun = { id, fromMs: axis.now, toMs: null, result: "running" as const, text: "" };
    if (action.type === "lookup") {
      const work: OpenLookup = { ...begun, name: textOf(action.name) ?? "", text: "no answer yet" };
      this.lookups.push(work);
      this.#known.set(id, { work, deadlineMs, expires: undefined });
    } else if (action.type === "register" || action.type === "unregister") {
      const target = textOf(action.target);
      if (target === undefined) return;
      const attempt = numberOf(action.attempt) ?? 1;
      const work: Sent = { ...begun, kind: action.type, attempt, target, text: "no answer yet" };
      this.sent.push(work);
      this.#known.set(id, { work, deadlineMs, expires: action.expires });
    }
  }

  answered(id: unknown, answer: unknown, atMs: SessionMs): void {
    const entry = this.#find(id);
    if (!entry || !("name" in entry.work)) return;
    came(entry.work, answerResult(answer), atMs);
    const { records, ttl } = fieldsOf(answer);
    if (Array.isArray(records)) entry.work.answer = { ttl: numberOf(ttl), records: records.map(String) };
  }

  cameOut(id: unknown, outcome: unknown, atMs: SessionMs): void {
    const entry = this.#find(id);
    if (entry && "kind" in entry.work) came(entry.work, outcomeResult(outcome, entry.work.kind, entry.expires), atMs);
  }

  /** A lookup is not cancelled at its deadline: a later answer is still taken (rule 1.2). */
  overdue(atMs: SessionMs): void {
    for (const { work, deadlineMs } of this.#known.values()) {
      if ("name" in work && work.result === "running" && deadlineMs !== undefined && deadlineMs <= atMs) {
        end(work, "bad", unanswered(work, deadlineMs), deadlineMs);
      }
    }
  }

  /** The process that waited is gone. */
  gone(atMs: SessionMs, text: string): void {
    for (const { work } of this.#known.values()) if (work.result === "running") end(work, "cancelled", text, atMs);
  }

  /** Another registration counts its ids from 1 again. */
  forget(): void {
    this.#known.clear();
  }

  /** The name that a lookup asked for. */
  nameOf(id: unknown): string | undefined {
    const work = this.#find(id)?.work;
    return work && "name" in work ? work.name : undefined;
  }

  /** What an id stands for. */
  get(id: unknown): OpenLookup | Sent | undefined {
    return this.#find(id)?.work;
  }

  #find(id: unknown): Entry | undefined {
    return typeof id === "number" ? this.#known.get(id) : undefined;
  }

  #cancel(id: number, atMs: SessionMs, events: readonly Fields[]): void {
    const entry = this.#known.get(id);
    if (entry?.work.result !== "running") return;
    const { work, deadlineMs } = entry;
    const reason = events.find((event) => event.type === "attemptCancelled" && event.id === id)?.reason;
    const late = deadlineMs !== undefined && deadlineMs <= atMs;
    if (reason === undefined && late && "kind" in work) end(work, "bad", unanswered(work, deadlineMs), atMs);
    else if ("name" in work) end(work, "cancelled", "not waited for any more", atMs);
    else end(work, "cancelled", reason === undefined ? "given up" : `given up: ${cancelWords(reason)}`, atMs);
  }
}

function unanswered(work: Work, deadlineMs: SessionMs): string {
  return `no answer within ${spanWords(deadlineMs - work.fromMs)}`;
}

function end(work: Mutable<Work>, result: Work["result"], text: string, atMs: SessionMs): void {
  work.result = result;
  work.text = text;
  work.toMs = atMs;
}

function came(work: Mutable<Work>, { result, text }: Came, atMs: SessionMs): void {
  if (work.result === "running") {
    end(work, result, text, atMs);
  } else if (work.lateMs === undefined && (work.result === "cancelled" || work.text.startsWith("no answer"))) {
    work.lateMs = atMs;
    work.result = "late";
    work.text = `${work.text}; ${spanWords(atMs - (work.toMs ?? atMs))} later: ${text}`;
  }
}

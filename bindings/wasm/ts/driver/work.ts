// Lookups and REGISTERs under way: begun, given up, and their answers handed in.

import type { Action, Answer, Input, Outcome } from "../types.js";
import type { Notice } from "./listeners.js";
import type { Registrar, Resolver } from "./types.js";

/** How long an answer to what was given up is still handed in: a SIP transaction's life. */
const LATE_MS = 32_000;

/** What stands for the answer of a resolver or registrar that threw. */
export const NO_ANSWER: Answer = { type: "failed", cause: "other" };
export const NO_OUTCOME: Outcome = { type: "unreachable", cause: "other" };

interface Pending {
  controller: AbortController;
  cancelledAtMs?: number;
}

/** The driver, as its work sees it. */
export interface Employer {
  resolver: Resolver;
  registrar: Registrar;
  now(): number;
  hand(input: Input): void;
  notice(notice: Notice): void;
}

export class Work {
  #employer: Employer;
  #pending = new Map<number, Pending>();
  #ended = false;

  constructor(employer: Employer) {
    this.#employer = employer;
  }

  /** Gives everything up; nobody wants to know any more. */
  end(): void {
    this.#ended = true;
    for (const { controller } of this.#pending.values()) controller.abort();
    this.#pending.clear();
  }

  do(action: Action, now: number): void {
    const { id } = action;
    if (action.type === "cancel") {
      this.#cancel(id, now);
      return;
    }
    const pending: Pending = { controller: new AbortController() };
    this.#pending.set(id, pending);
    const { signal } = pending.controller;
    const { resolver, registrar, hand, notice } = this.#employer;
    if (action.type === "lookup") {
      const timeoutMs = Math.max(1, action.deadlineMs - now);
      const answer = async () => resolver.lookup(action.name, action.kind, { signal, timeoutMs });
      const failed = (error: unknown) => {
        notice({ type: "resolverFailed", id, error });
        return NO_ANSWER;
      };
      void this.#await(id, pending, answer, failed, (answer) => hand({ type: "answer", id, answer }));
      return;
    }
    const outcome = async () => {
      const { type: _, deadlineMs: __, ...request } = action;
      return "expires" in request ? registrar.register(request, { signal }) : registrar.unregister(request, { signal });
    };
    const failed = (error: unknown) => {
      notice({ type: "registrarFailed", id, error });
      return NO_OUTCOME;
    };
    void this.#await(id, pending, outcome, failed, (outcome) => hand({ type: "outcome", id, outcome }));
  }

  #cancel(id: number, now: number): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    pending.cancelledAtMs = now;
    pending.controller.abort();
    for (const [old, { cancelledAtMs = now }] of this.#pending) {
      if (now - cancelledAtMs > LATE_MS) this.#pending.delete(old);
    }
  }

  /** Hands in what came of it, if anybody still wants to know. */
  async #await<T>(
    id: number,
    pending: Pending,
    call: () => Promise<T>,
    failed: (error: unknown) => T,
    hand: (result: T) => void,
  ): Promise<void> {
    const { now, notice } = this.#employer;
    let result: T;
    try {
      result = await call();
    } catch (error) {
      // What was given up may well end in an error.
      if (this.#ended || pending.cancelledAtMs !== undefined) return;
      result = failed(error);
    } finally {
      this.#pending.delete(id);
    }
    if (this.#ended) return;
    if (pending.cancelledAtMs !== undefined && now() - pending.cancelledAtMs > LATE_MS) {
      notice({ type: "lateDropped", id });
      return;
    }
    hand(result);
  }
}

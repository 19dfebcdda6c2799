import * as check from "./check.js";
import { invalid, RehomeError } from "./errors.js";
import { Core } from "./generated/rehome_wasm.js";
import { code, ensure } from "./module.js";
import { Sink } from "./sink.js";
import type { Config, Input, Status, Step, Target } from "./types.js";

interface Restore {
  snapshot: Uint8Array;
  nowMs: number;
  wallMs: number;
}

/**
 * The registration of one account on one device. It opens no socket and reads no clock: call `step` with what happened
 * and what time it is, do its actions, and call again no later than its `wakeMs`.
 */
export class Registration {
  #core: Core | undefined;
  #sink = new Sink();
  #busy = false;

  /**
   * A registration that is not started yet.
   *
   * @param seed Each device's own, a whole number from 0 to 2^53 - 1: with one for all, all would choose the same server.
   */
  constructor(config: Config, seed: number);
  constructor(config: Config, seed: number, restore?: Restore) {
    ensure();
    const from = check.seed(seed);
    if (restore === undefined) {
      this.#core = Core.create(check.configuration(config), from, this.#sink);
    } else {
      if (!(restore.snapshot instanceof Uint8Array)) {
        throw invalid("snapshot", restore.snapshot, "give the bytes that snapshot() gave");
      }
      const now = check.time(restore.nowMs, "nowMs");
      const wall = check.time(restore.wallMs, "wallMs");
      this.#core = Core.restore(check.configuration(config), from, restore.snapshot, now, wall, this.#sink);
    }
    this.#sink.check();
  }

  /** Goes on from a snapshot, in another process or on another clock (rule 5.5). Hand in `wake` next. */
  static restore(config: Config, seed: number, snapshot: Uint8Array, nowMs: number, wallMs: number): Registration {
    const Any = Registration as unknown as new (config: Config, seed: number, restore: Restore) => Registration;
    return new Any(config, seed, { snapshot, nowMs, wallMs });
  }

  /** Applies one input at the time `nowMs`, then everything that is due by then (rules 0.3, 7.1). */
  step(input: Input, nowMs: number): Step {
    const core = this.#enter();
    try {
      const now = check.time(nowMs, "nowMs");
      return this.#sink.step(handIn(core, this.#sink, input, now));
    } finally {
      this.#busy = false;
    }
  }

  /** What can be said now (rule 7.3). */
  status(nowMs: number): Status {
    const core = this.#enter();
    try {
      core.status(check.time(nowMs, "nowMs"), this.#sink);
      return this.#sink.built as unknown as Status;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * A snapshot's bytes, at any time (rule 5.5). They hold host names, no password.
   *
   * @param wallMs The wall clock (`Date.now()`): by it the next process knows how long it was away.
   */
  snapshot(nowMs: number, wallMs: number): Uint8Array {
    const core = this.#enter();
    try {
      return core.snapshot(check.time(nowMs, "nowMs"), check.time(wallMs, "wallMs"));
    } finally {
      this.#busy = false;
    }
  }

  /** The record of a target that an action, an event or the status named. */
  target(id: number): Target | undefined {
    const core = this.#enter();
    try {
      return core.target(check.whole(id, "id"), this.#sink) ? this.#sink.targets.get(id) : undefined;
    } finally {
      this.#busy = false;
    }
  }

  /** Gives its memory back at once; nothing but `free` may be called after it. */
  free(): void {
    if (this.#busy) throw reentered();
    this.#core?.free();
    this.#core = undefined;
  }

  declare [Symbol.dispose]: () => void;

  static {
    // Older engines have no such symbol.
    if (Symbol.dispose) {
      Object.defineProperty(Registration.prototype, Symbol.dispose, { value: Registration.prototype.free });
    }
  }

  #enter(): Core {
    if (this.#busy) throw reentered();
    if (this.#core === undefined) {
      throw new RehomeError("freed", "this registration was freed: make another one");
    }
    this.#busy = true;
    return this.#core;
  }
}

function reentered(): RehomeError {
  const text = "a call of this registration is under way: do nothing with it inside its own arguments";
  return new RehomeError("reentered", text);
}

const PLAIN = ["type"];
const WITH_CONFIG = ["type", "config"];
const WITH_TARGET = ["type", "target"];
const WITH_ANSWER = ["type", "id", "answer"];
const WITH_OUTCOME = ["type", "id", "outcome"];

function handIn(core: Core, sink: Sink, input: Input, now: number): number {
  const type = (input as Input | null | undefined)?.type;
  switch (type) {
    case "configure": {
      const { config } = check.fields(input, "input", WITH_CONFIG);
      return core.configure(check.configuration(config), now, sink);
    }
    case "flowLost": {
      const { target } = check.fields(input, "input", WITH_TARGET);
      const isRecord = typeof target === "object" && target !== null;
      const id = isRecord ? (target as Target).id : target;
      return core.flow_lost(check.whole(id, isRecord ? "target.id" : "target"), now, sink);
    }
    case "answer":
      return answer(core, sink, check.fields(input, "input", WITH_ANSWER), now);
    case "outcome": {
      const { id, outcome: given } = check.fields(input, "input", WITH_OUTCOME);
      return outcome(core, sink, check.whole(id, "id"), given, now);
    }
    case "refreshed":
      return outcome(core, sink, undefined, check.fields(input, "input", ["type", "outcome"]).outcome, now);
    default: {
      const wake = core.plain(code(check.text(check.fields(input, "input", PLAIN).type, "type")), now, sink);
      return wake;
    }
  }
}

function answer(core: Core, sink: Sink, input: check.Fields, now: number): number {
  const id = check.whole(input.id, "id");
  const given = check.fields(input.answer, "answer", ["type", "records", "addresses", "ttl", "cause"]);
  const kind = check.text(given.type, "answer.type");
  switch (kind) {
    case "srv": {
      const { ttl, records } = check.fields(given, "answer", ["type", "records", "ttl"]);
      const seconds = check.seconds(ttl, "answer.ttl");
      return core.answer(id, code(kind), seconds, 0, check.records(records, "answer.records"), now, sink);
    }
    case "addresses": {
      const { ttl, addresses } = check.fields(given, "answer", ["type", "addresses", "ttl"]);
      const seconds = check.seconds(ttl, "answer.ttl");
      return core.answer(id, code(kind), seconds, 0, check.addresses(addresses, "answer.addresses"), now, sink);
    }
    case "failed": {
      const { cause } = check.fields(given, "answer", ["type", "cause"]);
      return core.answer(id, code(kind), undefined, code(cause), undefined, now, sink);
    }
    default: {
      const { ttl } = check.fields(given, "answer", ["type", "ttl"]);
      return core.answer(id, code(kind), check.maybeSeconds(ttl, "answer.ttl"), 0, undefined, now, sink);
    }
  }
}

function outcome(core: Core, sink: Sink, id: number | undefined, value: unknown, now: number): number {
  const known = ["type", "expires", "code", "retryAfter", "minExpires", "cause"];
  const given = check.fields(value, "outcome", known);
  const kind = check.text(given.type, "outcome.type");
  switch (kind) {
    case "accepted": {
      const { expires } = check.fields(given, "outcome", ["type", "expires"]);
      const granted = check.maybeSeconds(expires, "outcome.expires");
      return core.outcome(id, code(kind), 0, granted, undefined, now, sink);
    }
    case "status": {
      const fields = check.fields(given, "outcome", ["type", "code", "retryAfter", "minExpires"]);
      const status = check.whole(fields.code, "outcome.code", 65535);
      const retryAfter = check.maybeSeconds(fields.retryAfter, "outcome.retryAfter");
      const minExpires = check.maybeSeconds(fields.minExpires, "outcome.minExpires");
      return core.outcome(id, code(kind), status, retryAfter, minExpires, now, sink);
    }
    case "unreachable": {
      const { cause } = check.fields(given, "outcome", ["type", "cause"]);
      return core.outcome(id, code(kind), code(cause), undefined, undefined, now, sink);
    }
    default:
      check.fields(given, "outcome", PLAIN);
      return core.outcome(id, code(kind), 0, undefined, undefined, now, sink);
  }
}

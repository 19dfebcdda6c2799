// The plan last known: what DNS listed, or the one static target.

import { type Fields, fieldsOf, numberOf, textOf } from "./fields.js";
import { type Listed, listedIn, maxTargets } from "./records.js";

export class Plan {
  #config: Fields;
  /** By name: with discovery, several names are asked for at once. */
  #answers = new Map<string, Map<string, Listed>>();
  /** The name in use; undefined where that was not seen. */
  #name: string | undefined;
  #static = false;
  #listed = new Map<string, Listed>();

  constructor(config: Fields) {
    this.#config = config;
    const { srvRecord, outboundProxy, lookup } = config;
    this.#static = !textOf(srvRecord) && textOf(outboundProxy) !== undefined && fieldsOf(lookup).discover !== true;
  }

  configured(config: Fields): void {
    this.#config = config;
  }

  /** N of rule 4.1. */
  get failures(): number {
    return numberOf(fieldsOf(this.#config.rollover).failuresBeforeRollover) ?? 3;
  }

  /** An SRV answer that is of use. `name` is what was asked for; unknown where that was not kept. */
  answered(answer: Fields, name: string | undefined, events: readonly Fields[]): void {
    const asked = name ?? textOf(this.#config.srvRecord) ?? "";
    const listed = listedIn(answer, asked, this.#config, events);
    if (!listed) return;
    this.#answers.set(asked, listed);
    if (this.#name === undefined || this.#name === asked) this.#use(listed);
  }

  event(event: Fields): void {
    if (event.type === "started") {
      this.#static = event.source === "outboundProxy";
      this.#name = event.source === "srvRecord" ? textOf(event.name) : "";
      this.#answers.clear();
    } else if (event.type === "noCandidate") {
      this.#static = true;
    } else if (event.type === "candidateChosen") {
      this.#static = false;
      this.#name = textOf(event.name);
      const listed = this.#answers.get(this.#name ?? "");
      if (listed) this.#use(listed);
    }
  }

  /** A REGISTER goes there: without DNS that is the plan. */
  registering(target: string): void {
    if (this.#static) this.#use(new Map([[target, { priority: 0, weight: 0 }]]));
  }

  get listed(): ReadonlyMap<string, Listed> {
    return this.#listed;
  }

  /** Whether all that is listed is in the plan: where it is cut short, only the phone knows by what. */
  get isWhole(): boolean {
    return this.#listed.size <= maxTargets(this.#config);
  }

  isPrimary(target: string): boolean {
    const priority = this.#listed.get(target)?.priority;
    return priority !== undefined && [...this.#listed.values()].every((other) => other.priority >= priority);
  }

  #use(listed: Map<string, Listed>): void {
    this.#listed = listed;
  }
}

// What was asked for in a tab that does not own the registration, until the owner has done it.

import type { Command } from "./tabs.js";

/** How long the owner may take to say that it has done it. */
const PATIENCE_MS = 5000;

export interface Asked {
  number: number;
  command: Command;
  /** The first start of a page: it asks for no more than that the phone runs. */
  opening: boolean;
}

export class Unanswered {
  #asked = new Map<number, { asked: Asked; timer: ReturnType<typeof setTimeout> }>();
  #last = 0;
  #late: (command: Command) => void;

  /** @param late told of what nobody answered in time */
  constructor(late: (command: Command) => void) {
    this.#late = late;
  }

  get all(): Asked[] {
    return [...this.#asked.values()].map(({ asked }) => asked);
  }

  add(command: Command, opening: boolean): Asked {
    this.#last += 1;
    const asked = { number: this.#last, command, opening };
    this.#asked.set(asked.number, { asked, timer: setTimeout(() => this.#late(command), PATIENCE_MS) });
    return asked;
  }

  done(number: number): void {
    clearTimeout(this.#asked.get(number)?.timer);
    this.#asked.delete(number);
  }

  /** All of it, to be done here. */
  take(): Asked[] {
    const { all } = this;
    for (const { number } of all) this.done(number);
    return all;
  }
}

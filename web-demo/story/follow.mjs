// Reads the page's decision log as it grows, tells each line, and waits for some.

import { until } from "./until.mjs";

/** @typedef {import("./desk.mjs").Entry} Entry */
/** @typedef {import("./show.mjs").Line} Line */

/** @type {Record<string, Line["mark"]>} */
const MARKS = {
  registered: "good",
  refreshed: "good",
  homeLeft: "good",
  unregistered: "good",
  flowLost: "bad",
  attemptFailed: "bad",
  attemptRejected: "bad",
  homeLost: "bad",
  homeExpired: "bad",
  rolledOver: "bad",
  roundFailed: "bad",
  lookupFailed: "bad",
};

export class Follower {
  #desk;
  #tell;
  #began = performance.now();
  /** @type {Entry[]} */
  #seen = [];
  /** When each was first seen. @type {number[]} */
  #seenMs = [];
  /** How many have been told, and how many have been waited past. */
  #told = 0;
  #passed = 0;

  /** @param {import("./desk.mjs").Desk} desk @param {(line: Line) => void} tell */
  constructor(desk, tell) {
    this.#desk = desk;
    this.#tell = tell;
  }

  get nowMs() {
    return performance.now() - this.#began;
  }

  /** Something that the page does not say; what it has said comes first. @param {string} text @param {string} [verb] */
  world(text, verb = "lab") {
    this.#tellAll(this.#seen);
    this.#tell({ atMs: this.nowMs, verb, text, mark: "world" });
  }

  async #look() {
    this.#seen = await this.#desk.entries();
    while (this.#seenMs.length < this.#seen.length) this.#seenMs.push(this.nowMs);
    return this.#seen;
  }

  /** @param {Entry[]} entries */
  #tellAll(entries) {
    for (const { index, type, rule, text } of entries.slice(this.#told)) {
      this.#tell({ atMs: this.#seenMs[index] ?? 0, verb: type, text, rule, mark: MARKS[type] ?? "plain" });
    }
    this.#told = Math.max(this.#told, entries.length);
  }

  /** All entries; what is new is told. */
  async entries() {
    const entries = await this.#look();
    this.#tellAll(entries);
    return entries;
  }

  /**
   * Waits for the next entry of a type, or of any where it is empty, that has these words; among those after the last one
   * waited for.
   *
   * @param {string} type
   * @param {string | string[]} words
   * @param {number} [limitMs]
   */
  async next(type, words = [], limitMs = 10_000) {
    const all = [words].flat();
    /** @param {Entry} entry */
    const fits = (entry) =>
      entry.index >= this.#passed && (!type || entry.type === type) && all.every((each) => entry.text.includes(each));
    const look = async () => {
      const entries = await this.#look();
      const found = entries.find(fits);
      // What came after it belongs to what happens next.
      this.#tellAll(found ? entries.slice(0, found.index + 1) : entries);
      return found;
    };
    const what = [type, ...all].filter(Boolean).join(", ");
    const entry = await until(what, look, (found) => found !== undefined, limitMs);
    this.#passed = /** @type {Entry} */ (entry).index + 1;
    return /** @type {Entry} */ (entry);
  }
}

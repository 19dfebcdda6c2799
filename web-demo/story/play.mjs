// Plays the story, and says how it came out.

import { Desk } from "./desk.mjs";
import { Follower } from "./follow.mjs";
import { PARTS } from "./parts.mjs";

/**
 * @typedef {object} Ending
 * @property {{ title: string, missing?: string }[]} parts `missing`: why it did not happen
 * @property {number} [registeredMs]
 * @property {number} [outOfServiceMs]
 * @property {number} tookMs
 */

/**
 * @typedef {object} Telling
 * @property {(title: string) => void} chapter
 * @property {(line: import("./show.mjs").Line) => void} line
 */

/**
 * Plays it in a running lab and an open browser.
 *
 * @param {import("./lab.mjs").Lab} lab
 * @param {import("./browser.mjs").Browser} browser
 * @param {Telling} [telling]
 * @returns {Promise<Ending>}
 */
export async function play(lab, { context, folder }, telling = { chapter() {}, line() {} }) {
  const loadedMs = performance.now();
  /** @type {Ending["parts"]} */
  const parts = PARTS.map(({ title }) => ({ title, missing: "the story did not come that far" }));
  /** @type {import("./parts.mjs").Stage | undefined} */
  let stage;
  for (const [index, { title, play }] of PARTS.entries()) {
    telling.chapter(title);
    try {
      if (!stage) {
        const desk = await Desk.open(context, lab.page);
        stage = { lab, desk, follower: new Follower(desk, telling.line), folder, loadedMs, first: "", away: "" };
      }
      await play(stage);
      parts[index] = { title };
    } catch (error) {
      parts[index] = { title, missing: /** @type {Error} */ (error).message };
      break;
    }
  }
  return {
    parts,
    ...(stage?.registeredMs !== undefined && { registeredMs: stage.registeredMs }),
    ...(stage?.outOfServiceMs !== undefined && { outOfServiceMs: stage.outOfServiceMs }),
    tookMs: performance.now() - loadedMs,
  };
}

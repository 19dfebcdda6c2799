// Lines for a terminal, like those of the story that tests/demo tells.

const COLOURS = { bold: "1", dim: "2", red: "31", green: "32", cyan: "36" };

const coloured = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;

/** @param {keyof typeof COLOURS} colour @param {string} text */
function paint(colour, text) {
  return coloured ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
}

/**
 * @typedef {object} Line
 * @property {number} atMs since the story began
 * @property {string} verb
 * @property {string} text
 * @property {string} [rule]
 * @property {"good" | "bad" | "world" | "plain"} [mark]
 */

/** @type {Record<string, keyof typeof COLOURS>} */
const MARKS = { good: "green", bad: "red", world: "cyan" };

/** @param {number} ms */
export function seconds(ms) {
  return (ms / 1000).toFixed(1);
}

/** @param {string} title */
export function chapter(title) {
  return `\n${paint("bold", title)}`;
}

/** One line: time, what it is, what came of it, rule. @param {Line} line */
export function line({ atMs, verb, text, rule, mark = "plain" }) {
  const colour = MARKS[mark];
  const padded = verb.padEnd(17);
  const said = colour ? paint(colour, padded) : padded;
  return `${seconds(atMs).padStart(6)} s  ${said}  ${text}${rule ? paint("dim", ` (${rule})`) : ""}`;
}

/**
 * How it came out.
 *
 * @param {import("./play.mjs").Ending} ending
 */
export function verdict({ parts, registeredMs, outOfServiceMs, tookMs }) {
  /** @param {number | undefined} ms @param {string} never */
  const span = (ms, never) => (ms === undefined ? never : `${seconds(ms)} s`);
  const lines = [
    `\nregistered after      ${span(registeredMs, "it never was")}`,
    `out of service        ${span(outOfServiceMs, "it never came back into service")}`,
    `the story took        ${span(tookMs, "")}\n`,
  ];
  for (const { title, missing } of parts) {
    if (missing) lines.push(`${paint("red", "did not happen:")} ${title}: ${missing}`);
  }
  if (parts.every(({ missing }) => !missing)) lines.push(paint("green", "All of it happened."));
  return lines.join("\n");
}

// Waiting for what should happen.

/** What should have happened did not. */
export class Missed extends Error {}

/** How often the world is looked at. */
const LOOK_MS = 50;

/**
 * Looks until it holds.
 *
 * @template T
 * @param {string} what said if it never does
 * @param {() => Promise<T>} look
 * @param {(seen: T) => boolean} holds
 * @param {number} [limitMs]
 * @returns {Promise<T>} what was seen then
 */
export async function until(what, look, holds, limitMs = 10_000) {
  const end = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > end) {
      const last = seen === undefined ? "" : `; at the end it was ${JSON.stringify(seen).slice(-2000)}`;
      throw new Missed(`${what} was waited for, ${limitMs / 1000} s, in vain${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

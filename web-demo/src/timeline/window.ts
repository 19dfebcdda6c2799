// Which part of the session the chart shows.

import type { SessionMs } from "../session/types.js";

export const WINDOWS = { "60000": "1 min", "300000": "5 min", all: "all" } as const;
export type WindowKey = keyof typeof WINDOWS;

export interface Range {
  readonly fromMs: SessionMs;
  readonly toMs: SessionMs;
}

/** Less would be a chart of nothing. */
const LEAST_MS = 10_000;
/** Room to the right of the last thing that happened. */
const MARGIN = 0.02;

/**
 * A session that is shorter than the window fills it from the left; a longer one is followed at its end, unless `wantedMs`
 * lies before: then that moment is in sight.
 */
export function rangeOf(key: WindowKey, edgeMs: SessionMs, wantedMs: SessionMs | null, before: Range): Range {
  const end = Math.max(edgeMs * (key === "all" ? 1 + MARGIN : 1), LEAST_MS);
  if (key === "all") return { fromMs: 0, toMs: end };
  const length = Number(key);
  const margin = length * MARGIN;
  const last = { fromMs: Math.max(0, edgeMs + margin - length), toMs: Math.max(length, edgeMs + margin) };
  if (wantedMs === null || wantedMs >= last.fromMs) return last;
  const isSame = before.toMs - before.fromMs === length;
  if (isSame && wantedMs >= before.fromMs && wantedMs <= before.toMs) return before;
  const fromMs = Math.max(0, wantedMs - length / 2);
  return { fromMs, toMs: fromMs + length };
}

// Which part of the session the chart shows.

import type { SessionMs } from "../session/types.js";

export const WINDOWS = { "60000": "1 min", "300000": "5 min", all: "all" } as const;
export type WindowKey = keyof typeof WINDOWS;

export interface Range {
  readonly fromMs: SessionMs;
  readonly toMs: SessionMs;
}

/** What there is to be shown, and which moment has to be in sight. */
export interface Wanted {
  readonly startMs: SessionMs;
  readonly edgeMs: SessionMs;
  readonly wantedMs: SessionMs | null;
}

/** Less would be a chart of nothing. */
const LEAST_MS = 10_000;
/** Room to the right of the last thing that happened. */
const MARGIN = 0.02;

/**
 * A session that is shorter than the window fills it from the left; a longer one is followed at its end, unless `wantedMs`
 * lies before: then that moment is in sight.
 */
export function rangeOf(key: WindowKey, { startMs, edgeMs, wantedMs }: Wanted, before: Range): Range {
  if (key === "all") {
    return { fromMs: startMs, toMs: startMs + Math.max((edgeMs - startMs) * (1 + MARGIN), LEAST_MS) };
  }
  const length = Number(key);
  const toMs = Math.max(startMs + length, edgeMs + length * MARGIN);
  const last = { fromMs: toMs - length, toMs };
  if (wantedMs === null || wantedMs >= last.fromMs) return last;
  const isSame = before.toMs - before.fromMs === length;
  if (isSame && wantedMs >= before.fromMs && wantedMs <= before.toMs) return before;
  const fromMs = Math.max(startMs, wantedMs - length / 2);
  return { fromMs, toMs: fromMs + length };
}

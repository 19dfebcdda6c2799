// Spans of time as people read them.

/** `300 ms`, `2.5 s`, `12 s`, `5 min`, `3 h`. */
export function spanWords(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 120_000) return `${Math.round(ms / (ms < 10_000 ? 100 : 1000)) / (ms < 10_000 ? 10 : 1)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** Seconds off the wire, to the digit. */
export function wireSeconds(seconds: unknown): string {
  return `${typeof seconds === "number" ? seconds : "?"} s`;
}

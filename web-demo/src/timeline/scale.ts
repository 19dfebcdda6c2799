// Session time to pixels, and the ticks below.

import { scaleLinear, scaleTime } from "d3-scale";
import { clockText } from "../desktop/format.js";
import type { SessionMs, Span } from "../session/types.js";
import type { Layout } from "./layout.js";
import type { Range } from "./window.js";

export interface Axis {
  /** Kept inside the plot. */
  readonly x: (atMs: SessionMs) => number;
  readonly at: (x: number) => SessionMs;
  readonly shows: (span: Span) => boolean;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
  /** The session's end: until there goes what lasts. */
  readonly edgeMs: SessionMs;
  /** Until there goes what is under way. */
  readonly knownMs: SessionMs;
}

const TICK_PX = 96;

/** What the axis is made of. */
export interface AxisOf {
  readonly layout: Layout;
  readonly range: Range;
  readonly edgeMs: SessionMs;
  readonly knownMs: SessionMs;
  readonly wallAtZeroMs: number | null;
}

export function axisOf({ layout, range, edgeMs, knownMs, wallAtZeroMs }: AxisOf): Axis {
  const { fromMs, toMs } = range;
  const scale = scaleLinear([fromMs, toMs], [layout.left, layout.right]).clamp(true);
  const count = Math.max(2, Math.floor((layout.right - layout.left) / TICK_PX));
  const times =
    wallAtZeroMs === null
      ? scale.ticks(count)
      : scaleTime([new Date(wallAtZeroMs + fromMs), new Date(wallAtZeroMs + toMs)], [0, 1])
          .ticks(count)
          .map((date) => date.getTime() - wallAtZeroMs);
  return {
    x: (atMs) => scale(atMs),
    at: (x) => Math.round(scale.invert(x)),
    shows: (span) => span.fromMs <= toMs && (span.toMs ?? edgeMs) >= fromMs,
    ticks: times
      .map((atMs) => ({ x: scale(atMs), text: wallAtZeroMs === null ? seconds(atMs) : clockText(atMs, wallAtZeroMs) }))
      .filter(({ x }) => x > layout.left + 24 && x < layout.right - 24),
    edgeMs,
    knownMs,
  };
}

function seconds(atMs: SessionMs): string {
  return `${Number((atMs / 1000).toFixed(1))} s`;
}

// Where the rows of the chart are.

import type { Lane, Timeline } from "../session/types.js";

export interface Row {
  readonly y: number;
  readonly height: number;
}

export interface LaneRow extends Row {
  readonly lane: Lane;
}

export interface TierRow extends Row {
  readonly text: string;
}

export interface Layout {
  /** On a narrow page the names stand above their lanes. */
  readonly narrow: boolean;
  readonly width: number;
  readonly height: number;
  /** The plot's left and right edge. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly dns: Row;
  readonly tiers: readonly TierRow[];
  readonly lanes: readonly LaneRow[];
}

const NARROW = 520;
const GUTTER = 128;
const MARKS = 34;
const TIER = 22;
const LANE = 38;
const NAME = 14;
const DNS = 26;
const AXIS = 22;

export function layoutOf(timeline: Timeline, width: number): Layout {
  const narrow = width < NARROW;
  const above = narrow ? NAME : 0;
  let y = MARKS;
  const dns = { y, height: DNS + above };
  y += dns.height;
  const tiers: TierRow[] = [];
  const lanes: LaneRow[] = [];
  let tier: string | undefined;
  for (const lane of timeline.lanes) {
    const text = lane.listed ? `Priority ${lane.priority}${lane.primary ? ", primary" : ""}` : "Not in the plan";
    if (text !== tier) {
      tier = text;
      tiers.push({ y, height: TIER, text });
      y += TIER;
    }
    lanes.push({ y, height: LANE + above, lane });
    y += LANE + above;
  }
  return {
    narrow,
    width,
    height: y + AXIS,
    left: narrow ? 2 : GUTTER,
    right: width - 6,
    top: MARKS,
    bottom: y,
    dns,
    tiers,
    lanes,
  };
}

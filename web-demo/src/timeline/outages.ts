// What the lab broke, on the session's axis.

import { hostOf, shortHost } from "../desktop/format.js";
import type { Broken } from "../lab/history.js";
import type { Lane, Span, Timeline } from "../session/types.js";

export interface Outage extends Span {
  readonly part: string;
}

export function outagesOf(broken: readonly Broken[], { wallAtZeroMs, startMs }: Timeline): readonly Outage[] {
  if (wallAtZeroMs === null) return [];
  return broken
    .map(({ part, fromMs, toMs }) => ({
      part,
      fromMs: Math.max(startMs, fromMs - wallAtZeroMs),
      toMs: toMs === null ? null : toMs - wallAtZeroMs,
    }))
    .filter(({ toMs }) => toMs === null || toMs > startMs);
}

/** Those of a lane's registrar: its target is named after it. */
export function ofLane(outages: readonly Outage[], { target }: Lane): readonly Outage[] {
  return outages.filter(({ part }) => part === shortHost(hostOf(target)));
}

// One target's row: home as bars, attempts as glyphs with their duration, holds hatched.

import type { Span } from "../session/types.js";
import { Glyph } from "./glyph.js";
import { attemptId, heldId, homeId, type Namer } from "./items.js";
import type { LaneRow, Layout } from "./layout.js";
import { Outages } from "./outage-bars.js";
import type { Outage } from "./outages.js";
import type { Axis } from "./scale.js";

interface Props {
  row: LaneRow;
  layout: Layout;
  axis: Axis;
  outages: readonly Outage[];
  named: Namer;
  current: string | undefined;
}

export function LaneGroup({ row, layout, axis, outages, named, current }: Props) {
  const { lane, y, height } = row;
  const base = y + height;
  const attemptsY = base - 27;
  const isCurrent = (id: string) => (id === current ? " current" : "");
  const bar = (span: Span, openMs = axis.edgeMs) => {
    const x = axis.x(span.fromMs);
    return { x, width: Math.max(2, axis.x(span.toMs ?? openMs) - x) };
  };
  return (
    <g data-lane data-target={lane.target}>
      <line class="lane-line" x1={layout.narrow ? layout.left : 0} x2={layout.right} y1={base} y2={base} />
      <text class="lane-name" x={layout.narrow ? layout.left : 12} y={layout.narrow ? y + 12 : base - 20}>
        {named(lane.target)}
      </text>
      <text
        class="lane-more"
        x={layout.narrow ? layout.right : 12}
        y={layout.narrow ? y + 12 : base - 7}
        text-anchor={layout.narrow ? "end" : "start"}
      >
        weight {lane.weight}
      </text>
      <Outages outages={outages} axis={axis} y={base - 4} />
      {lane.held.filter(axis.shows).map((span) => (
        <rect
          key={heldId(lane, span)}
          class={`held${isCurrent(heldId(lane, span))}`}
          data-item={heldId(lane, span)}
          {...bar(span)}
          y={base - 36}
          height={35}
          fill="url(#held)"
        />
      ))}
      {lane.home.filter(axis.shows).map((span) => (
        <rect
          key={homeId(lane, span)}
          class={`home-bar ${lane.primary ? "primary" : "away"}${span.binding === "sure" ? "" : ` ${span.binding}`}${isCurrent(homeId(lane, span))}`}
          data-home-span
          data-item={homeId(lane, span)}
          {...bar(span)}
          y={base - 16}
          height={10}
          rx={1.5}
        />
      ))}
      {lane.attempts.filter(axis.shows).map((attempt) => {
        const id = attemptId(lane, attempt);
        const { x, width } = bar(attempt, axis.knownMs);
        const end = Math.min(x + width, layout.right);
        return (
          <g key={id} class={`work ${attempt.result}${isCurrent(id)}`} data-item={id}>
            <rect class="hit" x={x - 5} y={attemptsY - 8} width={width + 10} height={16} />
            <line class="work-line" x1={x} x2={end} y1={attemptsY} y2={attemptsY} />
            <Glyph x={end} y={attemptsY} result={attempt.result} unregister={attempt.kind === "unregister"} />
          </g>
        );
      })}
    </g>
  );
}

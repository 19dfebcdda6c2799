// The drawing. Pointing and arrow keys choose an item; a click chooses a moment.

import { clockText } from "../desktop/format.js";
import type { SessionMs, Timeline } from "../session/types.js";
import { Glyph } from "./glyph.js";
import { lookupId, type Namer } from "./items.js";
import { LaneGroup } from "./lane.js";
import type { Layout } from "./layout.js";
import { Marks } from "./marks.js";
import { Outages } from "./outage-bars.js";
import { type Outage, ofLane } from "./outages.js";
import type { Axis } from "./scale.js";

interface Props {
  timeline: Timeline;
  layout: Layout;
  axis: Axis;
  outages: readonly Outage[];
  named: Namer;
  cursorMs: SessionMs | null;
  current: string | undefined;
  onPoint: (id: string | undefined) => void;
  onTime: (atMs: SessionMs) => void;
}

export function Chart({ timeline, layout, axis, outages, named, cursorMs, current, onPoint, onTime }: Props) {
  const { width, height, left, right, top, bottom, narrow, dns, tiers, lanes } = layout;
  const dnsBase = dns.y + dns.height;
  return (
    <svg
      class="chart"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      onPointerMove={(event) => onPoint(itemAt(event.target))}
      onPointerDown={(event) => onPoint(itemAt(event.target))}
      // A finger that is lifted leaves, too: what it pointed at stays.
      onPointerLeave={(event) => event.pointerType !== "touch" && onPoint(undefined)}
      onClick={(event) => {
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
        if (x >= left) onTime(axis.at(x));
      }}
    >
      <defs>
        <pattern id="held" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="hatch" x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      </defs>
      {axis.ticks.map(({ x, text }) => (
        <g key={text} class="tick">
          <line x1={x} x2={x} y1={top} y2={bottom} />
          <text x={x} y={bottom + 15} text-anchor="middle">
            {text}
          </text>
        </g>
      ))}
      <line class="lane-line" x1={narrow ? left : 0} x2={right} y1={dnsBase} y2={dnsBase} />
      <text class="lane-name" x={narrow ? left : 0} y={narrow ? dns.y + 12 : dnsBase - 9}>
        DNS
      </text>
      <Outages outages={outages.filter(({ part }) => part === "DNS")} axis={axis} y={dnsBase - 4} />
      {timeline.lookups.filter(axis.shows).map((lookup) => {
        const id = lookupId(lookup);
        const x = axis.x(lookup.fromMs);
        const end = axis.x(lookup.toMs ?? axis.knownMs);
        return (
          <g key={id} class={`work ${lookup.result}${id === current ? " current" : ""}`} data-item={id}>
            <rect class="hit" x={x - 5} y={dnsBase - 22} width={end - x + 10} height={18} />
            <line class="work-line" x1={x} x2={Math.max(end, x + 1)} y1={dnsBase - 13} y2={dnsBase - 13} />
            <Glyph x={end} y={dnsBase - 13} result={lookup.result} />
          </g>
        );
      })}
      {tiers.map(({ y, text }) => (
        <text key={text} class="tier-name" x={narrow ? left : 0} y={y + 15}>
          {text}
        </text>
      ))}
      {lanes.map((row) => (
        <LaneGroup
          key={row.lane.target}
          row={row}
          layout={layout}
          axis={axis}
          outages={ofLane(outages, row.lane)}
          named={named}
          current={current}
        />
      ))}
      <Marks marks={timeline.marks} layout={layout} axis={axis} current={current} />
      {cursorMs !== null && axis.shows({ fromMs: cursorMs, toMs: cursorMs }) ? (
        <Cursor
          x={axis.x(cursorMs)}
          layout={layout}
          text={clockText(cursorMs, timeline.wallAtZeroMs)}
          atEnd={cursorMs >= axis.edgeMs}
        />
      ) : null}
    </svg>
  );
}

const TAG_PX = 62;

interface CursorProps {
  x: number;
  layout: Layout;
  text: string;
  /** Nothing comes after it. */
  atEnd: boolean;
}

function Cursor({ x, layout, text, atEnd }: CursorProps) {
  const tag = Math.min(Math.max(x - TAG_PX / 2, layout.left), layout.right - TAG_PX);
  return (
    <g class="cursor">
      {atEnd ? null : (
        <rect class="shade" x={x} width={layout.right - x} y={layout.top} height={layout.bottom - layout.top} />
      )}
      <line class="cursor-line" x1={x} x2={x} y1={0} y2={layout.bottom + 4} />
      <rect class="tag-box" x={tag} y={layout.bottom + 3} width={TAG_PX} height={17} rx={3} />
      <text x={tag + TAG_PX / 2} y={layout.bottom + 15} text-anchor="middle">
        {text}
      </text>
    </g>
  );
}

function itemAt(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<SVGElement>("[data-item]")?.dataset.item : undefined;
}

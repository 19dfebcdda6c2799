// What came from outside, as vertical lines. A label that has no room in either of two rows is left out; the line stays.

import type { Mark } from "../session/types.js";
import { markId } from "./items.js";
import type { Layout } from "./layout.js";
import type { Axis } from "./scale.js";

interface Props {
  marks: readonly Mark[];
  layout: Layout;
  axis: Axis;
  current: string | undefined;
}

/** About the width of a letter at this size; generous, as fonts differ. */
const LETTER_PX = 6.6;
const ROWS = [11, 25];

export function Marks({ marks, layout, axis, current }: Props) {
  const placed = place(marks, layout, axis);
  return (
    <g>
      {placed.map(({ mark, id, x, row }) => (
        <g key={id} class={`mark-line ${mark.kind}${id === current ? " current" : ""}`} data-item={id}>
          <rect class="hit" x={x - 5} y={0} width={10} height={layout.top} />
          <line
            class="mark-stroke"
            x1={x}
            x2={x}
            y1={row === undefined ? layout.top - 8 : row - 9}
            y2={layout.bottom}
          />
        </g>
      ))}
      {placed.map(({ mark, id, x, row, flip }) =>
        row === undefined ? null : (
          <text
            key={id}
            class="mark-name"
            data-item={id}
            x={flip ? x - 4 : x + 4}
            y={row}
            text-anchor={flip ? "end" : "start"}
          >
            {mark.text}
          </text>
        ),
      )}
    </g>
  );
}

interface Placed {
  readonly mark: Mark;
  readonly id: string;
  readonly x: number;
  /** The label's base line; undefined: left out. */
  readonly row: number | undefined;
  /** To the left of its line, near the right edge. */
  readonly flip: boolean;
}

function place(marks: readonly Mark[], layout: Layout, axis: Axis): Placed[] {
  const ends = ROWS.map(() => Number.NEGATIVE_INFINITY);
  return marks.flatMap((mark) => {
    if (!axis.shows({ fromMs: mark.atMs, toMs: mark.atMs })) return [];
    const x = axis.x(mark.atMs);
    const width = mark.text.length * LETTER_PX + 10;
    const flip = x + width > layout.right;
    const start = flip ? x - width : x;
    const free = ends.findIndex((end) => end < start && start >= 0);
    if (free >= 0) ends[free] = flip ? x : x + width;
    return [{ mark, id: markId(mark), x, row: ROWS[free], flip }];
  });
}

// The slider under the chart. Arrow keys go from decision to decision, Page Up and Page Down by a tenth.

import { clockText } from "../desktop/format.js";
import type { SessionMs, Timeline } from "../session/types.js";

interface Props {
  timeline: Timeline;
  edgeMs: SessionMs;
  cursorMs: SessionMs | null;
  onTime: (atMs: SessionMs) => void;
}

export function Scrubber({ timeline, edgeMs, cursorMs, onTime }: Props) {
  const value = Math.round(cursorMs ?? edgeMs);
  const step = (forward: boolean) => {
    const times = timeline.entries.map(({ atMs }) => atMs);
    const next = forward ? times.find((atMs) => atMs > value) : times.findLast((atMs) => atMs < value);
    onTime(next ?? (forward ? edgeMs : timeline.startMs));
  };
  return (
    <label class="scrubber">
      <span>Time</span>
      <input
        type="range"
        min={timeline.startMs}
        max={Math.max(timeline.startMs + 1, Math.ceil(edgeMs))}
        step={1}
        value={value}
        aria-valuetext={`${clockText(value, timeline.wallAtZeroMs)}${cursorMs === null ? ", live" : ""}`}
        onInput={(event) => onTime(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const forward = event.key === "ArrowRight" || event.key === "ArrowUp";
          if (!forward && event.key !== "ArrowLeft" && event.key !== "ArrowDown") return;
          event.preventDefault();
          step(forward);
        }}
      />
    </label>
  );
}

import { outOfService } from "../session/service.js";
import type { SessionMs, Timeline } from "../session/types.js";
import { clockText } from "./format.js";

interface Props {
  timeline: Timeline;
  /** The moment looked at, on the session's axis. */
  atMs: SessionMs;
}

/** From the first failure at home, or the loss of its connection, to the next success: as the phone knows it. */
export function ServiceTime({ timeline, atMs }: Props) {
  const gaps = timeline.gaps.filter(({ fromMs }) => fromMs <= atMs);
  const last = gaps.at(-1);
  if (!last) return <p class="small muted">Out of service: not once since it was registered first.</p>;
  const clock = (ms: SessionMs) => clockText(ms, timeline.wallAtZeroMs);
  const isOver = last.toMs !== null && last.toMs <= atMs;
  const times = gaps.length === 1 ? "" : `; ${gaps.length} times, ${seconds(outOfService(gaps, atMs))} in all`;
  return (
    <p class="small muted">
      Out of service: <b>{seconds(outOfService([last], atMs))}</b>, from {clock(last.fromMs)}{" "}
      {isOver ? `to ${clock(last.toMs ?? atMs)}` : "until now"}
      {times}.
    </p>
  );
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

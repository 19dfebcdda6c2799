import { clockText } from "../desktop/format.js";
import type { Lane, Timeline } from "../session/types.js";
import type { Namer } from "./items.js";
import type { Outage } from "./outages.js";

interface Props {
  timeline: Timeline;
  named: Namer;
  outages: readonly Outage[];
}

/** The chart in words, for those who do not see it. */
export function Summary({ timeline, named, outages }: Props) {
  const time = (atMs: number | null) => (atMs === null ? "now" : clockText(atMs, timeline.wallAtZeroMs));
  const failed = timeline.lookups.filter(({ result }) => result === "bad").length;
  return (
    <div class="visually-hidden">
      <h3>The timeline in words</h3>
      <ul>
        <li>
          DNS: {timeline.lookups.length} lookups, {failed} failed.
        </li>
        {timeline.lanes.map((lane) => (
          <li key={lane.target}>
            {named(lane.target)}, priority {lane.priority}
            {lane.primary ? ", primary" : ""}: {attemptsOf(lane)}
            {lane.home.length === 0
              ? "never home."
              : `home from ${lane.home.map(({ fromMs, toMs, binding }) => `${time(fromMs)} to ${time(toMs)}${binding === "sure" ? "" : `, ${binding === "doubt" ? "in doubt" : "expired"}`}`).join(", and ")}.`}
          </li>
        ))}
        <li>
          From outside:{" "}
          {timeline.marks.length === 0
            ? "nothing."
            : `${timeline.marks.map(({ atMs, text }) => `${text} at ${time(atMs)}`).join("; ")}.`}
        </li>
        {outages.length === 0 ? null : (
          <li>
            Broken in the lab:{" "}
            {outages.map(({ part, fromMs, toMs }) => `${part} from ${time(fromMs)} to ${time(toMs)}`).join("; ")}.
          </li>
        )}
      </ul>
    </div>
  );
}

function attemptsOf({ attempts }: Lane): string {
  const registers = attempts.filter(({ kind }) => kind === "register");
  const good = registers.filter(({ result }) => result === "good").length;
  return `${registers.length} REGISTERs, ${good} accepted; `;
}

import type { SessionMs, Timeline } from "../session/types.js";
import { clockText } from "./format.js";

interface Props {
  timeline: Timeline;
  /** The moment looked at, on the session's axis. */
  atMs: SessionMs;
}

/** The record set that DNS gave last, as it came. */
export function DnsAnswer({ timeline, atMs }: Props) {
  const lookup = timeline.lookups.findLast(({ answer, toMs, lateMs }) => answer && (lateMs ?? toMs ?? atMs) <= atMs);
  if (!lookup?.answer) return null;
  const { ttl, records } = lookup.answer;
  return (
    <details class="more">
      <summary>
        The DNS answer it is from, at {clockText(lookup.lateMs ?? lookup.toMs ?? lookup.fromMs, timeline.wallAtZeroMs)}
      </summary>
      <p class="hint">
        <span class="mono">{lookup.name}</span>, SRV{ttl === undefined ? "" : `, TTL ${ttl} s`}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">priority</th>
            <th scope="col">weight</th>
            <th scope="col">port</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            const [priority, weight, port, ...host] = record.split(" ");
            return (
              <tr key={record}>
                <th scope="row">{host.join(" ")}</th>
                <td>{priority}</td>
                <td>{weight}</td>
                <td>{port}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}

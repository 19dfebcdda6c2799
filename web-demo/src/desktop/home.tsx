import type { Status } from "@rehome/sip";
import { whyWords } from "../session/status-words.js";
import { shortHost, targetText } from "./format.js";
import { RuleLink } from "./rule.js";

interface Props {
  status: Status;
  datacentreOf: (host: string) => number | undefined;
}

/** Where home is, and why there. */
export function Home({ status, datacentreOf }: Props) {
  const { home, primary, why } = status;
  if (!home) return <p class="home-none">No home: no registrar is known to hold this phone’s current binding.</p>;
  const datacentre = datacentreOf(home.host);
  const words = whyWords(status);
  return (
    <div class="home">
      <p class="home-host">
        {shortHost(home.host)}
        <span class={primary ? "tag good" : "tag away"}>{primary ? "primary" : "not a primary"}</span>
      </p>
      <p class="home-more">
        <span class="mono">{targetText(home)}</span>
        <span>
          priority {home.priority}, weight {home.weight}
          {datacentre === undefined ? "" : `, data centre ${datacentre}`}
        </span>
      </p>
      <p class="home-why">
        <b>{primary ? "Why here" : "Why here, not at the primary"}</b>{" "}
        {words ?? "It is of the plan’s first tier, and its last REGISTER was accepted."}{" "}
        <RuleLink rule={why ?? "3.3"} />
      </p>
    </div>
  );
}

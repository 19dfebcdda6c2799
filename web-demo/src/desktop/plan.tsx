import type { LastOutcome, PlanEntry, Target } from "@rehome/sip";
import { secondsLeft, shortHost } from "./format.js";

interface Props {
  plan: readonly PlanEntry[];
  home: Target | undefined;
  trying: Target | undefined;
  nowMs: number;
}

/** All targets in the order in which they are to be tried. */
export function Plan({ plan, home, trying, nowMs }: Props) {
  if (plan.length === 0) return <p class="muted">No plan yet: DNS has not answered.</p>;
  const first = Math.min(...plan.map(({ target }) => target.priority));
  return (
    <ol class="plan">
      {plan.map(({ target, last, heldUntilMs }, index) => {
        const isHome = target.id === home?.id;
        const held = heldUntilMs !== undefined && heldUntilMs > nowMs;
        return (
          <li key={target.id} class={isHome ? "is-home" : ""}>
            <span class="plan-place">{index + 1}</span>
            <span class="plan-host">{shortHost(target.host)}</span>
            <span class="plan-srv">
              {target.priority} {target.weight}
              {target.priority === first ? <span class="tag">primary</span> : null}
            </span>
            <span class="plan-marks">
              {isHome ? <b class="mark good">home</b> : null}
              {target.id === trying?.id ? <b class="mark move">trying</b> : null}
              {held ? <b class="mark held">held {secondsLeft(heldUntilMs ?? 0, nowMs)} s</b> : null}
              {last && !(isHome && last === "accepted") ? <Last last={last} /> : null}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Last({ last }: { last: LastOutcome }) {
  if (last === "accepted") return <span class="mark plain">accepted before</span>;
  if (last === "silent") return <span class="mark bad">silent</span>;
  if (last === "noAddress") return <span class="mark bad">no address</span>;
  if ("failed" in last) return <span class="mark bad">failed {last.failed}</span>;
  return <span class="mark bad">rejected {last.rejected}</span>;
}

// The agent desktop: how the phone is, why, what comes next, and what an agent can do.

import type { Status } from "@rehome/sip";
import { stateWords } from "../session/status-words.js";
import { useTick } from "../store.js";
import { DnsAnswer } from "./dns-answer.js";
import { clockOf, clockText } from "./format.js";
import { Home } from "./home.js";
import type { Phone, PhoneView } from "./phone.js";
import { Plan } from "./plan.js";
import { ServiceTime } from "./service.js";
import type { Shown } from "./shown.js";
import { Switch } from "./switch.js";
import { Timers } from "./timers.js";

interface Props {
  phone: Phone;
  live: PhoneView;
  shown: Shown;
  datacentreOf: (host: string) => number | undefined;
}

export function Desktop({ phone, live, shown, datacentreOf }: Props) {
  useTick(shown.kind === "live" ? 500 : null);
  const { status, cursorMs, timeline } = shown;
  const nowMs = shown.nowMs();
  const atMs = cursorMs ?? shown.edgeMs();
  return (
    <section class="panel desktop" aria-label="Agent desktop">
      <div class="panel-head">
        <h2>Agent desktop</h2>
        <span class="who">{live.agentIn ? "Agent signed in" : "No agent signed in"}</span>
      </div>
      {cursorMs !== null ? (
        <p class="notice then">
          <b>At {clockText(cursorMs, timeline.wallAtZeroMs)}, not live.</b>{" "}
          {shown.kind === "imported" ? "From the file; the phone goes on meanwhile." : "The phone goes on meanwhile."}
        </p>
      ) : null}
      {live.role === "follower" ? (
        <p class="notice">
          Another tab registers this phone. This one shows what that one says, hands it what you ask for, and takes over
          when it is closed. Its timeline is as of that one’s last success.
        </p>
      ) : null}
      {status ? (
        <>
          <p class={`phone-state ${toneOf(status)}`}>
            <span class="phone-glyph" aria-hidden="true" />
            {stateWords(status.state)}
          </p>
          <Home status={status} datacentreOf={datacentreOf} />
          <Timers status={status} nowMs={nowMs} failuresToLeave={failuresOf(shown)} />
          <ServiceTime timeline={timeline} atMs={atMs} />
          <h3>
            The plan <span class="muted">priority and weight, in the order of trying</span>
          </h3>
          <Plan plan={status.plan} home={status.home} trying={status.trying} nowMs={nowMs} />
          <DnsAnswer timeline={timeline} atMs={atMs} />
        </>
      ) : (
        <p class="muted">The status at this moment cannot be told: {shown.untold}</p>
      )}
      <div class="actions">
        <button
          type="button"
          class="button primary"
          onClick={() => (live.agentIn ? phone.signOut() : phone.signIn())}
          title={
            live.agentIn ? "The phone stays registered." : "A new agent login session tries the primary (rule 6.3)."
          }
        >
          {live.agentIn ? "Sign out" : "Sign in"}
        </button>
        <button type="button" class="button" onClick={() => phone.tryPrimary()}>
          Try the primary now
        </button>
        <span class="break" />
        <Switch
          checked={live.status.state !== "stopped" && live.status.state !== "stopping"}
          onChange={(on) => phone.setRunning(on)}
        >
          Phone
        </Switch>
        <Switch checked={live.inCall} onChange={(on) => phone.setInCall(on)}>
          In a call
        </Switch>
      </div>
      {live.note ? (
        <p class="small muted">
          {clockOf(new Date(live.note.atMs))} {live.note.text}
        </p>
      ) : null}
    </section>
  );
}

function toneOf({ state, primary }: Status): string {
  if (state === "registered") return primary ? "good" : "away";
  return state === "stopped" || state === "stopping" ? "plain" : "bad";
}

/** N of rule 4.1, as the shown session has it. */
function failuresOf({ exported }: Shown): number {
  const rollover = exported.scenario.config.rollover as { failuresBeforeRollover?: number } | undefined;
  return rollover?.failuresBeforeRollover ?? 3;
}

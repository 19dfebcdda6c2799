import type { Status, Timer } from "@rehome/sip";
import { secondsLeft } from "./format.js";

const WAKES: Record<Timer, string> = {
  attempt: "give the attempt up",
  unregister: "give the unregister up",
  grace: "end the stop’s grace",
  lookup: "stop waiting for DNS",
  expiry: "the binding expires",
  refresh: "refresh at home",
  walk: "the next attempt",
  roundWait: "the next round",
  hold: "a held target is free",
  failback: "try the primary",
};

interface Props {
  status: Status;
  nowMs: number;
  failuresToLeave: number;
}

/** The binding's time, failures in a row, and the next wake-up. */
export function Timers({ status, nowMs, failuresToLeave }: Props) {
  const { expiresAtMs, streak, wakeMs, wakeFor, failedRounds } = status;
  const left = expiresAtMs === undefined ? undefined : secondsLeft(expiresAtMs, nowMs);
  return (
    <dl class="timers">
      <div>
        <dt>Binding</dt>
        <dd>
          <b>{left === undefined ? "none" : left === 0 ? "expired" : `${left} s`}</b>
          {left ? " left" : ""}
        </dd>
      </div>
      <div>
        <dt>Failed in a row</dt>
        <dd>
          <b>{streak}</b> of {failuresToLeave}
          {failedRounds > 0 ? (
            <span class="small">{`${failedRounds} failed ${failedRounds === 1 ? "round" : "rounds"}`}</span>
          ) : null}
        </dd>
      </div>
      <div>
        <dt>Next</dt>
        <dd>
          <b>{wakeMs === undefined ? "nothing due" : `${secondsLeft(wakeMs, nowMs)} s`}</b>
          {wakeFor ? <span class="small">{WAKES[wakeFor]}</span> : null}
        </dd>
      </div>
    </dl>
  );
}

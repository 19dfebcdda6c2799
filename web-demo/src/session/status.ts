// The status at a moment of a session, as the core itself says it.

import type { Exported, Scenario } from "@rehome/sip/driver";
import { Axis } from "./axis.js";
import { record } from "./scenarios.js";
import type { SessionMs, SessionStep, StatusAt } from "./types.js";

/** Goes along the axis up to a moment; how many steps were done by then. */
function goTo(axis: Axis, steps: readonly SessionStep[], atMs: SessionMs): number {
  for (const [index, step] of steps.entries()) {
    // A try, as a step that comes later must not move the axis.
    const next = axis.copy();
    next.go(step);
    if (next.now > atMs) return index;
    axis.become(next);
  }
  return steps.length;
}

/**
 * The status at a moment, its times on the session's axis, by replay; undefined where the session's beginning was not kept,
 * or where the replay says something else than the log.
 */
export function statusAt({ scenario, complete }: Exported, atMs: SessionMs): StatusAt | undefined {
  if (!complete) return undefined;
  const axis = new Axis();
  const done = goTo(axis, scenario.steps, atMs);
  const until: Scenario = { ...scenario, steps: scenario.steps.slice(0, done) };
  try {
    const nowMs = Math.max(0, Math.floor(axis.hostMs(Math.max(atMs, axis.now))));
    const { difference, seen } = record(until, (registration) => registration.status(nowMs));
    return difference === undefined ? onAxis(seen, axis) : undefined;
  } catch {
    return undefined;
  }
}

function onAxis({ expiresAtMs, wakeMs, plan, ...status }: StatusAt, axis: Axis): StatusAt {
  return {
    ...status,
    ...(expiresAtMs !== undefined && { expiresAtMs: axis.of(expiresAtMs) }),
    ...(wakeMs !== undefined && { wakeMs: axis.of(wakeMs) }),
    plan: plan.map(({ heldUntilMs, ...entry }) =>
      heldUntilMs === undefined ? entry : { ...entry, heldUntilMs: axis.of(heldUntilMs) },
    ),
  };
}

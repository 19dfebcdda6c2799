// What came from outside, and triggers that fired by themselves, as lines across all lanes.

import { type Fields, textOf } from "./fields.js";
import type { Mark, SessionMs } from "./types.js";
import { spanWords } from "./units.js";

type Line = Omit<Mark, "atMs">;

const INPUTS: { readonly [type: string]: Line } = {
  start: { kind: "start", text: "start" },
  stop: { kind: "stop", text: "stop" },
  agentLogin: { kind: "login", text: "agent signs in" },
  tryPrimary: { kind: "primary", text: "primary asked for by hand" },
  busy: { kind: "call", text: "call begins" },
  idle: { kind: "call", text: "call ends" },
  networkDown: { kind: "network", text: "network down" },
  networkChanged: { kind: "network", text: "network there again, or another" },
  resumed: { kind: "page", text: "awake, or page shown again" },
  configure: { kind: "configuration", text: "new configuration" },
};

/** The mark of an input; undefined for those that answer an action, and for timers. */
export function markOf(input: Fields, atMs: SessionMs, name: (target: string) => string): Mark | undefined {
  const type = textOf(input.type) ?? "";
  if (type === "flowLost") {
    return { atMs, kind: "network", text: `connection to ${name(textOf(input.target) ?? "a target")} lost` };
  }
  const line = Object.hasOwn(INPUTS, type) ? INPUTS[type] : undefined;
  return line && { atMs, ...line };
}

/** By trigger: the input that asks for it, and its line where it fires without. */
const TRIGGERS: { readonly [trigger: string]: Line & { readonly input?: string } } = {
  agentLogin: { input: "agentLogin", kind: "login", text: "agent’s sign-in, deferred until now" },
  manual: { input: "tryPrimary", kind: "primary", text: "primary asked for, deferred until now" },
  failback: { kind: "primary", text: "failback timer" },
  homeMissing: { kind: "primary", text: "home missing from DNS" },
};

/** The mark of a trigger that fires; undefined where the input itself is its mark. */
export function triggerMark(event: Fields, input: Fields, atMs: SessionMs): Mark | undefined {
  const trigger = textOf(event.trigger) ?? "";
  if (event.type !== "triggered" || !Object.hasOwn(TRIGGERS, trigger)) return undefined;
  const { input: asked, ...line } = TRIGGERS[trigger] as Line & { readonly input?: string };
  return input.type === asked ? undefined : { atMs, ...line };
}

/** A page that loads again, or the tab that takes over from one that was closed: a log does not tell them apart. */
export function reloadMark(fromMs: SessionMs, toMs: SessionMs): Mark {
  const away = toMs - fromMs;
  return { atMs: toMs, kind: "page", text: `reload, or another tab${away < 1000 ? "" : `, after ${spanWords(away)}`}` };
}

export function restartMark(atMs: SessionMs): Mark {
  return { atMs, kind: "start", text: "new process" };
}

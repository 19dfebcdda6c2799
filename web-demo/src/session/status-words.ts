// The status for people: what the phone does, and why home is where it is.

import type { Rule, State, Status } from "@rehome/sip";
import { oneOf } from "./outcomes.js";

const STATES: { readonly [S in State]: string } = {
  stopped: "Stopped",
  lookingUp: "Asking DNS",
  registering: "Trying to register",
  waiting: "Waiting for the next round",
  rejected: "Rejected everywhere",
  registered: "Registered",
  unconfirmed: "Registration in doubt",
  offline: "No network",
  stopping: "Unregistering",
};

/** `Registered`, `Trying to register`, ... */
export function stateWords(state: State): string {
  return oneOf(STATES, state);
}

/** The rules that `Status.why` can name. */
const WHY: { readonly [rule: Rule]: string } = {
  "1.5": "A primary was passed over, as no address was found for it.",
  "3.3": "A primary accepted and was lost again at once, so the round went on to the next target.",
  "3.4": "A primary rejected the REGISTER, so the next target was tried.",
  "3.6": "Its answer came late, but it was the first to accept, so it was taken.",
  "4.1": "A primary failed too often in a row, so the next target was tried.",
  "4.3": "Home was lost, and after a loss this target is tried before a primary.",
  "4.5": "A primary asked for a pause (Retry-After), so another target was tried first.",
  "5.3": "DNS has changed since: it lists home with another priority, or no longer. A home that answers is kept.",
};

/** Why home is here and not at a primary, in a sentence; undefined where home is a primary, or there is none. */
export function whyWords({ home, primary, why }: Pick<Status, "home" | "primary" | "why">): string | undefined {
  if (!home || primary || why === undefined) return undefined;
  return WHY[why] ?? `Home is not at a primary by rule ${why}.`;
}

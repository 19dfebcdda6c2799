// What the driver itself meets with, in sentences.

import type { Notice } from "@rehome/sip/driver";

/** These are so as long as the page is there; the others are of a moment. */
export const LASTING: readonly string[] = ["notSaved", "noLocks", "noWorker"] satisfies Notice["type"][];

const TROUBLE: readonly string[] = [
  "registrarFailed",
  "resolverFailed",
  "inputRefused",
  "listenerFailed",
] satisfies Notice["type"][];

/** What nobody at the desk can do anything about, and a developer has to see. */
export function isTrouble({ type }: Notice): boolean {
  return TROUBLE.includes(type);
}

export function sentenceOf(notice: Notice): string | undefined {
  switch (notice.type) {
    case "restored":
      return `The page was loaded again, or another tab closed: the registration goes on from ${(notice.ageMs / 1000).toFixed(1)} s before.`;
    case "snapshotRefused":
      return "What was kept of the session before could not be used: this is a fresh start.";
    case "notSaved":
      return "The browser keeps nothing for this page: a reload will be a fresh start.";
    case "noLocks":
      return "Without Web Locks two tabs would both register: leave one tab open.";
    case "noWorker":
      return `Timers may be ${Math.round(notice.slackMs / 1000)} s late while this tab is hidden; the policy knows it.`;
    case "slept":
      return "This device slept, or the page was frozen.";
    case "unanswered":
      return "The tab that registers does not answer. Close it, and this one goes on.";
    default:
      return undefined;
  }
}

import type { Status } from "@rehome/sip";
import { stateWords, whyWords } from "../session/status-words.js";
import { shortHost } from "./format.js";

/** Says each change of state or home to those who do not see it. */
export function Announcer({ status }: { status: Status }) {
  return (
    <p class="visually-hidden" aria-live="polite">
      {sentenceOf(status)}
    </p>
  );
}

function sentenceOf(status: Status): string {
  const words = stateWords(status.state);
  if (!status.home) return `${words}.`;
  const where = `${words} at ${shortHost(status.home.host)}`;
  if (status.primary) return `${where}, a primary.`;
  return `${where}, not a primary: ${whyWords(status) ?? "it was the next to accept."}`;
}

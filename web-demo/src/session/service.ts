// When the phone was out of service: from the first thing that told it so to the next success.

import { type Fields, textOf } from "./fields.js";
import type { SessionMs, Span } from "./types.js";

/** They end service at once; it begins anew where home was lost with the page. */
const LOST = ["flowLost", "homeLost", "homeExpired", "networkDown", "networkChanged", "started"];
/** They do if they were at home. */
const FAILED = ["attemptFailed", "attemptRejected"];

export class Service {
  readonly gaps: { fromMs: SessionMs; toMs: SessionMs | null }[] = [];
  #inService = false;

  /** `home` is as it was before the event. */
  event(event: Fields, atMs: SessionMs, home: string | undefined): void {
    const type = textOf(event.type) ?? "";
    if (type === "registered" || type === "refreshed") {
      this.#end(atMs);
      this.#inService = true;
    } else if (type === "stopping" || type === "stopped") {
      this.ended(atMs);
    } else if (LOST.includes(type) || (FAILED.includes(type) && event.target === home)) {
      if (this.#inService) this.gaps.push({ fromMs: atMs, toMs: null });
      this.#inService = false;
    }
  }

  /** Nobody wants to be in service any more, or another process begins anew. */
  ended(atMs: SessionMs): void {
    this.#end(atMs);
    this.#inService = false;
  }

  #end(atMs: SessionMs): void {
    const open = this.gaps.at(-1);
    if (open && open.toMs === null) open.toMs = atMs;
  }
}

/** Milliseconds of all gaps together, up to a moment. */
export function outOfService(gaps: readonly Span[], untilMs: SessionMs): number {
  return gaps.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(toMs ?? untilMs, untilMs) - fromMs), 0);
}

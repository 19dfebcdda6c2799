// What the regions draw: the live session, a moment of it, or a file, all in one shape.

import type { Status } from "@rehome/sip";
import type { Exported } from "@rehome/sip/driver";
import { useMemo } from "preact/hooks";
import { statusAt } from "../session/status.js";
import type { SessionMs, Timeline } from "../session/types.js";
import { useStore } from "../store.js";
import type { Phone, PhoneView } from "./phone.js";
import type { View, Viewing } from "./viewing.js";

export interface Shown {
  readonly kind: Viewing["kind"];
  readonly exported: Exported;
  readonly timeline: Timeline;
  /** The moment looked at; null: the live session's now. */
  readonly cursorMs: SessionMs | null;
  /** Where the session's axis ends. */
  readonly edgeMs: () => SessionMs;
  /** Up to here it is known what is under way: a follower hears of that only with its owner's next success. */
  readonly knownMs: () => SessionMs;
  /** Undefined where it cannot be told. */
  readonly status: Status | undefined;
  /** Why it cannot, wherever it cannot. */
  readonly untold: string;
  /** Now, or the moment looked at, on the clock of `status`. */
  readonly nowMs: () => number;
}

const CUT = "the session’s beginning was not kept, and without it nothing can be replayed.";
const DIFFERS = "the file’s steps come out otherwise here, so what it tells cannot be replayed.";

export function useShown(phone: Phone, view: View): { live: PhoneView; viewing: Viewing; shown: Shown } {
  const live = useStore(phone.view);
  const viewing = useStore(view.store);
  const exported = viewing.kind === "imported" ? viewing.imported.exported : live.session;
  const timeline = viewing.kind === "imported" ? viewing.imported.timeline : live.timeline;
  const at = viewing.kind === "live" ? null : viewing.atMs;
  const cursorMs = viewing.kind === "imported" ? (at ?? timeline.endMs) : at;
  const then = useMemo(() => (cursorMs === null ? undefined : statusAt(exported, cursorMs)), [exported, cursorMs]);
  const edgeMs = (): SessionMs => {
    if (viewing.kind === "live") return phone.nowMs;
    return viewing.kind === "scrubbed" ? viewing.edgeMs : timeline.endMs;
  };
  const shown: Shown = {
    kind: viewing.kind,
    exported,
    timeline,
    cursorMs,
    edgeMs,
    knownMs: () => (live.role === "follower" ? timeline.endMs : edgeMs()),
    status: cursorMs === null ? live.status : then,
    untold: viewing.kind === "imported" && viewing.imported.difference !== undefined ? DIFFERS : CUT,
    nowMs: () => cursorMs ?? phone.driverNowMs,
  };
  return { live, viewing, shown };
}

// What is looked at: the live session, a moment of it, or a file.

import type { Exported } from "@rehome/sip/driver";
import type { SessionMs, Timeline } from "../session/types.js";
import { Store } from "../store.js";

/** A file that was opened and run. */
export interface Imported {
  readonly name: string;
  readonly description: string;
  readonly exported: Exported;
  readonly timeline: Timeline;
  /** What of it came out otherwise here. */
  readonly difference: string | undefined;
}

export type Viewing =
  | { readonly kind: "live" }
  /** The chart's right edge stays where it was when the scrubbing began, else it would move under the hand. */
  | { readonly kind: "scrubbed"; readonly atMs: SessionMs; readonly edgeMs: SessionMs }
  /** `atMs` null: its end. */
  | { readonly kind: "imported"; readonly imported: Imported; readonly atMs: SessionMs | null };

export class View {
  readonly store = new Store<Viewing>({ kind: "live" });

  /** `wantedMs` is taken into what there is, from `startMs` to now. */
  scrub(wantedMs: SessionMs, startMs: SessionMs, nowMs: SessionMs): void {
    const viewing = this.store.value;
    const at = Math.max(startMs, wantedMs);
    if (viewing.kind === "imported")
      this.store.set({ ...viewing, atMs: Math.min(at, viewing.imported.timeline.endMs) });
    else {
      const edgeMs = viewing.kind === "scrubbed" ? viewing.edgeMs : nowMs;
      this.store.set({ kind: "scrubbed", atMs: Math.min(at, edgeMs), edgeMs });
    }
  }

  open(imported: Imported): void {
    this.store.set({ kind: "imported", imported, atMs: null });
  }

  close(): void {
    this.store.set({ kind: "live" });
  }
}

// When the lab's parts were broken, as far as this page saw it. The phone does not know it: the timeline shows both.

import { keep, kept } from "../desktop/storage.js";
import { Store } from "../store.js";
import type { Lab, LabState } from "./lab.js";

export interface Broken {
  /** A registrar's name, or `DNS`. */
  readonly part: string;
  /** On the wall clock. */
  readonly fromMs: number;
  readonly toMs: number | null;
}

const KEY = "lab-broken";
const MOST = 200;

export class History {
  readonly spans: Store<readonly Broken[]>;

  constructor(lab: Lab) {
    this.spans = new Store(read());
    lab.view.subscribe(() => {
      const { state, trouble } = lab.view.value;
      if (state && !trouble) this.#see(state, Date.now());
    });
  }

  #see({ registrars, dnsFaults }: LabState, nowMs: number): void {
    const broken = new Set(registrars.filter(({ fault }) => fault).map(({ name }) => name));
    if (dnsFaults.length > 0) broken.add("DNS");
    let changed = false;
    const spans = this.spans.value.map((span) => {
      if (span.toMs !== null) return span;
      if (broken.delete(span.part)) return span;
      changed = true;
      return { ...span, toMs: nowMs };
    });
    for (const part of broken) {
      changed = true;
      spans.push({ part, fromMs: nowMs, toMs: null });
    }
    if (!changed) return;
    this.spans.set(spans.slice(-MOST));
    keep("session", KEY, JSON.stringify(this.spans.value));
  }
}

/** Seen before a reload. */
function read(): readonly Broken[] {
  try {
    const spans: unknown = JSON.parse(kept("session", KEY) ?? "[]");
    return Array.isArray(spans) ? (spans as Broken[]) : [];
  } catch {
    return [];
  }
}

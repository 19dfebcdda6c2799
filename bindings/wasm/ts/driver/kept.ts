// What outlives a reload: a snapshot, its configuration, and the log up to it. And what outlives a tab: that it was stopped.

import type { Config } from "../types.js";
import type { Store } from "./environment.js";
import type { Notice } from "./listeners.js";
import type { LogData } from "./log.js";

/** A snapshot, and the log up to it. */
export interface Saved {
  v: 1;
  /** When it was taken, on the registration's clock and on the wall's. */
  atMs: number;
  wallMs: number;
  /** The one in force then: with another one, going on would be a restart (rule 5.5). */
  config: Config;
  /** The bytes, in base64. */
  snapshot: string;
  log: LogData;
}

/** Where things are kept. */
export interface Stores {
  /** This tab's. */
  storage: Store | null;
  /** All tabs'. */
  shared: Store | null;
}

export class Kept {
  /** The last one that was kept here, or that another tab handed over. */
  saved: Saved | undefined;
  #key: string;
  #stores: Stores;
  #notice: (notice: Notice) => void;

  constructor(key: string, stores: Stores, notice: (notice: Notice) => void) {
    this.#key = key;
    this.#stores = stores;
    this.#notice = notice;
  }

  /** The newest one there is, if nobody stopped after it. */
  newest(): Saved | undefined {
    let newest = this.saved;
    try {
      const stored = readSaved(this.#stores.storage?.getItem(this.#key) ?? null);
      if (stored && stored.wallMs > (newest?.wallMs ?? Number.NEGATIVE_INFINITY)) newest = stored;
    } catch (error) {
      this.#notice({ type: "snapshotRefused", error });
    }
    return newest && this.stoppedAfter(newest.wallMs) ? undefined : newest;
  }

  keep(saved: Saved): void {
    this.saved = saved;
    const { storage } = this.#stores;
    try {
      storage?.setItem(this.#key, JSON.stringify(saved));
    } catch {
      try {
        // No room, perhaps: the log is the larger part.
        storage?.setItem(this.#key, JSON.stringify({ ...saved, log: null }));
      } catch (error) {
        this.#notice({ type: "notSaved", error });
      }
    }
  }

  forget(): void {
    this.saved = undefined;
    attempt(() => this.#stores.storage?.removeItem(this.#key));
  }

  /** Somebody stopped; a page in the back/forward cache hears of it only here. Undefined: somebody started. */
  stopped(wallMs: number | undefined): void {
    const { shared } = this.#stores;
    const key = `${this.#key}:stopped`;
    attempt(() => (wallMs === undefined ? shared?.removeItem(key) : shared?.setItem(key, String(wallMs))));
  }

  /** Whether somebody stopped after that, and nobody started since. */
  stoppedAfter(wallMs: number): boolean {
    return Number(attempt(() => this.#stores.shared?.getItem(`${this.#key}:stopped`)) ?? 0) > wallMs;
  }
}

/** Where nothing can be kept, there is nothing. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Reads what was stored; undefined if there is nothing. Throws for what is no such thing. */
function readSaved(text: string | null): Saved | undefined {
  if (text === null) return undefined;
  const saved = JSON.parse(text) as Saved;
  const { v, atMs, wallMs, snapshot, config } = saved;
  const isOne = v === 1 && Number.isFinite(atMs) && Number.isFinite(wallMs);
  if (isOne && typeof snapshot === "string" && typeof config === "object") return saved;
  throw new TypeError("what is stored is no snapshot of this version");
}

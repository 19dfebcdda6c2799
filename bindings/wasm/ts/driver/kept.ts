// What outlives a reload: a snapshot, and the log up to it.

import type { Store } from "./environment.js";
import type { Notice } from "./listeners.js";
import type { LogData } from "./log.js";

/** A snapshot, and the log up to it. */
export interface Saved {
  v: 1;
  /** When it was taken, on the registration's clock and on the wall's. */
  atMs: number;
  wallMs: number;
  /** The bytes, in base64. */
  snapshot: string;
  log: LogData;
}

export class Kept {
  /** The last one that was kept here, or that another tab handed over. */
  saved: Saved | undefined;
  #key: string;
  #storage: Store | null;
  #notice: (notice: Notice) => void;

  constructor(key: string, storage: Store | null, notice: (notice: Notice) => void) {
    this.#key = key;
    this.#storage = storage;
    this.#notice = notice;
  }

  /** The newest one there is. */
  newest(): Saved | undefined {
    try {
      const stored = readSaved(this.#storage?.getItem(this.#key) ?? null);
      if (stored && stored.wallMs > (this.saved?.wallMs ?? Number.NEGATIVE_INFINITY)) return stored;
    } catch (error) {
      this.#notice({ type: "snapshotRefused", error });
    }
    return this.saved;
  }

  keep(saved: Saved): void {
    this.saved = saved;
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(saved));
    } catch {
      try {
        // No room, perhaps: the log is the larger part.
        this.#storage?.setItem(this.#key, JSON.stringify({ ...saved, log: null }));
      } catch (error) {
        this.#notice({ type: "notSaved", error });
      }
    }
  }

  forget(): void {
    this.saved = undefined;
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      // Nothing can be kept there, so there is nothing.
    }
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
  const { v, atMs, wallMs, snapshot } = saved;
  if (v === 1 && Number.isFinite(atMs) && Number.isFinite(wallMs) && typeof snapshot === "string") return saved;
  throw new TypeError("what is stored is no snapshot of this version");
}

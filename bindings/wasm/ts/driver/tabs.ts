// What the tabs of one origin tell each other, and what outlives a reload.

import type { Input, Status } from "../types.js";
import type { LogData } from "./log.js";

/** What the application asks for; any tab may, the owner does it. */
export type Command = Extract<
  Input,
  {
    type:
      | "start"
      | "stop"
      | "agentLogin"
      | "tryPrimary"
      | "busy"
      | "idle"
      | "configure"
      | "refreshed"
      | "networkDown"
      | "networkChanged"
      | "resumed";
  }
>;

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

/** What goes through the channel. */
export type Message = { v: 1 } & (
  | { type: "hello" }
  | { type: "status"; status: Status; atMs: number; wallMs: number; running: boolean }
  | { type: "saved"; saved: Saved | null }
  | { type: "command"; command: Command }
);

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Reads what was stored; undefined if there is nothing. Throws for what is no such thing. */
export function readSaved(text: string | null): Saved | undefined {
  if (text === null) return undefined;
  const saved = JSON.parse(text) as Saved;
  const { v, atMs, wallMs, snapshot } = saved;
  if (v === 1 && Number.isFinite(atMs) && Number.isFinite(wallMs) && typeof snapshot === "string") return saved;
  throw new TypeError("what is stored is no snapshot of this version");
}

/** A status of another tab, on this tab's clock. */
export function shifted(status: Status, byMs: number): Status {
  const moved = { ...status, plan: status.plan.map((entry) => ({ ...entry })) };
  if (moved.expiresAtMs !== undefined) moved.expiresAtMs += byMs;
  if (moved.wakeMs !== undefined) moved.wakeMs += byMs;
  for (const entry of moved.plan) if (entry.heldUntilMs !== undefined) entry.heldUntilMs += byMs;
  return moved;
}

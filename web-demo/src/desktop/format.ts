// Times, targets and files as they are written on the page.

import type { Target } from "@rehome/sip";
import type { SessionMs } from "../session/types.js";

/** Seconds left, for a countdown: 0 once it is over. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
}

export function targetText({ host, port, transport }: Pick<Target, "host" | "port" | "transport">): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}/${transport}`;
}

const two = (value: number) => String(Math.floor(value)).padStart(2, "0");

/** `12:03:07` where the wall clock is known, else `67.2 s`. */
export function clockText(atMs: SessionMs, wallAtZeroMs: number | null, tenths = false): string {
  if (wallAtZeroMs === null) return `${(atMs / 1000).toFixed(1)} s`;
  const date = new Date(wallAtZeroMs + atMs);
  return tenths ? `${clockOf(date)}.${Math.floor(date.getMilliseconds() / 100)}` : clockOf(date);
}

/** `12:03:07` */
export function clockOf(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The first label of a host name: `dc1-spx1`; an address stays whole. */
export function shortHost(host: string): string {
  return /^[\d.]+$|:/.test(host) ? host : (host.split(".")[0] ?? host);
}

/** Of `host:port/transport`. */
export function hostOf(target: string): string {
  const end = target.lastIndexOf(":");
  return target.slice(0, end < 0 ? undefined : end).replace(/^\[|\]$/g, "");
}

/** As part of a file's name: `2026-01-31-120307`. */
export function stamp(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

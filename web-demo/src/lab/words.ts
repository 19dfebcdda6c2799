// What is broken in the lab, in a few words.

import type { DnsFault, LabFault } from "./lab.js";

export function faultText({ kind, code, retryAfter, ms }: LabFault): string {
  switch (kind) {
    case "refuse":
      return "cut off";
    case "status":
      return `${code ?? "error"}${retryAfter === undefined ? "" : `, Retry-After ${retryAfter} s`}`;
    case "slow":
      return `${(ms ?? 0) / 1000} s late`;
    case "noUpgrade":
      return "no WebSocket";
    default:
      return kind;
  }
}

const DNS: { readonly [kind: string]: string } = {
  servfail: "answers SERVFAIL",
  refused: "answers REFUSED",
  nxdomain: "says no such name",
  empty: "says no such records",
  truncate: "truncates",
};

export function dnsFaultText({ kind, view, name, ms }: DnsFault): string {
  const what = kind === "delay" ? `${(ms ?? 0) / 1000} s late` : (DNS[kind] ?? kind);
  const where = view ? `view of data centre ${view}` : "both views";
  return `${what}, ${where}${name ? `, ${name}` : ""}`;
}

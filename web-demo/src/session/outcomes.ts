// What came of a REGISTER, an unregister or a lookup, in the field's words.

import type { LookupFailure, Unreachable } from "@rehome/sip";
import { type Fields, fieldsOf, textOf } from "./fields.js";
import type { Work } from "./types.js";
import { wireSeconds } from "./units.js";

interface Result {
  readonly result: Extract<Work["result"], "good" | "bad" | "no">;
  readonly text: string;
}

const UNREACHABLE: { readonly [C in Unreachable]: string } = {
  refused: "connection refused",
  noRoute: "no route",
  closed: "connection closed",
  tls: "TLS failed",
  webSocket: "WebSocket handshake failed",
  timeout: "no connection in time",
  other: "no connection",
};

const LOOKUP_FAILURE: { readonly [C in LookupFailure]: string } = {
  timeout: "no answer in time",
  servFail: "SERVFAIL",
  refused: "REFUSED",
  malformed: "an answer that cannot be read",
  network: "no DNS server reached",
  other: "failed",
};

/** Of a table that a newer version may have more of. */
export function oneOf(table: { readonly [key: string]: string }, key: unknown, otherwise = "unknown"): string {
  const name = textOf(key);
  return name === undefined ? otherwise : Object.hasOwn(table, name) ? (table[name] as string) : name;
}

export function unreachableWords(cause: unknown): string {
  return oneOf(UNREACHABLE, cause, UNREACHABLE.other);
}

export function lookupFailureWords(cause: unknown): string {
  return oneOf(LOOKUP_FAILURE, cause, LOOKUP_FAILURE.other);
}

/** `asked` is the expiry asked for: an answer that states none grants it. */
export function outcomeResult(value: unknown, kind: "register" | "unregister", asked: unknown): Result {
  const outcome = fieldsOf(value);
  switch (outcome.type) {
    case "accepted": {
      if (kind === "unregister") return { result: "good", text: "200" };
      const expires = outcome.expires ?? asked;
      return { result: expires === 0 ? "bad" : "good", text: `200, expires ${wireSeconds(expires)}` };
    }
    case "status":
      return { result: "bad", text: statusWords(outcome) };
    case "unreachable":
      return { result: "bad", text: unreachableWords(outcome.cause) };
    case "noAddress":
      return { result: "bad", text: "no address" };
    case "notSent":
      return { result: "bad", text: "nothing left the device" };
    default:
      return { result: "bad", text: textOf(outcome.type) ?? "unknown" };
  }
}

function statusWords({ code, retryAfter, minExpires }: Fields): string {
  const parts = [typeof code === "number" ? String(code) : "?"];
  if (typeof retryAfter === "number") parts.push(`Retry-After ${wireSeconds(retryAfter)}`);
  if (typeof minExpires === "number") parts.push(`Min-Expires ${wireSeconds(minExpires)}`);
  return parts.join(", ");
}

function counted(what: string, list: unknown): string {
  const count = Array.isArray(list) ? list.length : 0;
  return `${count === 0 ? "no" : count} ${what}${count === 1 ? "" : what.endsWith("s") ? "es" : "s"}`;
}

export function answerResult(value: unknown): Result {
  const answer = fieldsOf(value);
  const ttl = typeof answer.ttl === "number" ? `, TTL ${wireSeconds(answer.ttl)}` : "";
  switch (answer.type) {
    case "srv":
      return { result: some(answer.records), text: counted("record", answer.records) + ttl };
    case "addresses":
      return { result: some(answer.addresses), text: counted("address", answer.addresses) + ttl };
    case "noName":
      return { result: "no", text: `no such name${ttl}` };
    case "noData":
      return { result: "no", text: `no such records${ttl}` };
    case "failed":
      return { result: "bad", text: lookupFailureWords(answer.cause) };
    default:
      return { result: "bad", text: textOf(answer.type) ?? "unknown" };
  }
}

function some(list: unknown): "good" | "no" {
  return Array.isArray(list) && list.length > 0 ? "good" : "no";
}

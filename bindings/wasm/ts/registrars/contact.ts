// What a REGISTER says of itself, and what its answer says of us.

import type { Outcome } from "../types.js";

/** Our Contact in one REGISTER. */
export interface OwnContact {
  readonly user: string;
  /** Made up, and another one for each binding. */
  readonly host: string;
  readonly instanceId: string;
  /** RFC 5626: one for each binding, too. */
  readonly regId: number;
}

/** What a stack reports of a REGISTER. */
export type Reply =
  | { type: "answer"; code: number; contacts: readonly string[]; header(name: string): string | undefined }
  /** The transaction ended without an answer, after 32 s. */
  | { type: "timeout" }
  /** The connection went first. */
  | { type: "closed" };

/** The Contact's value. */
export function contactHeader(own: OwnContact, expires: number): string {
  const uri = `sip:${own.user}@${own.host};transport=ws`;
  return `<${uri}>;reg-id=${own.regId};+sip.instance="<urn:uuid:${own.instanceId}>";expires=${expires}`;
}

/** Splits at a character that stands outside of quotes and angle brackets. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "<") depth++;
    else if (c === ">") depth--;
    else if (c === separator && depth <= 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

interface Contact {
  user: string;
  host: string;
  parameters: Map<string, string>;
}

function parseContact(text: string): Contact | undefined {
  const bracket = /<([^>]*)>/.exec(text.replace(/^\s*"(?:[^"\\]|\\.)*"/, (name) => " ".repeat(name.length)));
  const uri = bracket ? (bracket[1] ?? "") : (text.split(";")[0] ?? "");
  const tail = bracket ? text.slice(bracket.index + bracket[0].length) : text.slice(uri.length);
  const parts = /^\s*sips?:(?:([^@]*)@)?(\[[^\]]*\]|[^:;?]*)/i.exec(uri);
  if (!parts) return undefined;
  const parameters = new Map<string, string>();
  for (const part of split(tail, ";")) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? "" : part.slice(equals + 1).trim();
    parameters.set(name, value.replace(/^"(.*)"$/, "$1"));
  }
  return { user: (parts[1] ?? "").split(":")[0] ?? "", host: (parts[2] ?? "").trim().toLowerCase(), parameters };
}

/** The number at the beginning of a header, as in `Retry-After: 18 (in a meeting);duration=60`. */
export function seconds(text: string | undefined): number | undefined {
  const digits = /^\s*(\d+)/.exec(text ?? "");
  return digits ? Math.min(Number(digits[1]), 0xffff_ffff) : undefined;
}

/**
 * What was granted to our own Contact. An answer lists all bindings of the account, other devices' too, so the first is
 * not ours: ours has our host, or (where a border controller has rewritten it) our instance and reg-id.
 */
export function grantedExpires(
  headers: readonly string[],
  own: OwnContact,
  expiresHeader: string | undefined,
): number | undefined {
  const contacts = headers
    .flatMap((header) => split(header, ","))
    .map(parseContact)
    .filter((contact) => contact !== undefined);
  const instance = `<urn:uuid:${own.instanceId}>`.toLowerCase();
  const ofDevice = contacts.filter((c) => c.parameters.get("+sip.instance")?.toLowerCase() === instance);
  const mine =
    contacts.find((c) => c.host === own.host && c.user === own.user) ??
    ofDevice.find((c) => seconds(c.parameters.get("reg-id")) === own.regId) ??
    (ofDevice.length === 1 ? ofDevice[0] : undefined) ??
    (contacts.length === 1 ? contacts[0] : undefined);
  return seconds(mine?.parameters.get("expires")) ?? seconds(expiresHeader);
}

/** A reply as the policy wants it. */
export function outcomeOf(reply: Reply, own: OwnContact, unregister: boolean): Outcome {
  if (reply.type === "timeout") return { type: "unreachable", cause: "timeout" };
  if (reply.type === "closed") return { type: "unreachable", cause: "closed" };
  if (reply.code >= 200 && reply.code < 300) {
    const expires = unregister ? undefined : grantedExpires(reply.contacts, own, reply.header("Expires"));
    return expires === undefined ? { type: "accepted" } : { type: "accepted", expires };
  }
  const retryAfter = seconds(reply.header("Retry-After"));
  const minExpires = reply.code === 423 ? seconds(reply.header("Min-Expires")) : undefined;
  return {
    type: "status",
    code: reply.code,
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(minExpires === undefined ? {} : { minExpires }),
  };
}

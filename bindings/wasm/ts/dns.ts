// DNS messages from and to bytes, for DNS over HTTPS.

import * as check from "./check.js";
import { invalid } from "./errors.js";
import { dns_answer, dns_question } from "./generated/rehome_wasm.js";
import { code, ensure } from "./module.js";
import { Sink } from "./sink.js";
import type { Answer, LookupKind } from "./types.js";

/** What a packet came to. `truncated` is no answer: ask again over TCP, or hand in `failed` with `malformed`. */
export type Decoded = Answer | { type: "truncated" };

/**
 * The question for one name and kind, as bytes.
 *
 * @param id 0 over HTTPS, so that equal questions can be cached (RFC 8484); random over UDP and TCP.
 */
export function encodeQuestion(name: string, kind: LookupKind, id = 0): Uint8Array {
  ensure();
  const sink = new Sink();
  const bytes = dns_question(check.text(name, "name"), code(kind), check.whole(id, "id", 65535), sink);
  sink.check();
  return bytes;
}

/**
 * The answer to the question for `name` and `kind`, to be handed in.
 *
 * @param id The question's; absent, it is not compared (a proxy for DNS over HTTPS may change it).
 */
export function decodeAnswer(message: Uint8Array, name: string, kind: LookupKind, id?: number): Decoded {
  ensure();
  if (!(message instanceof Uint8Array)) throw invalid("message", message, "give the packet's bytes");
  const sink = new Sink();
  const expected = id === undefined ? undefined : check.whole(id, "id", 65535);
  dns_answer(message, check.text(name, "name"), code(kind), expected, sink);
  sink.check();
  return sink.built as unknown as Decoded;
}

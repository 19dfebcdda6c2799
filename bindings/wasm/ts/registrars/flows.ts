// The registrar that both libraries share: a flow for each target, or for each of its addresses.

import type { RegisterRequest, Registrar, UnregisterRequest } from "../driver/types.js";
import { invalid, RehomeError } from "../errors.js";
import type { Outcome, Target } from "../types.js";
import { contactHeader, type OwnContact } from "./contact.js";
import { Flow, guarded, type MakeLine } from "./flow.js";
import { type Settings, uuid } from "./options.js";

/** A registrar that also has the user agents for calls. */
export interface SipRegistrar<UserAgent> extends Registrar {
  /**
   * The library's user agent for a target, for calls: give it `status.home`. Ask each time: it is another one after the
   * target was left and come back to. Undefined where nothing is registered.
   */
  userAgentFor(target: Target): UserAgent | undefined;
  networkChanged(): void;
  /** Ends the calls, too. */
  close(): void;
}

/** What the library itself refuses is told at once, not at the first REGISTER. */
function tryOut(makeLine: MakeLine<unknown>): void {
  try {
    makeLine({ url: "wss://sbc.example.com/ws", connected: () => false, send: () => false, dropped() {} }).end();
  } catch (error) {
    if (error instanceof RehomeError) throw error;
    const { parameter, value, message } = error as { parameter?: unknown; value?: unknown; message?: unknown };
    if (typeof parameter !== "string") throw invalid("userAgentOptions", {}, `the SIP library says: ${message}`);
    const own = { uri: "uri", authorization_user: "authorizationUser" }[parameter];
    throw invalid(
      own ?? `userAgentOptions.${parameter}`,
      value,
      "write what the SIP library's documentation says of it",
    );
  }
}

/** The registrar over a library. */
export function flowRegistrar<UserAgent>(
  settings: Settings,
  onUserAgent: ((userAgent: UserAgent, target: Target) => void) | undefined,
  makeLine: MakeLine<UserAgent>,
): SipRegistrar<UserAgent> {
  tryOut(makeLine);
  const flows = new Map<string, Flow<UserAgent>>();
  /** Upon which each target, by its id, is registered: it may have several addresses, and so several flows. */
  const homes = new Map<number, Flow<UserAgent>>();
  const callId = uuid();
  let cseq = 1;
  let closed = false;

  function flowFor(target: Target, address: string | undefined): Flow<UserAgent> {
    const url = settings.url(target, address);
    const found = flows.get(url);
    if (found) return found;
    const flow: Flow<UserAgent> = new Flow<UserAgent>(url, settings, makeLine, {
      made: (userAgent) => onUserAgent?.(userAgent, target),
      lost: (lostTarget) => {
        if (!closed && homes.get(lostTarget.id) === flow) registrar.onFlowLost?.(lostTarget);
      },
      ended: () => {
        if (flows.get(url) === flow) flows.delete(url);
        for (const [id, home] of homes) if (home === flow) homes.delete(id);
        flow.end();
      },
    });
    flows.set(url, flow);
    return flow;
  }

  async function exchange(
    { target, address, binding }: UnregisterRequest,
    expires: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    if (closed || signal.aborted) return { type: "notSent" };
    const flow = guarded(() => flowFor(target, address));
    if (!flow) return { type: "notSent" };
    const failure = await flow.connect(signal);
    if (failure) return failure;
    if (closed || signal.aborted) return { type: "notSent" };
    const own: OwnContact = {
      user: settings.contactUser,
      host: `b${binding}.${settings.contactHost}`,
      instanceId: settings.instanceId,
      regId: Math.max(1, binding % 2 ** 31),
    };
    const headers = [`Contact: ${contactHeader(own, expires)}`, `Expires: ${expires}`, ...settings.extraHeaders];
    const message = { callId, cseq, headers, own, target, binding, expires };
    // The library adds one for each challenge that it answers, at most two.
    cseq += 3;
    const outcome = await flow.send(message);
    if (outcome.type === "accepted" && expires > 0 && !closed) {
      homes.set(target.id, flow);
      for (const other of flows.values()) if (other !== flow) other.forget(binding);
    }
    return outcome;
  }

  const registrar: SipRegistrar<UserAgent> = {
    register: (request: RegisterRequest, { signal }) => exchange(request, request.expires, signal),
    unregister: (request, { signal }) => exchange(request, 0, signal),
    userAgentFor: (target) => homes.get(target.id)?.userAgent,
    networkChanged() {
      for (const flow of flows.values()) flow.doubt();
    },
    close() {
      closed = true;
      for (const flow of flows.values()) flow.end();
      flows.clear();
      homes.clear();
    },
  };
  return registrar;
}

// REGISTER over JsSIP 3.13. Digest, transactions and calls are JsSIP's; its own registrator is not used: it hides a
// successful refresh, loops on 423, cannot unregister after a failed refresh, and refreshes by itself.

import RequestSender from "jssip/lib/RequestSender.js";
import messages from "jssip/lib/SIPMessage.js";
import { invalid } from "../errors.js";
import type { Reply } from "./contact.js";
import { guarded, type Line, type LineHost } from "./flow.js";
import { flowRegistrar, type SipRegistrar } from "./flows.js";
import { readOptions, type Settings, type SipRegistrarOptions } from "./options.js";

export type { SipRegistrar } from "./flows.js";
export type { SipRegistrarOptions } from "./options.js";

/** What of JsSIP's `UA` is used. */
export interface JsSipUserAgent {
  isConnected(): boolean;
  stop(): void;
}

export interface JsSipOptions<UserAgent extends JsSipUserAgent> extends SipRegistrarOptions<UserAgent> {
  /** The application's JsSIP, as `import JsSIP from "jssip"` gives it. */
  JsSIP: { UA: new (configuration: any) => UserAgent };
  /** More of JsSIP's configuration, e.g. `display_name`, `session_timers`. */
  userAgentOptions?: Record<string, unknown> | undefined;
}

/** What is used beyond that. */
interface Internals {
  readonly configuration: { readonly uri: unknown; readonly registrar_server: unknown };
  readonly transport: { connect(): void; disconnect(): void };
  readonly _sessions?: Record<string, { terminate(): void }>;
  set(parameter: "password", value: string): boolean;
  removeAllListeners(): void;
  stop(): void;
}

/** JsSIP's interface of a socket, over our connection. */
class Socket {
  readonly url: string;
  readonly via_transport: string;
  readonly sip_uri: string;
  onconnect = () => {};
  ondisconnect = () => {};
  ondata = (_data: unknown) => {};
  /** We ourselves take the connection away. */
  leaving = false;
  readonly #host: LineHost;

  constructor(host: LineHost) {
    const { protocol, host: authority } = new URL(host.url);
    this.#host = host;
    this.url = host.url;
    this.via_transport = protocol === "wss:" ? "WSS" : "WS";
    this.sip_uri = `sip:${authority};transport=ws`;
  }

  /** The registrar connects: where the application starts the user agent, JsSIP waits for that. */
  connect(): void {
    if (this.#host.connected()) this.onconnect();
  }

  disconnect(): void {
    if (!this.leaving) this.#host.dropped();
  }

  send(text: string): boolean {
    return this.#host.send(text);
  }
}

/** JsSIP's STATUS_COMPLETED: there was an answer. */
const COMPLETED = 5;

function makeLine<UserAgent extends JsSipUserAgent>(
  options: JsSipOptions<UserAgent>,
  settings: Settings,
  host: LineHost,
): Line<UserAgent> {
  const socket = new Socket(host);
  const userAgent = new options.JsSIP.UA({
    ...options.userAgentOptions,
    uri: settings.aor,
    ...(options.password === undefined ? {} : { password: options.password }),
    authorization_user: options.authorizationUser ?? settings.user,
    instance_id: settings.instanceId,
    contact_uri: `sip:${settings.contactUser}@${settings.contactHost};transport=ws`,
    sockets: [socket],
    register: false,
  });
  const internals = userAgent as unknown as Internals;

  // Not told as a disconnection, upon which JsSIP would reconnect by itself: as if asked for.
  const disconnect = () => {
    socket.leaving = true;
    internals.transport.disconnect();
    socket.leaving = false;
  };

  // JsSIP forgets it at the first challenge, and has no answer when another realm asks.
  const recallPassword = () => {
    if (options.password !== undefined) internals.set("password", options.password);
  };

  return {
    userAgent,
    up() {
      internals.transport.connect();
      if (!userAgent.isConnected()) socket.onconnect();
    },
    down: disconnect,
    receive: (data) => socket.ondata(data),
    register(message, done) {
      const request = new messages.OutgoingRequest(
        "REGISTER",
        internals.configuration.registrar_server,
        userAgent,
        { to_uri: internals.configuration.uri, call_id: message.callId, cseq: message.cseq },
        message.headers,
      );
      recallPassword();
      const sender = new RequestSender(userAgent, request, {
        // JsSIP makes a time-out of a real 408, too.
        onRequestTimeout: () =>
          done(
            sender.clientTransaction?.state === COMPLETED
              ? { type: "answer", code: 408, contacts: [], header: () => undefined }
              : { type: "timeout" },
          ),
        onTransportError: () => done({ type: "closed" }),
        onAuthenticated: recallPassword,
        onReceiveResponse: (response) => {
          if (response.status_code < 200) return;
          const reply: Reply = {
            type: "answer",
            code: response.status_code,
            contacts: response.getHeaders("Contact"),
            header: (name) => response.getHeader(name),
          };
          done(reply);
        },
      });
      sender.send();
    },
    busy: () => Object.keys(internals._sessions ?? {}).length > 0,
    end() {
      internals.removeAllListeners();
      for (const session of Object.values(internals._sessions ?? {})) guarded(() => session.terminate());
      disconnect();
      socket.leaving = true;
      internals.stop();
    },
  };
}

/** A registrar over JsSIP: the package's README has the examples. */
export function jssip<UserAgent extends JsSipUserAgent>(options: JsSipOptions<UserAgent>): SipRegistrar<UserAgent> {
  const settings = readOptions(options as unknown as SipRegistrarOptions<never>);
  if (typeof options.JsSIP?.UA !== "function")
    throw invalid("JsSIP", options.JsSIP, "the JsSIP module, as import JsSIP from 'jssip' gives it");
  return flowRegistrar<UserAgent>(settings, options.onUserAgent, (host) => makeLine(options, settings, host));
}

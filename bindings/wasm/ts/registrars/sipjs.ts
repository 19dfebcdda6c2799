// REGISTER over SIP.js 0.21. Digest, transactions and calls are SIP.js's; its Registerer is not used: it hides a
// successful refresh, loops on 423, and keeps "Registered" when the connection is gone.

import { invalid } from "../errors.js";
import type { Reply } from "./contact.js";
import { guarded, type Line, type LineHost } from "./flow.js";
import { flowRegistrar, type SipRegistrar } from "./flows.js";
import { readOptions, type Settings, type SipRegistrarOptions } from "./options.js";

export type { SipRegistrar } from "./flows.js";
export type { SipRegistrarOptions } from "./options.js";

/** What of SIP.js's user agent is used. */
export interface SipJsUserAgent {
  readonly userAgentCore: any;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** SIP.js's class `UserAgent`. */
export interface SipJsUserAgentClass<UserAgent extends SipJsUserAgent> {
  new (options: any): UserAgent;
  makeURI(uri: string): any;
}

export interface SipJsOptions<UserAgent extends SipJsUserAgent> extends SipRegistrarOptions<UserAgent> {
  /** SIP.js's own class, as `import { UserAgent } from "sip.js"` gives it. */
  UserAgent: SipJsUserAgentClass<UserAgent>;
  /** More of SIP.js's options, e.g. `delegate`, `displayName`, `logBuiltinEnabled` (off unless given). */
  userAgentOptions?: Record<string, unknown> | undefined;
}

interface Message {
  readonly statusCode: number;
  hasHeader(name: string): boolean;
  getHeader(name: string): string | undefined;
  getHeaders(name: string): string[];
}

interface Session {
  readonly state: string;
  bye(): Promise<unknown>;
  dispose(): Promise<void>;
}

interface Core {
  readonly configuration: { authenticationFactory: () => unknown };
  readonly dialogs: ReadonlyMap<string, unknown>;
  makeOutgoingRequestMessage(
    method: string,
    requestUri: unknown,
    from: unknown,
    to: unknown,
    options: { callId: string; cseq: number },
    headers: string[],
  ): unknown;
  register(
    message: unknown,
    delegate: Record<"onAccept" | "onReject" | "onRedirect", (response: { message: Message }) => void>,
  ): { readonly transaction: { readonly state: string } };
}

type StateListener = (state: string) => void;

/** SIP.js's interface of a transport, over our connection. */
class Transport {
  readonly protocol: string;
  state = "Disconnected";
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  /** We ourselves take the connection away. */
  leaving = false;
  readonly #host: LineHost;
  readonly #listeners = new Set<StateListener>();
  readonly stateChange = {
    addListener: (listener: StateListener, options?: { once?: boolean }) => {
      const added = options?.once
        ? (state: string) => {
            this.#listeners.delete(added);
            listener(state);
          }
        : listener;
      this.#listeners.add(added);
    },
    removeListener: (listener: StateListener) => {
      this.#listeners.delete(listener);
    },
  };

  constructor(host: LineHost) {
    this.#host = host;
    this.protocol = new URL(host.url).protocol === "wss:" ? "WSS" : "WS";
  }

  #become(state: string): void {
    this.state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  up(): void {
    if (this.state === "Connected") return;
    this.#become("Connected");
    this.onConnect?.();
  }

  down(error?: Error): void {
    if (this.state !== "Connected") return;
    this.#become("Disconnected");
    this.onDisconnect?.(error);
  }

  isConnected(): boolean {
    return this.state === "Connected";
  }

  /** Also called where the application starts or reconnects the user agent; but the registrar connects. */
  connect(): Promise<void> {
    if (!this.#host.connected())
      return Promise.reject(new Error("Not connected: the registrar connects when it registers, and only then"));
    this.up();
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.down();
    if (!this.leaving) this.#host.dropped();
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  send(text: string): Promise<void> {
    return this.#host.send(text) ? Promise.resolve() : Promise.reject(new Error("Not connected"));
  }
}

function makeLine<UserAgent extends SipJsUserAgent>(
  options: SipJsOptions<UserAgent>,
  settings: Settings,
  host: LineHost,
): Line<UserAgent> {
  const { UserAgent } = options;
  const transport = new Transport(host);
  const aor = UserAgent.makeURI(settings.aor);
  const registrar = UserAgent.makeURI(settings.registrar);
  if (!aor || !registrar)
    throw invalid("uri", settings.aor, "SIP.js cannot read it; write one such as sip:alice@example.com");
  const { reconnectionAttempts: _, reconnectionDelay: __, ...more } = options.userAgentOptions ?? {};
  const userAgent = new UserAgent({
    logBuiltinEnabled: false,
    ...more,
    uri: aor,
    authorizationUsername: options.authorizationUser ?? settings.user,
    ...(options.password === undefined ? {} : { authorizationPassword: options.password }),
    instanceId: settings.instanceId,
    contactName: settings.contactUser,
    contactParams: { transport: "ws" },
    viaHost: settings.contactHost,
    gracefulShutdown: false,
    // SIP.js calls it with `new`.
    transportConstructor: function made() {
      return transport;
    },
    transportOptions: {},
  });
  const core = userAgent.userAgentCore as Core;
  // Else SIP.js would answer with the digest of "undefined".
  if (options.password === undefined && more.authorizationPassword === undefined && more.authorizationHa1 === undefined)
    core.configuration.authenticationFactory = () => undefined;
  const sessions = () => Object.values((userAgent as { _sessions?: Record<string, Session> })._sessions ?? {});

  let started = false;
  return {
    userAgent,
    up() {
      // It does not take requests before it is started.
      if (!started) userAgent.start().catch(() => {});
      started = true;
      transport.up();
    },
    down: () => transport.down(new Error("The connection was lost")),
    receive: (data) => transport.onMessage?.(typeof data === "string" ? data : new TextDecoder().decode(data)),
    register(message, done) {
      const { callId, cseq, headers } = message;
      const request = core.makeOutgoingRequestMessage("REGISTER", registrar, aor, aor, { callId, cseq }, headers);
      let outgoing: { readonly transaction: { readonly state: string } } | undefined;
      const answered = ({ message: response }: { message: Message }) => {
        let reply: Reply = {
          type: "answer",
          code: response.statusCode,
          contacts: response.getHeaders("Contact"),
          header: (name) => response.getHeader(name),
        };
        // SIP.js makes answers of its own: 503 for a lost connection, and 408 for silence (and anew for a real 408).
        if (!response.hasHeader("Via")) {
          if (response.statusCode !== 408) reply = { type: "closed" };
          else if (outgoing?.transaction.state !== "Completed") reply = { type: "timeout" };
        }
        done(reply);
      };
      outgoing = core.register(request, { onAccept: answered, onReject: answered, onRedirect: answered });
    },
    busy: () => core.dialogs.size > 0 || sessions().length > 0,
    end() {
      // SIP.js would only forget them: no BYE, and the microphone stays open.
      for (const session of sessions()) {
        if (session.state === "Established") guarded(() => session.bye().catch(() => {}));
        guarded(() => session.dispose().catch(() => {}));
      }
      transport.leaving = true;
      transport.onConnect = transport.onDisconnect = transport.onMessage = undefined;
      userAgent.stop().catch(() => {});
    },
  };
}

/** A registrar over SIP.js: the package's README has the examples. */
export function sipjs<UserAgent extends SipJsUserAgent>(options: SipJsOptions<UserAgent>): SipRegistrar<UserAgent> {
  const settings = readOptions(options as unknown as SipRegistrarOptions<never>);
  if (typeof options.UserAgent !== "function")
    throw invalid("UserAgent", options.UserAgent, 'SIP.js\'s class: import { UserAgent } from "sip.js"');
  return flowRegistrar<UserAgent>(settings, options.onUserAgent, (host) => makeLine(options, settings, host));
}

// Both libraries, behind the same few words.

import { jssip, type SipRegistrar, type SipRegistrarOptions } from "@rehome/sip/jssip";
import { sipjs } from "@rehome/sip/sipjs";
import JsSIP from "jssip";
import { Inviter, UserAgent } from "sip.js";
import { WebSocket } from "ws";
import type { Target } from "../../ts/types.js";

export type Options = Omit<SipRegistrarOptions<never>, "onUserAgent">;

export interface Library {
  readonly name: string;
  /** Options that the library itself refuses, and the field that is named. */
  readonly refused: readonly [object, string][];
  make(
    options: Options,
    onUserAgent?: (userAgent: { start(): unknown; isConnected(): boolean }) => void,
  ): SipRegistrar<unknown>;
  /** Sends an OPTIONS on the user agent for calls; the answer's code. */
  options(registrar: SipRegistrar<unknown>, target: Target): Promise<number>;
  stop(registrar: SipRegistrar<unknown>, target: Target): void;
  /** A registrar, and what the application hears of an incoming call and of one that it makes. */
  desk(options: Options, rang: () => void): Desk;
}

export interface Desk {
  readonly registrar: SipRegistrar<unknown>;
  /** Resolves when the call is up, or has failed. */
  call(target: Target, who: string): Promise<Call>;
}

/** A call, as the application sees it. */
export interface Call {
  ended(): boolean;
  /** Whether the media, and with it the microphone, is still open. */
  media(): boolean;
}

interface Answered {
  response?: { status_code: number };
}

interface OptionsSender {
  sendOptions(target: string, body: string, options: { eventHandlers: object }): void;
}

/** As much of WebRTC as it takes to offer a call. */
class PeerConnection extends EventTarget {
  readonly iceConnectionState = "new";
  readonly iceGatheringState = "complete";
  signalingState = "stable";
  localDescription = { type: "offer", sdp: SDP };
  createOffer = async () => this.localDescription;
  setLocalDescription = async () => {};
  setRemoteDescription = async () => {};
  close = () => {
    this.signalingState = "closed";
  };
}

export const SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\n";
class SessionDescription {}
const globals = { RTCPeerConnection: PeerConnection, RTCSessionDescription: SessionDescription };
Object.assign(globalThis, { window: globals, ...globals });

/** The same for SIP.js. */
const sessionDescriptionHandlerFactory = () => ({
  closed: false,
  close() {
    this.closed = true;
  },
  getDescription: async () => ({ body: SDP, contentType: "application/sdp" }),
  hasDescription: () => true,
  rollbackDescription: async () => {},
  setDescription: async () => {},
  sendDtmf: () => false,
});

export const libraries: readonly Library[] = [
  {
    name: "JsSIP",
    refused: [
      [{ authorizationUser: 'a"b' }, "authorizationUser"],
      [{ userAgentOptions: { no_answer_timeout: -1 } }, "userAgentOptions.no_answer_timeout"],
    ],
    make: (options, onUserAgent) => jssip({ JsSIP, WebSocket, ...options, onUserAgent }),
    options: (registrar, target) =>
      new Promise((resolve, reject) => {
        const userAgent = registrar.userAgentFor(target) as OptionsSender | undefined;
        if (!userAgent) return reject(new Error("no user agent"));
        const done = (event: Answered) => resolve(event.response?.status_code ?? 0);
        userAgent.sendOptions("sip:example.test", "", { eventHandlers: { succeeded: done, failed: done } });
      }),
    stop: (registrar, target) => (registrar.userAgentFor(target) as InstanceType<typeof JsSIP.UA>).stop(),
    desk(options, rang) {
      const registrar = jssip({
        JsSIP,
        WebSocket,
        ...options,
        onUserAgent: (userAgent) =>
          userAgent.on("newRTCSession", ({ originator }: { originator: string }) => originator === "remote" && rang()),
      });
      return {
        registrar,
        call: (target, who) =>
          new Promise((resolve, reject) => {
            const session = registrar.userAgentFor(target)?.call(who, { mediaConstraints: { audio: false } });
            if (!session) return reject(new Error("no user agent"));
            const media = () => session.connection?.signalingState !== "closed";
            const call = { ended: () => session.isEnded(), media };
            session.on("confirmed", () => resolve(call));
            session.on("failed", () => resolve(call));
          }),
      };
    },
  },
  {
    name: "SIP.js",
    refused: [[{ userAgentOptions: { hackIpInContact: 7 } }, "userAgentOptions"]],
    make: (options, onUserAgent) => sipjs({ UserAgent, WebSocket, ...options, onUserAgent }),
    options: (registrar, target) =>
      new Promise((resolve, reject) => {
        const userAgent = registrar.userAgentFor(target) as UserAgent | undefined;
        const uri = UserAgent.makeURI("sip:example.test");
        if (!userAgent || !uri) return reject(new Error("no user agent"));
        const { userAgentCore: core, configuration } = userAgent;
        const message = core.makeOutgoingRequestMessage("OPTIONS", uri, configuration.uri, uri, {});
        const done = ({ message: answer }: { message: { statusCode?: number | undefined } }) =>
          resolve(answer.statusCode ?? 0);
        core.request(message, { onAccept: done, onReject: done });
      }),
    stop: (registrar, target) => void (registrar.userAgentFor(target) as UserAgent).stop(),
    desk(options, rang) {
      const delegate = { onInvite: () => rang() };
      const registrar = sipjs({
        UserAgent,
        WebSocket,
        ...options,
        userAgentOptions: { delegate, sessionDescriptionHandlerFactory },
      });
      return {
        registrar,
        call: async (target, who) => {
          const userAgent = registrar.userAgentFor(target);
          const uri = UserAgent.makeURI(who);
          if (!userAgent || !uri) throw new Error("no user agent");
          const inviter = new Inviter(userAgent, uri);
          let ended = false;
          const decided = new Promise<void>((resolve) => {
            inviter.stateChange.addListener((state) => {
              ended = state === "Terminated";
              if (ended || state === "Established") resolve();
            });
          });
          await inviter.invite();
          await decided;
          const handler = inviter.sessionDescriptionHandler as { closed: boolean } | undefined;
          return { ended: () => ended, media: () => handler?.closed === false };
        },
      };
    },
  },
];

// Each decision as a sentence for a telecom engineer: only what the event carries, in the field's words.

import type { Event, EventType, FailureReason, Rule, Target } from "@rehome/sip";
import { fieldsOf } from "./fields.js";
import { lookupFailureWords, oneOf, unreachableWords } from "./outcomes.js";
import type { Entry } from "./types.js";
import { spanWords, wireSeconds } from "./units.js";

type Written<E> = { readonly [K in keyof E]: E[K] extends Target ? Target | string : E[K] };
type Of<T extends EventType> = Written<Extract<Event, { type: T }>>;

/** An event, live or as a scenario file has it: targets as objects or as `host:port/transport`. */
export type LoggedEvent = { [T in EventType]: Of<T> }[EventType];

/** What is known beside the event itself; all of it may be absent. */
export interface Context {
  /** N of rule 4.1. */
  readonly failures?: number | undefined;
  /** The step's time, on the clock of the event's own times. */
  readonly nowMs?: number | undefined;
  /** How a target is named; default: `host:port`. */
  readonly name?: ((target: string) => string) | undefined;
  /** What an id stands for: `REGISTER at dc1-spx1:8080`. */
  readonly work?: ((id: number) => string | undefined) | undefined;
}

export interface Words {
  readonly text: string;
  readonly tone: Entry["tone"];
}

const CANCELLED = {
  slept: "the device slept",
  lateSuccess: "a late success made it needless",
  networkDown: "the network is gone",
  networkChanged: "the network is another",
  resumed: "the device woke up",
  stopping: "stopping waits no longer",
  homeLost: "home is lost",
  homeListed: "DNS lists home again",
} satisfies { [R in Of<"attemptCancelled">["reason"]]: string };

export function cancelWords(reason: unknown): string {
  return oneOf(CANCELLED, reason);
}

const TRIGGER = {
  agentLogin: "Agent login",
  manual: "Asked by hand",
  failback: "Failback timer",
  homeMissing: "Home missing from DNS",
} satisfies { [R in Of<"triggered">["trigger"]]: string };

const BAR = {
  round: "a round is running",
  busy: "a call is up",
  holdOff: "home left the primary too short a time ago",
  held: "every primary is held by a Retry-After",
  offline: "no network",
} satisfies { [R in Of<"triggerDeferred">["reason"]]: string };

const IGNORED = {
  homeIsPrimary: "home is a primary",
  excursionRunning: "the primaries are being tried already",
  switchedOff: "that is switched off",
  notRunning: "not started",
} satisfies { [R in Of<"triggerIgnored">["reason"]]: string };

const NOTHING = {
  noName: "no such name",
  noData: "the name has no such records",
  notOffered: "a lone dot, the service is not offered",
  nothingLeft: "no record of the answer can be used",
  siteEmpty: "no target belongs to the pinned site",
} satisfies { [R in Of<"nothingOffered">["reason"]]: string };

const DROPPED = {
  portZero: "port 0",
  badName: "its target is no host name",
  nameTooLong: "its target's name is too long",
  root: "a dot among others",
  sameTarget: "the same target again, under another priority or weight",
} satisfies { [R in Of<"recordDropped">["reason"]]: string };

const LOST = {
  failures: "too many failures in a row",
  rejected: "it rejected",
  retryAfter: "it asked to be left alone (Retry-After)",
} satisfies { [R in Of<"homeLost">["reason"]]: string };

const SKIPPED = {
  silent: "it had fallen silent",
  inUse: "it is in use",
  switchedOff: "that is switched off",
  sameTier: "it is of home's tier",
  offline: "no network",
} satisfies { [R in Of<"unregisterSkipped">["reason"]]: string };

const SOURCE = {
  srvRecord: "the SRV record says where to register",
  outboundProxy: "the outbound proxy, as no SRV record is set",
  discovery: "its SRV names are asked for, one by one",
} satisfies { [R in Of<"started">["source"]]: string };

function targetText(target: Target | string | undefined): string {
  if (typeof target === "string") return target;
  if (typeof target?.host !== "string") return "a target";
  const host = target.host.includes(":") && !target.host.startsWith("[") ? `[${target.host}]` : target.host;
  return `${host}:${target.port}/${target.transport}`;
}

/** The sentences' small change, in one context. */
class Say {
  #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  at(target: Target | string | undefined): string {
    const text = targetText(target);
    return this.#context.name?.(text) ?? text.replace(/\/[a-z]+$/u, "");
  }

  work(id: number, otherwise: string): string {
    return this.#context.work?.(id) ?? otherwise;
  }

  streak(count: number | undefined): string {
    const { failures } = this.#context;
    return `failure ${count ?? "?"}${failures === undefined ? " in a row" : ` of ${failures}`}`;
  }

  /** `, the next in 14 s`; nothing where that cannot be said. */
  until(words: string, untilMs: number | undefined): string {
    const { nowMs } = this.#context;
    if (typeof untilMs !== "number" || nowMs === undefined) return "";
    return `${words} ${spanWords(untilMs - nowMs)}`;
  }
}

function failure(target: string, reason: FailureReason | undefined): string {
  if (reason === "timeout") return `REGISTER at ${target}, no answer in time`;
  if (reason === "zeroGrant") return `REGISTER at ${target} accepted for 0 s`;
  if (reason === "noAddress") return `REGISTER at ${target}, no address`;
  const { status, unreachable } = fieldsOf(reason);
  if (status !== undefined) return `REGISTER at ${target} answered ${status}`;
  if (unreachable !== undefined) return `REGISTER at ${target}, ${unreachableWords(unreachable)}`;
  return `REGISTER at ${target} failed`;
}

const plural = (count: number | undefined, what: string) => `${count ?? "?"} ${what}${count === 1 ? "" : "s"}`;

type Sentence<T extends EventType> = (event: Of<T>, say: Say) => string;

/** Every type of event has to be here, or it does not compile. */
const SENTENCES: { readonly [T in EventType]: readonly [Entry["tone"], Sentence<T>] } = {
  started: ["plain", ({ source, name }) => `Started with ${name ?? "?"}: ${oneOf(SOURCE, source)}`],
  stopping: ["plain", () => "Stopping"],
  stopped: ["plain", () => "Stopped"],
  configured: [
    "plain",
    ({ restart }) =>
      restart ? "New configuration: it changes where to register, so stop, then start" : "New configuration",
  ],
  lookupFailed: ["bad", ({ name, cause }) => `DNS lookup of ${name ?? "?"}: ${lookupFailureWords(cause)}`],
  nothingOffered: ["bad", ({ name, reason }) => `DNS says no to ${name ?? "?"}: ${oneOf(NOTHING, reason)}`],
  recordDropped: [
    "bad",
    ({ index, reason }) => `SRV record ${(index ?? Number.NaN) + 1} of the answer dropped: ${oneOf(DROPPED, reason)}`,
  ],
  recordsTruncated: ["bad", ({ count }) => `${plural(count, "SRV record")} came: more than are read`],
  planChanged: ["plain", ({ targets }) => `New plan: ${plural(targets, "target")}`],
  candidateChosen: ["plain", ({ name }) => `Discovery takes ${name ?? "?"}`],
  candidatesBarred: ["bad", ({ name }) => `Lookup of ${name ?? "?"} failed: nothing less secure is taken`],
  noCandidate: ["plain", () => "Discovery found no SRV name: the outbound proxy itself is the target"],
  tlsNameMismatch: [
    "bad",
    ({ target }, say) => `${say.at(target)} is outside the domain: its certificate can be checked for the host only`,
  ],
  answerIgnored: ["plain", ({ id }, say) => `Late DNS answer ignored: ${say.work(id, "nobody waits for it")}`],
  registered: [
    "good",
    ({ target, expires }, say) => `REGISTER at ${say.at(target)} accepted, expires ${wireSeconds(expires)}: home`,
  ],
  refreshed: [
    "good",
    ({ target, expires }, say) => `Refresh at ${say.at(target)} accepted, expires ${wireSeconds(expires)}`,
  ],
  attemptFailed: [
    "bad",
    ({ target, reason, streak }, say) => `${failure(say.at(target), reason)}: ${say.streak(streak)}`,
  ],
  attemptRejected: [
    "bad",
    ({ target, code, first }, say) =>
      `REGISTER at ${say.at(target)} rejected with ${code ?? "?"}${first ? ", the first rejection" : ""}`,
  ],
  longerExpires: [
    "plain",
    ({ target, expires }, say) => `423 from ${say.at(target)}: REGISTER again, expires ${wireSeconds(expires)}`,
  ],
  noAddress: ["bad", ({ target }, say) => `No address for ${say.at(target)}`],
  notSent: [
    "bad",
    ({ target, waitMs }, say) =>
      `REGISTER at ${say.at(target)} never left the device, uncounted: again in ${spanWords(waitMs ?? 0)}`,
  ],
  attemptCancelled: [
    "plain",
    ({ id, reason }, say) => `${say.work(id, "REGISTER")} given up, uncounted: ${cancelWords(reason)}`,
  ],
  lateSuccess: ["good", ({ target }, say) => `Late answer: ${say.at(target)} has accepted, which is taken`],
  lateUnregistered: ["plain", ({ target }, say) => `Late answer: ${say.at(target)} has accepted, so unregister there`],
  lateIgnored: ["plain", ({ id }, say) => `Late answer ignored: ${say.work(id, "given up before")}`],
  targetHeld: ["bad", ({ target, seconds }, say) => `Retry-After: ${say.at(target)} is held ${wireSeconds(seconds)}`],
  rolledOver: ["move", ({ from, to }, say) => `Rolled over from ${say.at(from)} to ${say.at(to)}`],
  roundFailed: [
    "bad",
    ({ rejected, rounds, untilMs }, say) => {
      const what = rejected ? "Every target has rejected" : "No target has accepted";
      const next = untilMs === undefined ? ", none follows by itself" : say.until(", the next in", untilMs);
      return `${what}: failed round ${rounds ?? "?"}${next}`;
    },
  ],
  waitEnded: ["plain", () => "The wait between rounds is ended"],
  wrapped: ["move", () => "Next round, from the plan's first target"],
  homeLost: ["bad", ({ target, reason }, say) => `Home ${say.at(target)} is lost: ${oneOf(LOST, reason)}`],
  homeExpired: ["bad", ({ target }, say) => `The binding at ${say.at(target)} has expired; it is still home`],
  flowLost: [
    "bad",
    ({ target, streak }, say) => `Connection to home ${say.at(target)} lost${streak ? `: ${say.streak(streak)}` : ""}`,
  ],
  flowLossIgnored: ["plain", ({ target }, say) => `Connection to ${say.at(target)} lost: changes nothing`],
  networkDown: ["bad", () => "Network down: nothing is sent"],
  networkChanged: ["plain", () => "Network there again, or another one"],
  resumed: ["plain", () => "Awake again, or page shown again"],
  slept: ["plain", () => "The device slept through an attempt"],
  clockSetBack: ["plain", ({ byMs }) => `The clock went back by ${spanWords(byMs ?? 0)}`],
  grantTooShort: ["bad", ({ expires }) => `Granted ${wireSeconds(expires)} only: too short for a safe refresh`],
  homeMissing: [
    "bad",
    ({ target, times }, say) => `DNS does not list home ${say.at(target)}: answer ${times ?? "?"} in a row`,
  ],
  triggered: [
    "move",
    ({ trigger }) =>
      `${oneOf(TRIGGER, trigger)}: ${trigger === "homeMissing" ? "try the whole plan" : "try the primary"}`,
  ],
  triggerDeferred: [
    "plain",
    ({ trigger, reason, untilMs }, say) =>
      `${oneOf(TRIGGER, trigger)} waits${say.until(" for", untilMs)}: ${oneOf(BAR, reason)}`,
  ],
  triggerIgnored: [
    "plain",
    ({ trigger, reason }) => `${oneOf(TRIGGER, trigger)} changes nothing: ${oneOf(IGNORED, reason)}`,
  ],
  excursionBegan: [
    "move",
    ({ trigger }) =>
      `${trigger === "homeMissing" ? "The whole plan is" : "The primaries are"} tried; home is kept meanwhile`,
  ],
  homeKept: ["plain", ({ target }, say) => `No other target has become home: it stays ${say.at(target)}`],
  homeLeft: ["move", ({ from, to }, say) => `Home moves from ${say.at(from)} to ${say.at(to)}`],
  unregistered: [
    "plain",
    ({ target, confirmed }, say) =>
      confirmed ? `Unregistered at ${say.at(target)}` : `Unregister at ${say.at(target)} was not confirmed`,
  ],
  unregisterSkipped: [
    "plain",
    ({ target, reason }, say) => `No unregister at ${say.at(target)}: ${oneOf(SKIPPED, reason)}`,
  ],
};

/** An event's sentence. One that is newer than this page is told by its name. */
export function eventWords(
  event: LoggedEvent | { readonly type: string; readonly rule?: Rule },
  context: Context = {},
): Words {
  if (!Object.hasOwn(SENTENCES, event.type)) return { text: event.type, tone: "plain" };
  const [tone, sentence] = SENTENCES[event.type as EventType] as readonly [Entry["tone"], Sentence<any>];
  return { text: sentence(event as never, new Say(context)), tone };
}

export { stateWords, whyWords } from "./status-words.js";

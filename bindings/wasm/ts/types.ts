/// <reference lib="esnext.disposable" preserve="true" />

// The API's shapes: plain objects, numbers, texts. Times end in `Ms` and are milliseconds on the host's own clock; what
// comes off the wire (`expires`, `retryAfter`, `minExpires`, `ttl`) is in seconds. Optional fields are absent, not null.

/** A SIP transport. */
export type Transport = "udp" | "tcp" | "tls" | "dtls" | "ws" | "wss";

/** Where a REGISTER goes. The object is frozen, and may be shared between actions and events. */
export interface Target {
  /** Its number: never used again within one registration. */
  readonly id: number;
  /** Host name or address, lower case, without the final dot. */
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  /** The name its certificate must carry: the domain, not the host (rule 1.6). */
  readonly tlsName: string;
  /** SRV priority: lower is tried first. */
  readonly priority: number;
  /** SRV weight. */
  readonly weight: number;
  /** The site it belongs to, if the configuration names one (rule 1.7). */
  readonly site?: string;
}

/** One SRV record (RFC 2782). */
export interface SrvRecord {
  priority: number;
  weight: number;
  port: number;
  /** Host name, with or without the final dot; `.` alone means "not offered" (rule 2.7). */
  target: string;
}

/** What a lookup asks for. */
export type LookupKind = "srv" | "a" | "aaaa";

/** Why a lookup brought no answer (rule 5.4). */
export type LookupFailure = "timeout" | "servFail" | "refused" | "malformed" | "network" | "other";

/** What DNS said to a lookup. No data and failure are different things (rule 5.4). */
export type Answer =
  | { type: "srv"; records: readonly SrvRecord[]; ttl: number }
  | { type: "addresses"; addresses: readonly string[]; ttl: number }
  | { type: "noName"; ttl?: number | null | undefined }
  | { type: "noData"; ttl?: number | null | undefined }
  | { type: "failed"; cause: LookupFailure };

/** Why a target could not be reached (rule 3.2). */
export type Unreachable = "refused" | "noRoute" | "closed" | "tls" | "webSocket" | "timeout" | "other";

/** What came of a REGISTER or an unregister. */
export type Outcome =
  /** 2xx; `expires` is what was granted to our Contact. */
  | { type: "accepted"; expires?: number | null | undefined }
  /** Any other final answer: its status code, 300 to 699, and Retry-After and Min-Expires in seconds, where there were any. */
  | {
      type: "status";
      code: number;
      retryAfter?: number | null | undefined;
      minExpires?: number | null | undefined;
    }
  /** No connection, or none any more, before an answer. */
  | { type: "unreachable"; cause: Unreachable }
  /** No address was found for the target. */
  | { type: "noAddress" }
  /** Nothing left the device. */
  | { type: "notSent" };

/** One thing that has happened. */
export type Input =
  /** Begin to register; after a stop this is a restart (rule 6.1). */
  | { type: "start" }
  /** Unregister and end (rule 6.8). */
  | { type: "stop" }
  /** `wakeMs` has come. Calling early or late is harmless. */
  | { type: "wake" }
  /** A new agent login session began: try the primary again (rule 6.3). */
  | { type: "agentLogin" }
  /** Somebody asked by hand for the primary (rule 6.4). */
  | { type: "tryPrimary" }
  /** No network any more (rule 3.7). */
  | { type: "networkDown" }
  /** A network again, or another one (rule 4.6). */
  | { type: "networkChanged" }
  /** The device woke up, or the page is shown again (rule 4.6). */
  | { type: "resumed" }
  /** A call is up: nothing may be moved (rule 6.6). */
  | { type: "busy" }
  /** The last call has ended (rule 6.6). */
  | { type: "idle" }
  /** Another configuration, the whole of it (rule 6.9). */
  | { type: "configure"; config: Config }
  /** A connection was lost, or its keep-alive went unanswered (rule 4.6). */
  | { type: "flowLost"; target: number | Target }
  /** A lookup's result (rules 1.2, 5.4). */
  | { type: "answer"; id: number; answer: Answer }
  /** A REGISTER's or an unregister's result (section 3). */
  | { type: "outcome"; id: number; outcome: Outcome }
  /** Where the application owns the refreshes: what one of its own at home came to (rule 5.2). */
  | { type: "refreshed"; outcome: Outcome };

/** Look a name up, and hand the result in as `answer` (rules 1.2, 1.5). */
export interface LookupAction {
  type: "lookup";
  id: number;
  /** The name to ask for, without a final dot. */
  name: string;
  kind: LookupKind;
  /** Until when the answer is waited for; one that comes later is still worth handing in. */
  deadlineMs: number;
}

/** Send one REGISTER, answer its digest challenges, and hand the result in as `outcome` (rule 3.1). */
export interface RegisterAction {
  type: "register";
  id: number;
  target: Target;
  /** The address to use, if the core resolves or knows it (rule 1.5); else the host resolves. */
  address?: string;
  /** Names the binding: one Contact for all REGISTERs that carry the same number (rule 6.7). */
  binding: number;
  /** 1 for the first try in a row at this target, then 2, 3, ... */
  attempt: number;
  /** The expiry to ask for, in seconds. */
  expires: number;
  /** When the core stops waiting and counts it as failed. */
  deadlineMs: number;
}

/** Send one REGISTER with an expiry of 0 for that binding (rules 6.7, 6.8). */
export interface UnregisterAction {
  type: "unregister";
  id: number;
  target: Target;
  /** The address in use, if the core resolves or knows it (rule 1.5); else the host resolves. */
  address?: string;
  binding: number;
  deadlineMs: number;
}

/** Not waited for any more. A REGISTER already sent may still be answered: hand that in for 32 s (rule 3.6). */
export interface CancelAction {
  type: "cancel";
  id: number;
}

/** One thing to do. The list is closed: a fifth kind is a major version. */
export type Action = LookupAction | RegisterAction | UnregisterAction | CancelAction;

/** A rule of POLICY.md, as `4.1`. */
export type Rule = `${number}.${number}`;

/** What asks for the primary. */
export type Trigger = "agentLogin" | "manual" | "failback" | "homeMissing";

/** Why an attempt failed (rule 3.2). */
export type FailureReason = "timeout" | { unreachable: Unreachable } | { status: number } | "zeroGrant" | "noAddress";

interface EventFields {
  started: { source: "srvRecord" | "outboundProxy" | "discovery"; name: string };
  stopping: unknown;
  stopped: unknown;
  configured: { restart: boolean };
  lookupFailed: { name: string; cause: LookupFailure };
  nothingOffered: { name: string; reason: "noName" | "noData" | "notOffered" | "nothingLeft" | "siteEmpty" };
  recordDropped: { index: number; reason: DropReason };
  recordsTruncated: { count: number };
  planChanged: { targets: number };
  candidateChosen: { name: string };
  candidatesBarred: { name: string };
  noCandidate: unknown;
  tlsNameMismatch: { target: Target };
  answerIgnored: { id: number };
  registered: { target: Target; expires: number };
  refreshed: { target: Target; expires: number };
  attemptFailed: { target: Target; reason: FailureReason; streak: number };
  attemptRejected: { target: Target; code: number; first: boolean };
  longerExpires: { target: Target; expires: number };
  noAddress: { target: Target };
  notSent: { target: Target; waitMs: number };
  attemptCancelled: {
    id: number;
    reason:
      | "slept"
      | "lateSuccess"
      | "networkDown"
      | "networkChanged"
      | "resumed"
      | "stopping"
      | "homeLost"
      | "homeListed";
  };
  lateSuccess: { id: number; target: Target };
  lateUnregistered: { id: number; target: Target };
  lateIgnored: { id: number };
  targetHeld: { target: Target; seconds: number };
  rolledOver: { from: Target; to: Target };
  roundFailed: { rejected: boolean; rounds: number; untilMs?: number };
  waitEnded: unknown;
  wrapped: unknown;
  homeLost: { target: Target; reason: "failures" | "rejected" | "retryAfter" };
  homeExpired: { target: Target };
  flowLost: { target: Target; streak: number };
  flowLossIgnored: { target: Target };
  networkDown: unknown;
  networkChanged: unknown;
  resumed: unknown;
  slept: unknown;
  clockSetBack: { byMs: number };
  grantTooShort: { expires: number };
  homeMissing: { target: Target; times: number };
  triggered: { trigger: Trigger };
  triggerDeferred: { trigger: Trigger; reason: "round" | "busy" | "holdOff" | "held" | "offline"; untilMs?: number };
  triggerIgnored: {
    trigger: Trigger;
    reason: "homeIsPrimary" | "excursionRunning" | "switchedOff" | "notRunning";
  };
  excursionBegan: { trigger: Trigger };
  homeKept: { target: Target };
  homeLeft: { from: Target; to: Target };
  unregistered: { target: Target; confirmed: boolean };
  unregisterSkipped: { target: Target; reason: "silent" | "inUse" | "switchedOff" | "sameTier" | "offline" };
}

/** The name of an event. */
export type EventType = keyof EventFields;

/**
 * One decision, with the rule that was followed. Hosts log it; nothing needs to be done. Kinds may be added in a minor
 * version: write a `default`.
 */
export type Event = { [T in EventType]: { type: T; rule: Rule } & EventFields[T] }[EventType];

/** What one step put out. */
export interface Step {
  /** Everything to do, in order. */
  actions: Action[];
  /** Everything decided, in order. */
  events: Event[];
  /** When to call again with `wake`: later than the `nowMs` of the step; null for never. */
  wakeMs: number | null;
}

/** Where a registration is in its life. */
export type State =
  | "stopped"
  | "lookingUp"
  | "registering"
  | "waiting"
  | "rejected"
  | "registered"
  | "unconfirmed"
  | "offline"
  | "stopping";

/** What the next wake-up is for. */
export type Timer =
  | "attempt"
  | "unregister"
  | "grace"
  | "lookup"
  | "expiry"
  | "refresh"
  | "walk"
  | "roundWait"
  | "hold"
  | "failback";

/** What a target's last attempt came to. */
export type LastOutcome = "accepted" | { failed: number } | { rejected: number } | "silent" | "noAddress";

/** One target of the plan. */
export interface PlanEntry {
  target: Target;
  last?: LastOutcome;
  /** Until when a Retry-After holds it (rule 4.5). */
  heldUntilMs?: number;
}

/** Everything an agent desktop or a support engineer asks about (rule 7.3). */
export interface Status {
  state: State;
  /** The target of the last success; calls go there. */
  home?: Target;
  /** Whether home is of the primary tier of the plan. */
  primary: boolean;
  /** The rule by which home is not a primary. */
  why?: Rule;
  /** Failed REGISTERs in a row, at home or at the walk's current target. */
  streak: number;
  /** When home's binding ends. */
  expiresAtMs?: number;
  /** All targets, in the order in which they are to be tried. */
  plan: PlanEntry[];
  wakeMs?: number;
  wakeFor?: Timer;
  /** The target that the walk is trying now. */
  trying?: Target;
  /** Failed rounds since the last proven success (rule 4.4). */
  failedRounds: number;
}

/** How the targets of one priority are ordered (rules 2.2, 2.3). */
export type Selection = "weighted" | "rfc2782" | "highestWeight";

/** Why a record was dropped (rule 2.7). */
export type DropReason = "portZero" | "badName" | "nameTooLong" | "root" | "sameTarget";

/** Where and how to register. All fields are optional: what is absent is the policy's default. */
export interface Config {
  /** The SRV record, as `_sip._udp.example.com`. Used before the proxy (rule 1.1). */
  srvRecord?: string | null | undefined;
  /** An outbound proxy: `host`, `host:port`, or a URL such as `wss://host/ws` (rule 1.1). */
  outboundProxy?: string | null | undefined;
  /** The SIP domain: the TLS name where nothing else gives it, and what discovery asks about (rules 1.4, 1.6). */
  domain?: string | null | undefined;
  /** The transport, for names and proxies that do not say it (rule 1.3). */
  transport?: Transport | null | undefined;
  /** Which name the registrar's certificate must carry: default `domain` (rule 1.6). */
  tlsName?: "domain" | "target" | { name: string } | undefined;
  lookup?: LookupConfig | undefined;
  order?: OrderConfig | undefined;
  rollover?: RolloverConfig | undefined;
  refresh?: RefreshConfig | undefined;
  failback?: FailbackConfig | undefined;
}

/** Section 1: looking up. */
export interface LookupConfig {
  /** How long a round waits for DNS: 100 ms to 60 s, default 5 s (rule 1.2). */
  timeoutMs?: number | undefined;
  /** Whether to try the SRV names of 1.3 for a bare domain or proxy; default off (rule 1.4). */
  discover?: boolean | undefined;
  /** The names to try, as `_sips._tcp`, best first; empty means all of 1.3. */
  candidates?: readonly string[] | undefined;
  /** The transports that the host supports, best first (rule 1.4). */
  transports?: readonly Transport[] | undefined;
  /** Who resolves a target's host name; default `host` (rule 1.5). */
  addresses?: "host" | "core" | undefined;
  /** Whether the host can set the TLS name; a browser cannot. Default true (rule 1.6). */
  hostSetsTlsName?: boolean | undefined;
  /** Groups of targets by host pattern (rule 1.7). */
  sites?: readonly { name: string; hosts: readonly string[] }[] | undefined;
  /** Use this site's targets only (rule 1.7). */
  pinToSite?: string | null | undefined;
}

/** Section 2: order. */
export interface OrderConfig {
  selection?: Selection | undefined;
  /** How many targets are kept: 1 to 64, default 64 (rule 2.4). */
  maxTargets?: number | undefined;
  /** Whether each refresh draws again inside home's tier; default `persist` (rule 2.5). */
  redraw?: "persist" | "distribute" | undefined;
}

/** Sections 3 and 4: failures, rollover, waiting. */
export interface RolloverConfig {
  /** N: failed REGISTERs in a row before the next target; 1 to 20, default 3 (rule 4.1). */
  failuresBeforeRollover?: number | undefined;
  /** T: the time one attempt has; 1 to 64 s, default 10 s (rule 3.1). */
  attemptTimeoutMs?: number | undefined;
  /** RI: the least time between two attempts at one target; 1 to 600 s, default 5 s (rule 4.4). */
  retryIntervalMs?: number | undefined;
  /** The longest wait after a failed round; RI to 1 h, default 300 s (rule 4.4). */
  roundWaitMaxMs?: number | undefined;
  /** The longest wait when every target rejected, 30 s to 24 h, default 1800 s; null means never by itself (rule 3.4). */
  rejectedRetryMs?: number | null | undefined;
  /** Where to look when home is lost; default `tier` (rule 4.3). */
  afterLoss?: "tier" | "next" | undefined;
  /** What a Retry-After does; default `count` (rule 4.5). */
  retryAfter?: "count" | "leave" | undefined;
  /** The most that recovery waits, and a thirtieth of what the end of a TTL or a hold adds; 0 to 60 s, default 2 s (rule 4.6). */
  recoverySpreadMs?: number | undefined;
  /** The same for the first REGISTER after start; 0 to 600 s, default 0 (rule 4.6). */
  startSpreadMs?: number | undefined;
  /** Status codes (300 to 699) or classes (3 to 6) that mean something else than rule 3.2 says. */
  outcomes?: readonly { code: number; meaning: "failure" | "rejection" }[] | undefined;
}

/** Section 5: staying registered. */
export interface RefreshConfig {
  /** The expiry to ask for, in seconds; 10 s to 24 h, default 3600 s. */
  expires?: number | undefined;
  /** A fixed time between refreshes, 5 s to 24 h; null (default) draws it from the grant (rule 5.2). */
  intervalMs?: number | null | undefined;
  /** How late the host's timers may be; 0 to 600 s, default 0 (rule 5.2). */
  timerSlackMs?: number | undefined;
  /** Who sends the refreshes; default `core` (rule 5.2). */
  owner?: "core" | "application" | undefined;
}

/** Section 6: back to the primary. */
export interface FailbackConfig {
  /** A restart walks from the primary; default on (rule 6.1). */
  onRestart?: boolean | undefined;
  /** Loss of home leads back to the primary; default on (rule 6.2). */
  onLoss?: boolean | undefined;
  /** An agent login tries the primary; default on (rule 6.3). */
  onAgentLogin?: boolean | undefined;
  /** `tryPrimary` tries the primary; default on (rule 6.4). */
  onManual?: boolean | undefined;
  /** Trying the primary without being asked; default `never` (rules 5.1, 6.4). */
  every?: "never" | "ttl" | "refresh" | { millis: number } | undefined;
  /** No excursion to a tier so soon after home left it; 0 (off, default) to 24 h (rule 6.5). */
  holdOffMs?: number | undefined;
  /** Unregister the old home when another target has become home; default on (rule 6.7). */
  unregisterOld?: boolean | undefined;
}

/** A named starting point. */
export type PresetName = "default" | "xima" | "tpi" | "genesys" | "broadworks" | "rfc3263";

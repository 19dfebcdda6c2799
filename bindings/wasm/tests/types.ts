// Compiled, never run: what the types let through, and what they do not.

import {
  type Action,
  type Answer,
  type Config,
  type Event,
  type Input,
  init,
  type Outcome,
  Registration,
  RehomeError,
  type Status,
  type Step,
  type Target,
} from "@rehome/sip";
import { init as initInline } from "@rehome/sip/inline";

export async function good(): Promise<void> {
  await init();
  await init("rehome.wasm");
  await init(fetch("rehome.wasm"));
  await init(new Uint8Array());
  await initInline();
  using phone = new Registration({ srvRecord: "_sip._udp.example.test", rollover: { rejectedRetryMs: null } }, 1);
  const step: Step = phone.step({ type: "start" }, performance.now() | 0);
  for (const action of step.actions) done(action);
  for (const event of step.events) say(event);
  const status: Status = phone.status(0);
  const home: Target | undefined = status.home;
  if (home) phone.step({ type: "flowLost", target: home }, 1);
  const wake: number | null = step.wakeMs;
  Registration.restore({}, 1, phone.snapshot(0, Date.now()), wake ?? 0, Date.now());
  try {
    phone.target(1);
  } catch (error) {
    if (error instanceof RehomeError && error.code === "freed") return;
  }
}

function done(action: Action): string {
  switch (action.type) {
    case "lookup":
      return action.name;
    case "register":
      return `${action.target.host} ${action.address ?? ""}`;
    case "unregister":
      return String(action.binding);
    case "cancel":
      return String(action.id);
  }
}

function say(event: Event): string {
  switch (event.type) {
    case "attemptFailed":
      return typeof event.reason === "object" && "status" in event.reason ? String(event.reason.status) : event.rule;
    case "roundFailed":
      return String(event.untilMs ?? "never");
    case "rolledOver":
      return event.from.host + event.to.host;
    default:
      return event.type;
  }
}

const answers: Answer[] = [{ type: "noName" }, { type: "noName", ttl: null }, { type: "failed", cause: "timeout" }];
const outcomes: Outcome[] = [{ type: "accepted" }, { type: "status", code: 503, retryAfter: 5 }, { type: "notSent" }];
const inputs: Input[] = [
  { type: "answer", id: 1, answer: answers[0] as Answer },
  { type: "outcome", id: 1, outcome: outcomes[0] as Outcome },
];
const configs: Config[] = [{ failback: { every: { millis: 60_000 } } }, { tlsName: { name: "x" } }, {}];

// @ts-expect-error an unknown type
const unknownType: Input = { type: "begin" };
// @ts-expect-error a missing field
const missing: Input = { type: "answer", id: 1 };
// @ts-expect-error a field of another outcome
const other: Outcome = { type: "accepted", retryAfter: 5 };
// @ts-expect-error a cause of another kind
const cause: Answer = { type: "failed", cause: "noRoute" };
// @ts-expect-error an unknown setting
const setting: Config = { rollover: { failures: 3 } };
// @ts-expect-error a number it is
const seconds: Config = { refresh: { expires: "3600" } };
// @ts-expect-error the seed has no default
const unseeded = () => new Registration({});
// @ts-expect-error no bigint
const big = (phone: Registration) => phone.step({ type: "wake" }, 5n);
const write = (target: Target) => {
  // @ts-expect-error a target is not for writing
  target.port = 1;
};
const own = (error: RehomeError) => {
  // @ts-expect-error nor is an error
  error.code = "config";
};

export { big, cause, configs, inputs, missing, other, own, seconds, setting, unknownType, unseeded, write };

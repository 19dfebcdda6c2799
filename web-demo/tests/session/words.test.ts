import type { Rule } from "@rehome/sip";
import { expect, test } from "vitest";
import { shortNames } from "../../src/session/names.js";
import { policy, ruleOf } from "../../src/session/policy.js";
import { spanWords } from "../../src/session/units.js";
import { eventWords, stateWords, whyWords } from "../../src/session/words.js";

const A = "a.example.test:8080/ws";

test("facts that are known beside the event are used, and left out where they are not", () => {
  const failed = { type: "attemptFailed", rule: "3.2", target: A, reason: { status: 503 }, streak: 2 } as const;
  expect(eventWords(failed)).toEqual({
    text: "REGISTER at a.example.test:8080 answered 503: failure 2 in a row",
    tone: "bad",
  });
  expect(eventWords(failed, { failures: 3, name: () => "a" }).text).toBe("REGISTER at a answered 503: failure 2 of 3");
  const round = { type: "roundFailed", rule: "4.2", rejected: false, rounds: 2, untilMs: 20_000 } as const;
  expect(eventWords(round).text).toBe("No target has accepted: failed round 2");
  expect(eventWords(round, { nowMs: 8000 }).text).toBe("No target has accepted: failed round 2, the next in 12 s");
  expect(eventWords({ type: "roundFailed", rule: "3.4", rejected: true, rounds: 1 }).text).toBe(
    "Every target has rejected: failed round 1, none follows by itself",
  );
  const deferred = { type: "triggerDeferred", rule: "6.6", trigger: "agentLogin", reason: "busy" } as const;
  expect(eventWords(deferred, { nowMs: 1 }).text).toBe("Agent login waits: a call is up");
});

test("a live event names its targets by their records", () => {
  const target = {
    id: 1,
    host: "2001:db8::1",
    port: 5060,
    transport: "udp",
    tlsName: "x",
    priority: 1,
    weight: 1,
  } as const;
  expect(eventWords({ type: "homeKept", rule: "6.3", target }).text).toBe(
    "No other target has become home: it stays [2001:db8::1]:5060",
  );
});

test("an event newer than the page is told by its name", () => {
  expect(eventWords({ type: "teleported", rule: "9.9" })).toEqual({ text: "teleported", tone: "plain" });
  expect(eventWords({ type: "toString", rule: "9.9" }).text).toBe("toString");
  expect(eventWords({ type: "homeLost", rule: "4.3", target: A, reason: "boredom" } as never).text).toMatch(
    /boredom$/u,
  );
});

test("short names leave out what all share, and nothing else", () => {
  const two = shortNames(["dc1-spx1.example.test:8080/ws", "dc2-spx1.example.test:8080/ws"]);
  expect(two("dc1-spx1.example.test:8080/ws")).toBe("dc1-spx1:8080");
  expect(two("other.test:8080/ws")).toBe("other.test:8080");
  expect(two("not a target")).toBe("not a target");
  const one = shortNames(["pbx.example.test:8080/ws"]);
  expect(one("pbx.example.test:8080/ws")).toBe("pbx.example.test:8080");
  const mixed = shortNames(["a.x.test:5060/udp", "a.x.test:5060/tcp", "192.0.2.1:5060/udp", "[2001:db8::1]:5060/udp"]);
  expect(mixed("a.x.test:5060/tcp")).toBe("a.x.test:5060/tcp");
  expect(mixed("[2001:db8::1]:5060/udp")).toBe("[2001:db8::1]:5060/udp");
  const nested = shortNames(["test:1/ws", "a.test:1/ws"]);
  expect([nested("test:1/ws"), nested("a.test:1/ws")]).toEqual(["test:1", "a.test:1"]);
});

test("spans of time", () => {
  expect([0, 300, 1000, 2500, 12_000, 119_400, 120_000, 1_800_000, 7_200_000].map(spanWords)).toEqual([
    ..."0 ms,300 ms,1 s,2.5 s,12 s,119 s,2 min,30 min,2 h".split(","),
  ]);
});

test("states, and why home is no primary", () => {
  expect([stateWords("unconfirmed"), stateWords("dreaming" as never)]).toEqual(["Registration in doubt", "dreaming"]);
  const home = { id: 1 } as never;
  const why = (rule: Rule) => whyWords({ home, primary: false, why: rule });
  expect(why("4.1")).toBe("A primary failed too often in a row, so the next target was tried.");
  expect(why("9.9")).toBe("Home is not at a primary by rule 9.9.");
  expect(whyWords({ home, primary: true })).toBeUndefined();
  expect(whyWords({ primary: false })).toBeUndefined();
});

test("the policy in its parts", () => {
  expect(policy.title).toBe("The registration policy, rule by rule");
  expect(policy.before).toMatch(/^What the core must do\..*## Words\n- \*target\*/su);
  expect(policy.sections.map(({ number, title }) => [number, title])).toEqual([
    [0, "How a step runs"],
    [1, "Where to register"],
    [2, "In which order"],
    [3, "What an attempt's outcome means"],
    [4, "Rollover"],
    [5, "Staying"],
    [6, "Back to the primary"],
    [7, "Saying what happens"],
  ]);
  expect(ruleOf("4.1")).toEqual({
    id: "4.1",
    from: "X",
    sentences: [
      {
        id: "4.1a",
        text: "After three failures in a row at the current target (N, 1 to 20) the next target of the walk is current, with a streak of 0.",
      },
      { id: "4.1b", text: "The count alone decides: no timer, no minimum, no maximum interval." },
    ],
  });
  expect(policy.sections.at(-1)?.after).toMatch(/^Of the host it asks: CSeq rising .* or `resumed`\.$/su);
  expect(policy.sections.slice(0, -1).every(({ after }) => after === "")).toBe(true);
  const rules = policy.sections.flatMap(({ rules }) => rules);
  expect(rules.every(({ id, from, sentences }) => from !== "" && sentences.every((of) => of.id.startsWith(id)))).toBe(
    true,
  );
});

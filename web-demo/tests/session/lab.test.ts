// What the page says of the lab, and of its own times.

import { afterEach, expect, test, vi } from "vitest";
import { CONFIG, TIMES_NOTE, USUAL } from "../../src/desktop/settings.js";
import { countSeen } from "../../src/lab/count.js";
import { DNS_FAILURES, FAILURES, Lab } from "../../src/lab/lab.js";
import { dnsFaultText, faultText } from "../../src/lab/words.js";
import { answer, refused, session } from "./sessions.js";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the lab is asked once a second, however often the page is hidden and shown while an answer is due", async () => {
  vi.useFakeTimers();
  let shown = () => {};
  vi.stubGlobal("document", {
    hidden: false,
    addEventListener: (_: string, listener: () => void) => (shown = listener),
  });
  let asked = 0;
  vi.stubGlobal("fetch", async (url: string) => {
    const isState = url.endsWith("/");
    if (isState) asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return Response.json(isState ? { dohUrls: [], registrars: [], dnsFaults: [] } : []);
  });
  const lab = new Lab("http://lab.test", "alice");
  lab.watch();
  for (let time = 0; time < 5; time += 1) shown();
  await vi.advanceTimersByTimeAsync(1000);
  asked = 0;
  await vi.advanceTimersByTimeAsync(12_000);
  // Each answer takes 0.2 s, and the next question comes a second later.
  expect(asked).toBe(10);
  expect(lab.view.value.trouble).toBeUndefined();
});

test("REGISTERs are counted by registrar and by what came of them", () => {
  const seen = (registrar: string, code: number | null, expires = 24, method = "REGISTER") => {
    return { atMs: 0, registrar, method, expires, code };
  };
  const log = [
    seen("a", 401),
    seen("a", 200),
    seen("a", 200, 0),
    seen("a", 503),
    seen("a", null),
    seen("b", 403),
    seen("b", 200, 24, "OPTIONS"),
  ];
  expect(countSeen(["a", "b", "c"], log)).toEqual([
    { registrar: "a", registers: 5, challenged: 1, accepted: 1, removed: 1, refused: 1, unanswered: 1 },
    { registrar: "b", registers: 1, challenged: 0, accepted: 0, removed: 0, refused: 1, unanswered: 0 },
    { registrar: "c", registers: 0, challenged: 0, accepted: 0, removed: 0, refused: 0, unanswered: 0 },
  ]);
});

test("each failure that can be chosen is named as what it is", () => {
  const registrars = Object.values(FAILURES).map(({ body }) => faultText(body));
  expect(registrars).toEqual("cut off;silent;503;503, Retry-After 10 s;403;3 s late;no WebSocket".split(";"));
  const dns = Object.values(DNS_FAILURES).map(({ body }) => dnsFaultText(body));
  expect(dns).toEqual(
    ["answers SERVFAIL", "silent", "says no such name", "3 s late"].map((what) => `${what}, both views`),
  );
  expect(dnsFaultText({ kind: "servfail", view: 2 })).toBe("answers SERVFAIL, view of data centre 2");
});

test("the times in the page’s foot are those of its configuration, and of a phone without one", () => {
  expect(TIMES_NOTE).toContain("a binding lasts 24 s, an attempt has 2 s, tries at one server are 1 s apart");
  expect(TIMES_NOTE).toContain("a failed round waits 8 s at most. The usual values are 60 min, 10 s, 5 s and 5 min.");
  const { steps } = session(
    [
      [0, { type: "start" }],
      [20, answer(1)],
      [30, refused(2)],
      ["wake", { type: "wake" }],
    ],
    { srvRecord: CONFIG.srvRecord },
  );
  const [first, second] = steps.flatMap((step) => (step.op === "step" ? step.actions : [])).slice(1);
  const { attemptTimeoutMs, retryIntervalMs } = USUAL.rollover;
  expect(first).toMatchObject({ expires: USUAL.refresh.expires, deadlineMs: 20 + attemptTimeoutMs });
  expect(second).toMatchObject({ type: "register", attempt: 2, deadlineMs: 20 + retryIntervalMs + attemptTimeoutMs });
});

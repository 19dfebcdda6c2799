import { expect, test } from "vitest";
import { readScenario } from "../../src/session/read.js";
import { run } from "../../src/session/run.js";
import { statusAt } from "../../src/session/status.js";
import { accepted, answer, fileOf, STORY, session } from "./sessions.js";

const scenario = session(STORY);
const at = (ms: number) => statusAt({ scenario, complete: true }, ms);

test("the status between two steps, with times on the session's axis", () => {
  expect(at(-1)).toMatchObject({ state: "stopped", plan: [] });
  expect(at(0)).toMatchObject({ state: "lookingUp", wakeMs: 2000, wakeFor: "lookup" });
  expect(at(500)).toMatchObject({ state: "registering", streak: 1, wakeMs: 1030, wakeFor: "walk" });
  expect(at(500)?.plan.map(({ heldUntilMs }) => heldUntilMs)).toEqual([7030, undefined]);
  expect(at(6000)).toMatchObject({
    state: "registered",
    home: { host: "b.example.test" },
    primary: false,
    why: "4.1",
    expiresAtMs: 64_040,
  });
  expect(at(8000)?.plan[0]).not.toHaveProperty("heldUntilMs");
  expect(at(11_000)).toMatchObject({ home: { host: "a.example.test" }, primary: true });
});

test("after a reload, times of the new clock are on the same axis", () => {
  // While the page is away it is as it was left.
  expect(at(16_999)).toMatchObject({ state: "registered", wakeFor: "refresh" });
  // The REGISTER at 17 s was granted 60 s.
  expect(at(18_000)).toMatchObject({ state: "registered", expiresAtMs: 77_000, wakeMs: 47_000 });
  expect(at(99_999)).toMatchObject({ state: "stopped" });
});

test("without its beginning, or where the log is not what comes out, there is none", () => {
  expect(statusAt({ scenario, complete: false }, 100)).toBeUndefined();
  expect(statusAt({ scenario: { ...scenario, steps: scenario.steps.slice(3) }, complete: true }, 9000)).toBeUndefined();
  const other = structuredClone(scenario);
  other.config = { ...other.config, srvRecord: null };
  expect(statusAt({ scenario: other, complete: true }, 100)).toBeUndefined();
});

test("a new process begins anew, and its status is the new one's", () => {
  const { exported, difference } = run(
    readScenario(
      fileOf([
        [0, { type: "start" }],
        [20, answer(1)],
        [40, accepted(2)],
        { op: "restart", atMs: 5000 },
        [5000, { type: "start" }],
      ]),
    ),
  );
  // The file expects no actions and no wake-ups.
  expect(difference).toMatch(/^step 0 \(0 ms\): actions\[0\]: expected none/u);
  expect(statusAt(exported, 4999)).toMatchObject({ state: "registered" });
  expect(statusAt(exported, 5000)).toMatchObject({ state: "lookingUp", plan: [] });
});

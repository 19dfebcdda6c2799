import * as api from "@rehome/sip";
import { expect, test } from "vitest";
import { readAll } from "./scenarios/files.mjs";
import { canonical, Hash, layOver, runAll } from "./scenarios/runner.mjs";

test("the trace hash is the documented one", () => {
  expect(new Hash().hex()).toBe("cbf29ce484222325");
  // FNV-1a, 64 bit, of "a\n", reckoned with big integers.
  const reckoned = [97n, 10n].reduce((h, b) => ((h ^ b) * 0x100000001b3n) % 2n ** 64n, 0xcbf29ce484222325n);
  const hash = new Hash();
  hash.line("a");
  expect(hash.hex()).toBe(reckoned.toString(16).padStart(16, "0"));
});

test("canonical JSON is sorted, compact and without null", () => {
  expect(canonical({ b: [1, { z: null, y: 'a"\\/é\n\u0001' }], B: true, a: undefined })).toBe(
    '{"B":true,"b":[1,{"y":"a\\"\\\\/é\\n\\u0001"}]}',
  );
  expect(layOver({ a: { b: 1, c: [1] } }, { a: { c: [2] } })).toEqual({ a: { b: 1, c: [2] } });
});

test("a failed expectation fails", async () => {
  const { files } = readAll();
  const [name, good] = files.find(([, scenario]) => scenario.steps[0].actions?.length > 0) as [string, any];
  const bad = structuredClone(good);
  bad.steps[0].actions[0].id = 77;
  expect((await runAll(api, [[name, bad]])).failures[0]).toMatch(/step 0 .*actions\[0\]\.id: expected 77/);
});

test("a step that gives a hash may come to anything that has it", async () => {
  const step = (input: object, hash: string) => ({ op: "step", atMs: 0, input, hash });
  const outcome = { type: "outcome", id: 7, outcome: { type: "noAddress" } };
  const ran = async (hash: string) => {
    const config = { srvRecord: "_sip._udp.example.test" };
    const scenario = { schemaVersion: 1, config, seed: 1, steps: [step(outcome, hash)] };
    return (await runAll(api, [["a.json", scenario]])).failures;
  };
  const hash = new Hash();
  hash.line('{"step":0}');
  hash.line('{"error":"unknownId"}');
  expect(await ran(hash.hex())).toEqual([]);
  expect(await ran("0000000000000000")).toEqual([
    `a.json: step 0 (0 ms): hash: expected 0000000000000000, it is ${hash.hex()}`,
  ]);
});

test("all scenarios pass", async () => {
  const { count, files } = readAll();
  expect(files.length).toBe(count);
  const { failures } = await runAll(api, files);
  expect(failures).toEqual([]);
});

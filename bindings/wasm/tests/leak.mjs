// 100,000 steps and 2,000 lives: the module's memory must not grow after the first tenth. Run with --expose-gc.

import { strict as assert } from "node:assert";
import { Registration } from "@rehome/sip";

assert.ok(globalThis.gc, "run it with node --expose-gc");

const config = { srvRecord: "_sip._udp.example.test", rollover: { failuresBeforeRollover: 2 } };
const record = (name) => ({ priority: 10, weight: 50, port: 5060, target: `${name}.example.test` });
const records = ["a", "b", "c"].map(record);

/** Answers whatever is asked for, `steps` times; each second attempt fails. */
function drive(phone, steps) {
  let now = 0;
  let step = phone.step({ type: "start" }, now);
  for (let count = 1; count < steps; count += 1) {
    now += 10;
    const action = step.actions.find(({ type }) => type !== "cancel");
    if (action?.type === "lookup") {
      step = phone.step({ type: "answer", id: action.id, answer: { type: "srv", records, ttl: 60 } }, now);
    } else if (action) {
      const outcome = count % 2 ? { type: "accepted", expires: 60 } : { type: "status", code: 503, retryAfter: 1 };
      step = phone.step({ type: "outcome", id: action.id, outcome }, now);
    } else if (count % 97 === 0) {
      step = phone.step({ type: "networkChanged" }, now);
    } else {
      now = Math.max(now, step.wakeMs ?? now);
      step = phone.step({ type: "wake" }, now);
    }
    if (count % 50 === 0) phone.status(now);
    if (count % 500 === 0) phone.snapshot(now, now);
    if (count % 100 === 0) {
      try {
        phone.step({ type: "outcome", id: 4_000_000_000, outcome: { type: "accepted" } }, now);
        assert.fail("there was no error");
      } catch (error) {
        assert.equal(error.code, "unknownId");
      }
    }
  }
}

function lives(count, free) {
  for (let life = 0; life < count; life += 1) {
    const phone = new Registration(config, life);
    drive(phone, 10);
    const other = Registration.restore(config, life, phone.snapshot(1000, 0), 0, 1000);
    if (free) {
      phone.free();
      other.free();
    }
  }
}

async function collected() {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heapUsed, outside: external + arrayBuffers };
}

const phone = new Registration(config, 1);
drive(phone, 10_000);
lives(200, true);
lives(200, false);
const before = await collected();
const long = new Registration(config, 2);
drive(long, 90_000);
lives(1_000, true);
// Forgotten ones are freed by the garbage collector.
for (let batch = 0; batch < 10; batch += 1) {
  lives(100, false);
  await collected();
}
const after = await collected();
phone.free();
long.free();
const grown = { heap: after.heapUsed - before.heapUsed, outside: after.outside - before.outside };
console.log(`grown by ${grown.heap} bytes of heap, ${grown.outside} outside it (the module's memory among them)`);
assert.ok(grown.heap < 512 * 1024, "the heap has grown");
assert.ok(grown.outside <= 128 * 1024, "the module's memory has grown");

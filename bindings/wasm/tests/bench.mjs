// Nanoseconds a step, on this machine: compare rows with each other, not machines.

import { Registration } from "@rehome/sip";

const config = { srvRecord: "_sip._udp.example.test", refresh: { expires: 60 } };
const record = (name) => ({ priority: 10, weight: 50, port: 5060, target: `${name}.example.test` });
const records = ["a", "b"].map(record);

function measure(name, count, call) {
  for (let warm = 0; warm < count / 5; warm += 1) call(warm);
  const from = process.hrtime.bigint();
  for (let index = 0; index < count; index += 1) call(index);
  const each = Number(process.hrtime.bigint() - from) / count;
  console.log(name.padEnd(44), `${Math.round(each).toLocaleString("en").padStart(8)} ns`);
}

const phone = new Registration(config, 1);
let now = 0;
phone.step({ type: "start" }, now);
phone.step({ type: "answer", id: 1, answer: { type: "srv", records, ttl: 86_400 } }, now);
phone.step({ type: "outcome", id: 2, outcome: { type: "accepted", expires: 60 } }, now);
measure("wake, nothing due", 300_000, () => phone.step({ type: "wake" }, now));

/** A refresh: the wake-up that asks for it, and its outcome with its event. */
function refresh() {
  const { wakeMs } = phone.step({ type: "wake" }, now);
  now = wakeMs ?? now;
  const { actions } = phone.step({ type: "wake" }, now);
  for (const action of actions) {
    const input =
      action.type === "lookup"
        ? { type: "answer", id: action.id, answer: { type: "srv", records, ttl: 86_400 } }
        : { type: "outcome", id: action.id, outcome: { type: "accepted", expires: 60 } };
    phone.step(input, now);
  }
}
measure("refresh (three steps, an action, an event)", 100_000, refresh);
measure("status of two targets", 100_000, () => phone.status(now));
measure("snapshot", 100_000, () => phone.snapshot(now, now));
measure("new Registration and free", 20_000, (seed) => new Registration(config, seed).free());
phone.free();

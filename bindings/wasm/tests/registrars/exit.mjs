// Run by exit.test.ts: closes in every state, and a hundred rounds. The process must end by itself, and not have grown.

import { createServer } from "node:net";
import { jssip } from "@rehome/sip/jssip";
import { sipjs } from "@rehome/sip/sipjs";
import JsSIP from "jssip";
import { UserAgent } from "sip.js";
import { WebSocket } from "ws";

const [, , library, control] = process.argv;
const world = await (await fetch(control)).json();
const [host, port] = world.registrars.find((registrar) => registrar.name === "dc2-spx1").ws.split(":");
const target = { id: 1, host, port: Number(port), transport: "ws", tlsName: "x", priority: 0, weight: 0 };
const user = `exit-${library}-${process.pid}`;
const never = { signal: new AbortController().signal };
const fault = (method, body) =>
  fetch(new URL(`registrars/dc2-spx1/fault/${user}`, control), {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  }).then((response) => response.json());

let thrown = 0;
process.on("uncaughtException", (error) => {
  if (error.message !== "the application's") throw error;
  thrown++;
});

function make(more) {
  const options = {
    WebSocket,
    uri: `sip:${user}@example.test`,
    password: "secret",
    url: `ws://{host}:{port}/ws?user=${user}`,
    ...more,
  };
  return library === "jssip" ? jssip({ JsSIP, ...options }) : sipjs({ UserAgent, ...options });
}
const register = (registrar, to = target) =>
  registrar.register({ id: 1, target: to, binding: 1, attempt: 1, expires: 60 }, never);
const unregister = (registrar) => registrar.unregister({ id: 2, target, binding: 1 }, never);

async function rounds(count) {
  for (let i = 0; i < count; i++) {
    const registrar = make();
    for (const outcome of [await register(registrar), await register(registrar), await unregister(registrar)])
      if (outcome.type !== "accepted") throw new Error(JSON.stringify(outcome));
    registrar.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 700));
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

// What the application's listeners throw is the application's to see, and stops nothing.
const boom = () => {
  throw new Error("the application's");
};
const rude = make(
  library === "jssip"
    ? { onUserAgent: (ua) => boom(ua.on("connected", boom).on("disconnected", boom)) }
    : { onUserAgent: boom, userAgentOptions: { delegate: { onConnect: boom, onDisconnect: boom } } },
);
if ((await register(rude)).type !== "accepted") throw new Error("a listener's exception stopped it");
await fault("PUT", { kind: "hangUp" });
await register(rude);
await new Promise((resolve) => setTimeout(resolve, 100));
await fault("DELETE");
if ((await register(rude)).type !== "accepted") throw new Error("a listener's exception stopped it");
rude.close();

const warm = await rounds(20);
const begin = Date.now();
const grown = (await rounds(100)) - warm;
const perRound = (Date.now() - begin - 700) / 100;

// Never used, connecting to somebody silent, refused, registered, in flight, after a lost connection.
make().close();
const silent = createServer((socket) => socket.resume().on("error", () => {})).listen(0, "127.0.0.1");
silent.unref();
await new Promise((resolve) => silent.once("listening", resolve));
const connecting = make();
const waiting = register(connecting, { ...target, id: 2, host: "127.0.0.1", port: silent.address().port });
await new Promise((resolve) => setTimeout(resolve, 50));
connecting.close();
await waiting;
silent.close();
const refused = make();
await register(refused, { ...target, id: 3, host: "127.0.0.1", port: 1 });
refused.close();
const registered = make();
await register(registered);
registered.close();
registered.close();
const inFlight = make();
await register(inFlight);
await fault("PUT", { kind: "silent" });
const pending = register(inFlight);
await new Promise((resolve) => setTimeout(resolve, 50));
inFlight.close();
await pending;
await fault("PUT", { kind: "hangUp" });
const lost = make();
await register(lost);
await new Promise((resolve) => setTimeout(resolve, 50));
lost.close();
await fault("DELETE");
const closed = Date.now();
process.on("exit", () => {
  console.log(JSON.stringify({ grown, perRound, thrown, lingeredMs: Date.now() - closed }));
});

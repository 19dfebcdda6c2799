// Calls: out on the user agent of home, in at the Contact of a binding, and what becomes of them.

import { describe, expect, test } from "vitest";
import type { Answer, SipRequest } from "./fake-sip.js";
import { sleep, until } from "./lab.js";
import { type Library, libraries, SDP } from "./libraries.js";
import { AT_FAKE, account, fakeSip, phone } from "./phone.js";

const BOB = "sip:bob@example.test";

/** A desk registered at a server that answers a call as is said. */
async function desk(library: Library, answerToInvite: Answer) {
  const server = await fakeSip((request) => {
    if (request.text.startsWith("INVITE")) return answerToInvite;
    return request.text.startsWith("ACK") ? undefined : { code: 200 };
  });
  let rang = 0;
  const { registrar, call } = library.desk({ ...AT_FAKE, password: undefined }, () => rang++);
  const { target } = server;
  const { register, unregister, lost } = phone(registrar, target);
  expect(await register({ binding: 5 })).toMatchObject({ type: "accepted" });
  const request = (method: string) => server.requests.find(({ text }) => text.startsWith(method)) as SipRequest;
  const own = request("REGISTER");
  const ring = () => server.invite(/<(.*?)>/.exec(own.header("Contact"))?.[1] ?? "", own.socket, SDP);
  const codes = () => server.responses.map((text) => text.split(" ")[1]);
  const rings = () => rang;
  return { server, registrar, target, register, unregister, lost, call, request, ring, rings, codes };
}

const ACCEPTS = { code: 200, body: SDP };

describe.each(libraries)("$name", (library) => {
  test("a target's user agent stays the same over a lost connection", async () => {
    const { lab, register, registrar } = await account(library, "calls");
    expect(registrar.userAgentFor(lab.target)).toBeUndefined();
    await register();
    expect(await library.options(registrar, lab.target)).toBe(200);
    const before = registrar.userAgentFor(lab.target);
    await lab.fault({ kind: "hangUp" });
    await register();
    await sleep(50);
    await lab.mend();
    await register();
    // So calls outlive it.
    expect(registrar.userAgentFor(lab.target)).toBe(before);
    expect(await library.options(registrar, lab.target)).toBe(200);
  });

  test("out on the user agent of home, in at the Contact of a binding", async () => {
    const { server, target, call, ring, rings, codes } = await desk(library, { code: 486 });
    await call(target, BOB);
    await until(() => server.requests.length === 3);
    expect(server.methods).toEqual(["REGISTER", "INVITE", "ACK"]);
    expect(rings()).toBe(0);
    ring();
    await until(() => server.responses.length >= 2);
    expect(rings()).toBe(1);
    expect(codes()).toEqual(["100", "180"]);
  });

  test("the user agent and its connection stay until the call has ended", async () => {
    const { server, registrar, target, call, unregister, request } = await desk(library, ACCEPTS);
    const talk = await call(target, BOB);
    expect([talk.ended(), talk.media()]).toEqual([false, true]);
    expect(await unregister({ binding: 5 })).toEqual({ type: "accepted" });
    await sleep(300);
    expect(registrar.userAgentFor(target)).toBeDefined();
    expect(server.open).toBe(1);
    server.bye(request("INVITE"));
    await until(() => talk.ended());
    await until(() => server.open === 0, 15_000);
    expect(registrar.userAgentFor(target)).toBeUndefined();
  });

  test("a call outlives the change to a new connection, and what the server says of it on the old one", async () => {
    const { server, registrar, target, call, register, request } = await desk(library, ACCEPTS);
    const talk = await call(target, BOB);
    registrar.networkChanged();
    expect(await register({ binding: 5 })).toMatchObject({ type: "accepted" });
    expect(server.connections).toBe(2);
    await sleep(100);
    expect([talk.ended(), server.open]).toEqual([false, 2]);
    server.bye(request("INVITE"));
    await until(() => talk.ended());
    await until(() => server.open === 1, 15_000);
  });

  test("close ends a call that is up: the other side is told, and the microphone closes", async () => {
    const { server, registrar, target, call } = await desk(library, ACCEPTS);
    const talk = await call(target, BOB);
    registrar.close();
    expect([talk.ended(), talk.media()]).toEqual([true, false]);
    await until(() => server.methods.includes("BYE"));
    await until(() => server.open === 0);
  });

  test("close turns away a call that still rings", async () => {
    const { server, registrar, ring, rings, codes } = await desk(library, ACCEPTS);
    ring();
    await until(() => rings() === 1);
    registrar.close();
    await until(() => codes().at(-1) === "480");
    await until(() => server.open === 0);
  });
});

// When a connection is taken for lost, when the next REGISTER takes a new one, and what becomes of the old.

import { describe, expect, test, vi } from "vitest";
import type { FakeSip, SipRequest } from "./fake-sip.js";
import { sleep, until } from "./lab.js";
import { libraries } from "./libraries.js";
import { AT_FAKE, account, atFake, cleanups, fakeSip, phone } from "./phone.js";

const NEVER = 60_000;

function block(ms: number): void {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

describe.each(libraries)("$name", (library) => {
  test("hangUp: accepted, then the flow is lost", async () => {
    const { lab, register, lost } = await account(library, "hangup");
    await lab.fault({ kind: "hangUp" });
    expect(await register()).toMatchObject({ type: "accepted" });
    await until(() => lost.length === 1);
    await lab.mend();
    expect(await register()).toMatchObject({ type: "accepted" });
    expect((await lab.bindings()).length).toBe(1);
    expect(lost).toEqual([lab.target]);
  });

  test("a connection cut with a REGISTER in flight", async () => {
    const { register, lost } = await atFake(library, (request) => void request.socket.terminate());
    expect(await register()).toEqual({ type: "unreachable", cause: "closed" });
    await sleep(20);
    expect(lost).toEqual([]);
  });

  test("a frozen server is noticed by the keep-alive", async () => {
    const { lab, register, lost } = await account(library, "frozen", { ping: { everyMs: 200, withinMs: 1500 } });
    await register();
    await sleep(500);
    expect(lost).toEqual([]);
    await lab.fault({ kind: "silent" });
    await until(() => lost.length === 1, 10_000);
    await lab.mend();
    expect(await register()).toMatchObject({ type: "accepted" });
    await sleep(600);
    expect(lost.length).toBe(1);
  });

  /** The server is well, but its first connection has died in silence. */
  const atDeadConnection = async (ping: { everyMs: number; withinMs: number } | false) => {
    let dead = false;
    const held: SipRequest[] = [];
    const at = await atFake(
      library,
      (request) => {
        if (!dead || at.server.connections > 1) return { code: 200 };
        held.push(request);
        return undefined;
      },
      () => !dead || at.server.connections > 1,
      { ping },
    );
    expect(await at.register()).toMatchObject({ type: "accepted" });
    await until(() => !ping || at.server.pings > 0);
    // The answer to the ping after the first success has been read.
    await sleep(50);
    dead = true;
    return { ...at, held };
  };

  test("behind a dead connection only the first attempt fails: the next one takes a new connection", async () => {
    const { server, register, lost } = await atDeadConnection({ everyMs: NEVER, withinMs: 300 });
    // Given up like the driver does, and begun anew at once.
    void register({ within: 1000 });
    await sleep(1000);
    expect(lost).toEqual([server.target]);
    expect(await register({ within: 5000 })).toMatchObject({ type: "accepted" });
    expect(server.connections).toBe(2);
  });

  test("the network changed: the next REGISTER takes a new connection, before any keep-alive has told", async () => {
    const { server, register, registrar, lost } = await atDeadConnection(false);
    registrar.networkChanged();
    expect(await register({ within: 5000 })).toMatchObject({ type: "accepted" });
    expect(server.connections).toBe(2);
    await until(() => server.open === 1);
    expect(await register()).toMatchObject({ type: "accepted" });
    expect(server.connections).toBe(2);
    expect(lost).toEqual([]);
  });

  test("a late answer on the former connection is heard, and then that connection goes", async () => {
    const { server, register, registrar, held } = await atDeadConnection(false);
    const late = register({ binding: 2, within: 200 });
    await until(() => held.length === 1);
    registrar.networkChanged();
    expect(await register({ binding: 3, within: 5000 })).toMatchObject({ type: "accepted" });
    expect(server.open).toBe(2);
    const [request] = held as [SipRequest];
    request.socket.send(server.write(request, { code: 200, headers: ["Expires: 44"] }));
    expect(await late).toEqual({ type: "accepted", expires: 44 });
    await until(() => server.open === 1);
  });

  test("silence for 32 s over a connection that says it lives: the next REGISTER takes a new one", async () => {
    const { server, register, held } = await atDeadConnection(false);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const silent = register({ within: NEVER });
      while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
      vi.advanceTimersByTime(33_000);
      expect(await silent).toEqual({ type: "unreachable", cause: "timeout" });
    } finally {
      vi.useRealTimers();
    }
    expect(await register()).toMatchObject({ type: "accepted" });
    expect(server.connections).toBe(2);
  });

  test("a page that was blocked while the answer came does not take its server for frozen", async () => {
    let blocked = 0;
    const blocking = () => {
      if (blocked++ === 1) block(2500);
      return true;
    };
    const ping = { everyMs: 300, withinMs: 2000 };
    const { server, register, lost } = await atFake(library, () => ({ code: 200 }), blocking, { ping });
    await register();
    await until(() => blocked > 3, 10_000);
    expect(lost).toEqual([]);
    expect(server.connections).toBe(1);
  });

  test("a server that answers no keep-alives is not taken for frozen", async () => {
    const ping = { everyMs: 100, withinMs: 100 };
    const { server, register, lost } = await atFake(library, () => ({ code: 200 }), false, { ping });
    await register();
    await until(() => server.pings > 2);
    expect(lost).toEqual([]);
    expect(server.connections).toBe(1);
  });

  test("no keep-alives at all", async () => {
    const { server, register } = await atFake(library, () => ({ code: 200 }), true, { ping: false });
    await register();
    await sleep(100);
    expect(server.pings).toBe(0);
  });

  test("a target with two addresses: its user agent is that of the address last registered at", async () => {
    const [one, two] = [await fakeSip(), await fakeSip()];
    const at = (server: FakeSip) => `127.0.0.1:${server.target.port}`;
    const url = (_: unknown, address: string | undefined) => `ws://${address}/ws`;
    const { target } = one;
    const { register, registrar, lost } = phone(library.make({ ...AT_FAKE, url }), target);
    await register({ address: at(one), binding: 1 });
    const first = registrar.userAgentFor(target);
    await register({ address: at(two), binding: 2 });
    const second = registrar.userAgentFor(target);
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
    // Home is at the other one.
    one.stop();
    await sleep(100);
    expect(lost).toEqual([]);
    expect(registrar.userAgentFor(target)).toBe(second);
    two.stop();
    await until(() => lost.length === 1);
    expect(lost).toEqual([target]);
  });

  test("a binding that has moved to another address needs its former connection no more", async () => {
    const [one, two] = [await fakeSip(), await fakeSip()];
    const url = (_: unknown, address: string | undefined) => `ws://${address}/ws`;
    const { register, lost } = phone(library.make({ ...AT_FAKE, url }), one.target);
    for (const { target } of [one, two]) await register({ address: `127.0.0.1:${target.port}` });
    await until(() => one.open === 0);
    expect(two.open).toBe(1);
    expect(lost).toEqual([]);
  });

  test("a user agent that the application starts itself waits for the registrar's connection", async () => {
    const server = await fakeSip();
    const connected: boolean[] = [];
    const registrar = library.make(AT_FAKE, (userAgent) => {
      // SIP.js rejects, JsSIP waits.
      Promise.resolve(userAgent.start()).catch(() => {});
      connected.push(userAgent.isConnected());
    });
    const { register } = phone(registrar, server.target);
    expect(await register()).toMatchObject({ type: "accepted" });
    expect(await library.options(registrar, server.target)).toBe(200);
    expect(connected).toEqual([false]);
    expect(server.connections).toBe(1);
  });

  test("a user agent that the application stops is a lost flow", async () => {
    const { lab, register, registrar, lost } = await account(library, "stopped");
    await register();
    library.stop(registrar, lab.target);
    await until(() => lost.length === 1, 10_000);
    expect(await register()).toMatchObject({ type: "accepted" });
  });

  test("a connect is given up at the signal, and does not stand in the way", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const sockets = new Set<import("node:net").Socket>();
    silent.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const target = { ...(await fakeSip()).target, port: (silent.address() as { port: number }).port };
    const { register, registrar } = phone(library.make(AT_FAKE), target);
    expect(await register({ within: 150 })).toEqual({ type: "unreachable", cause: "timeout" });
    const second = register({ within: 1500 });
    await until(() => sockets.size === 2);
    // A connect begun on the former network is begun anew.
    registrar.networkChanged();
    await until(() => sockets.size === 3);
    expect(await second).toEqual({ type: "unreachable", cause: "timeout" });
    const never = new AbortController();
    never.abort();
    const request = { id: 9, target, binding: 1, attempt: 1, expires: 60 };
    expect(await registrar.register(request, { signal: never.signal })).toEqual({ type: "notSent" });
  });
});

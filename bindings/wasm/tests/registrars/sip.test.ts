import type { SipRegistrar } from "@rehome/sip/jssip";
import { afterEach, describe, expect, test } from "vitest";
import type { Outcome, Target } from "../../ts/types.js";
import { FakeSip, type SipRequest } from "./fake-sip.js";
import { closedPort, Lab, sleep, targetAt, until } from "./lab.js";
import { libraries, type Options, SDP } from "./libraries.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Phone {
  registrar: SipRegistrar<unknown>;
  lost: Target[];
  register(options?: { binding?: number; expires?: number; within?: number; target?: Target }): Promise<Outcome>;
  unregister(options?: { binding?: number; target?: Target }): Promise<Outcome>;
}

describe.each(libraries)("$name", (library) => {
  function phone(target: Target, options: Options): Phone {
    const registrar = library.make(options);
    const lost: Target[] = [];
    registrar.onFlowLost = (which) => lost.push(which);
    cleanups.push(() => registrar.close());
    let id = 0;
    return {
      registrar,
      lost,
      register({ binding = 1, expires = 60, within = 10_000, target: other } = {}) {
        const request = { id: ++id, target: other ?? target, binding, attempt: 1, expires };
        return registrar.register(request, { signal: AbortSignal.timeout(within) });
      },
      unregister: ({ binding = 1, target: other } = {}) =>
        registrar.unregister({ id: ++id, target: other ?? target, binding }, { signal: AbortSignal.timeout(4000) }),
    };
  }
  const account = async (what: string, options: Partial<Options> = {}) => {
    const lab = await Lab.account(`${library.name.replace(".", "")}-${what}`);
    return { lab, ...phone(lab.target, { uri: lab.uri, password: "secret", url: lab.url, ...options }) };
  };

  describe("at the lab", () => {
    test("registers, refreshes and unregisters, with digest", async () => {
      const { lab, register, unregister } = await account("basic");
      expect(await register({ expires: 60 })).toEqual({ type: "accepted", expires: 60 });
      expect(await register({ expires: 90 })).toEqual({ type: "accepted", expires: 90 });
      const [binding, ...others] = await lab.bindings();
      expect(others).toEqual([]);
      expect(binding?.expiresIn).toBeGreaterThan(85);
      expect(binding?.parameters).toMatch(/reg-id=1;\+sip\.instance="<urn:uuid:[0-9a-f-]{36}>"/);
      expect(await unregister()).toEqual({ type: "accepted" });
      expect(await lab.bindings()).toEqual([]);
      const log = await lab.registers();
      expect(new Set(log.map((entry) => entry.callId)).size).toBe(1);
      const numbers = log.map((entry) => entry.cseq);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    });

    test("the grant is the server's", async () => {
      const { register } = await account("grant");
      expect(await register({ expires: 7200 })).toEqual({ type: "accepted", expires: 3600 });
    });

    test("503 with Retry-After, 403, 302 and 408", async () => {
      const { lab, register } = await account("status");
      await lab.fault({ kind: "status", code: 503, retryAfter: 7 });
      expect(await register()).toEqual({ type: "status", code: 503, retryAfter: 7 });
      for (const code of [403, 302, 408]) {
        await lab.fault({ kind: "status", code });
        expect(await register()).toEqual({ type: "status", code });
      }
      await lab.mend();
      expect(await register()).toMatchObject({ type: "accepted" });
    });

    test("423 is handed in, once", async () => {
      const { lab, register } = await account("brief");
      await lab.fault({ kind: "status", code: 423, minExpires: 120 });
      expect(await register()).toEqual({ type: "status", code: 423, minExpires: 120 });
      await sleep(100);
      expect((await lab.registers()).length).toBe(1);
    });

    test("a wrong password ends with the second 401", async () => {
      const { lab, register } = await account("wrong", { password: "wrong" });
      expect(await register()).toEqual({ type: "status", code: 401 });
      expect((await lab.registers()).map((entry) => entry.code)).toEqual([401, 401]);
    });

    test("no password: the first 401", async () => {
      const { lab, register } = await account("none", { password: undefined });
      expect(await register()).toEqual({ type: "status", code: 401 });
      expect((await lab.registers()).length).toBeLessThanOrEqual(2);
    });

    test("refused, and no upgrade", async () => {
      const { lab, register, lost } = await account("closed");
      const nobody = targetAt("127.0.0.1", await closedPort(), 2);
      expect(await register({ target: nobody })).toEqual({ type: "unreachable", cause: "refused" });
      await lab.fault({ kind: "noUpgrade" });
      expect(await register()).toEqual({ type: "unreachable", cause: "webSocket" });
      await lab.fault({ kind: "refuse" });
      expect(await register()).toMatchObject({ type: "unreachable" });
      await lab.mend();
      expect(await register()).toMatchObject({ type: "accepted" });
      await sleep(20);
      expect(lost).toEqual([]);
    });

    test("an unregister without a connection makes one, also after failed refreshes", async () => {
      const { lab, register, unregister } = await account("failed-refresh");
      await register();
      await lab.fault({ kind: "status", code: 500 });
      expect(await register()).toEqual({ type: "status", code: 500 });
      await lab.fault({ kind: "refuse" });
      await until(async () => (await register()).type === "unreachable");
      await lab.mend();
      expect((await lab.bindings()).length).toBe(1);
      expect(await unregister()).toEqual({ type: "accepted" });
      expect(await lab.bindings()).toEqual([]);
    });

    test("a slow server's answer is handed in although it was given up", async () => {
      const { lab, register, unregister } = await account("slow");
      await lab.fault({ kind: "slow", ms: 600 });
      const begin = Date.now();
      const late = register({ within: 300 });
      const first = await Promise.race([late, sleep(500).then(() => "nothing yet")]);
      expect(first).toBe("nothing yet");
      expect(await late).toEqual({ type: "accepted", expires: 60 });
      expect(Date.now() - begin).toBeGreaterThan(1100);
      await lab.mend();
      expect(await unregister()).toEqual({ type: "accepted" });
      expect(await lab.bindings()).toEqual([]);
    });

    test("hangUp: accepted, then the flow is lost", async () => {
      const { lab, register, lost } = await account("hangup");
      await lab.fault({ kind: "hangUp" });
      expect(await register()).toMatchObject({ type: "accepted" });
      await until(() => lost.length === 1);
      await lab.mend();
      expect(await register()).toMatchObject({ type: "accepted" });
      expect((await lab.bindings()).length).toBe(1);
      expect(lost).toEqual([lab.target]);
    });

    test("a frozen server is noticed by the keep-alive", async () => {
      const { lab, register, lost } = await account("frozen", { ping: { everyMs: 200, withinMs: 300 } });
      await register();
      await sleep(300);
      expect(lost).toEqual([]);
      await lab.fault({ kind: "silent" });
      const frozen = Date.now();
      await until(() => lost.length === 1, 1000);
      expect(Date.now() - frozen).toBeLessThan(700);
      await lab.mend();
      expect(await register()).toMatchObject({ type: "accepted" });
      await sleep(600);
      expect(lost.length).toBe(1);
    });

    test("frozen with a REGISTER in flight: told, and the next one takes a new connection", async () => {
      const { lab, register, lost } = await account("in-flight", { ping: { everyMs: 60_000, withinMs: 200 } });
      await register();
      await sleep(50);
      await lab.fault({ kind: "silent" });
      const silent = register({ within: 200 });
      await until(() => lost.length === 1, 1000);
      expect(await Promise.race([silent, sleep(50).then(() => "nothing yet")])).toBe("nothing yet");
      await lab.mend();
      expect(await register()).toMatchObject({ type: "accepted" });
      const sources = (await lab.registers()).filter((entry) => entry.code === 200).map((entry) => entry.source);
      expect(new Set(sources).size).toBe(2);
    });

    test("two bindings at one target", async () => {
      const { lab, register, unregister } = await account("two");
      expect(await register({ binding: 1, expires: 60 })).toEqual({ type: "accepted", expires: 60 });
      expect(await register({ binding: 7, expires: 300 })).toEqual({ type: "accepted", expires: 300 });
      expect(await register({ binding: 1, expires: 90 })).toEqual({ type: "accepted", expires: 90 });
      expect((await lab.bindings()).length).toBe(2);
      expect(await unregister({ binding: 1 })).toEqual({ type: "accepted" });
      const [left, ...others] = await lab.bindings();
      expect(others).toEqual([]);
      expect(left?.parameters).toContain("reg-id=7");
    });

    test("loaded again, it still knows its bindings", async () => {
      const instanceId = "0f8fad5b-d9cb-469f-a165-70867728950e";
      const { lab, register, registrar } = await account("reload", { instanceId });
      await register({ binding: 3 });
      registrar.close();
      const again = phone(lab.target, { uri: lab.uri, password: "secret", url: lab.url, instanceId });
      expect(await again.unregister({ binding: 3 })).toEqual({ type: "accepted" });
      expect(await lab.bindings()).toEqual([]);
    });

    test("calls are made on the user agent of the target", async () => {
      const { lab, register, registrar } = await account("calls");
      expect(registrar.userAgentFor(lab.target)).toBeUndefined();
      await register();
      expect(await library.options(registrar, lab.target)).toBe(200);
      const before = registrar.userAgentFor(lab.target);
      await lab.fault({ kind: "hangUp" });
      await register();
      await sleep(50);
      await lab.mend();
      await register();
      // The same, so that calls outlive a lost connection.
      expect(registrar.userAgentFor(lab.target)).toBe(before);
      expect(await library.options(registrar, lab.target)).toBe(200);
    });

    test("after the unregister the connection goes", async () => {
      const { lab, register, unregister, registrar, lost } = await account("leave");
      await register();
      await unregister();
      await until(() => registrar.userAgentFor(lab.target) === undefined);
      expect(lost).toEqual([]);
    });

    test("a user agent that the application stops is a lost flow", async () => {
      const { lab, register, registrar, lost } = await account("stopped");
      await register();
      library.stop(registrar, lab.target);
      await until(() => lost.length === 1, 4000);
      expect(await register()).toMatchObject({ type: "accepted" });
    });

    test("closed: everything ends, nothing is sent", async () => {
      const { lab, register, unregister, registrar, lost } = await account("end");
      await register();
      await lab.fault({ kind: "silent" });
      const waiting = register();
      await sleep(50);
      registrar.close();
      expect(await waiting).toEqual({ type: "unreachable", cause: "closed" });
      expect(await register()).toEqual({ type: "notSent" });
      expect(await unregister()).toEqual({ type: "notSent" });
      await sleep(20);
      expect(lost).toEqual([]);
    });
  });

  describe("at a server of the test's", () => {
    const fake = async (answer: Parameters<typeof FakeSip.start>[0], pong = true, options: Partial<Options> = {}) => {
      const server = await FakeSip.start(answer, pong);
      cleanups.push(() => server.stop());
      const url = "ws://{host}:{port}/ws";
      return {
        server,
        ...phone(server.target, { uri: "sip:alice@example.test", password: "secret", url, ...options }),
      };
    };
    const contactOf = (request: SipRequest) => request.header("Contact");

    test("our contact is found among others, also rewritten", async () => {
      const other = '"Phone, upstairs" <sip:alice@192.0.2.1:5060>;expires=11, <sip:x@192.0.2.2>;expires=12';
      const { register } = await fake((request) => {
        const contact = contactOf(request).replace(/expires=\d+/, `expires=${30 + request.number}`);
        if (request.number === 2)
          return { code: 200, headers: [`Contact: ${other}, ${contact.replace(/<[^>]*>/, "<sip:9@192.0.2.9>")}`] };
        if (request.number === 3) return { code: 200, headers: ["Expires: 44"] };
        if (request.number === 4) return { code: 200 };
        return { code: 200, headers: [`Contact: ${other}`, `Contact: ${contact}`] };
      });
      expect(await register()).toEqual({ type: "accepted", expires: 31 });
      expect(await register()).toEqual({ type: "accepted", expires: 32 });
      expect(await register()).toEqual({ type: "accepted", expires: 44 });
      expect(await register()).toEqual({ type: "accepted" });
    });

    test("at most two challenges, the second only if stale; the next CSeq is higher all the same", async () => {
      let nonce = 0;
      const { server, register } = await fake(() => {
        nonce++;
        const challenge = `Digest realm="r", nonce="n${nonce}", stale=${nonce > 1}, algorithm=MD5, qop="auth"`;
        return { code: 401, headers: [`WWW-Authenticate: ${challenge}`] };
      });
      expect(await register()).toEqual({ type: "status", code: 401 });
      expect(server.requests.length).toBe(3);
      nonce = 0;
      await register();
      const numbers = server.requests.map((request) => Number.parseInt(request.header("CSeq"), 10));
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    });

    test("a provisional answer is no outcome, and a Retry-After may carry more than its number", async () => {
      const { server, register } = await fake((request) => {
        setTimeout(() => {
          const headers = ["Retry-After: 18 (in a meeting);duration=60"];
          request.socket.send(server.write(request, { code: 486, headers }));
        }, 50);
        return { code: 100 };
      });
      expect(await register()).toEqual({ type: "status", code: 486, retryAfter: 18 });
    });

    test.each([
      ["99999999999", 0xffff_ffff],
      ["-1", undefined],
      ["Sat, 21 Nov 2026 12:00:00 GMT", undefined],
    ])("Retry-After: %s", async (text, retryAfter) => {
      const { register } = await fake(() => ({ code: 503, headers: [`Retry-After: ${text}`] }));
      expect(await register()).toEqual({ type: "status", code: 503, ...(retryAfter ? { retryAfter } : {}) });
    });

    test("a server that answers no keep-alives is not taken for frozen", async () => {
      const ping = { everyMs: 100, withinMs: 100 };
      const { server, register, lost } = await fake(() => ({ code: 200 }), false, { ping });
      await register();
      await sleep(600);
      expect(server.pings).toBeGreaterThan(2);
      expect(lost).toEqual([]);
      expect(server.connections).toBe(1);
    });

    test("no keep-alives at all", async () => {
      const { server, register } = await fake(() => ({ code: 200 }), true, { ping: false });
      await register();
      await sleep(100);
      expect(server.pings).toBe(0);
    });

    test("a connection cut with a REGISTER in flight", async () => {
      const { register, lost } = await fake((request) => {
        request.socket.terminate();
        return undefined;
      });
      expect(await register()).toEqual({ type: "unreachable", cause: "closed" });
      await sleep(20);
      expect(lost).toEqual([]);
    });

    test("calls: out on the user agent of home, in at the Contact of a binding", async () => {
      const server = await FakeSip.start((request) => {
        if (request.text.startsWith("INVITE")) return { code: 486 };
        return request.text.startsWith("ACK") ? undefined : { code: 200 };
      });
      cleanups.push(() => server.stop());
      let rang = 0;
      const options = { uri: "sip:alice@example.test", url: "ws://{host}:{port}/ws" };
      const desk = library.desk(options, () => rang++);
      cleanups.push(() => desk.registrar.close());
      const { target } = server;
      const signal = new AbortController().signal;
      await desk.registrar.register({ id: 1, target, binding: 5, attempt: 1, expires: 60 }, { signal });
      await desk.call(target, "sip:bob@example.test");
      await until(() => server.requests.length === 3);
      expect(server.requests.map((request) => request.text.split(" ")[0])).toEqual(["REGISTER", "INVITE", "ACK"]);
      expect(rang).toBe(0);
      const register = server.requests[0] as SipRequest;
      server.invite(/<(.*?)>/.exec(contactOf(register))?.[1] ?? "", register.socket, SDP);
      await until(() => server.responses.length >= 2);
      expect(rang).toBe(1);
      expect(server.responses.map((text) => text.split(" ")[1])).toEqual(["100", "180"]);
    });

    test("the application's headers", async () => {
      const { server, register } = await fake(() => ({ code: 200 }), true, { extraHeaders: ["X-Site: north"] });
      await register();
      expect(server.requests[0]?.header("X-Site")).toBe("north");
      expect(server.requests[0]?.header("Expires")).toBe("60");
    });
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
    const target = targetAt("127.0.0.1", (silent.address() as { port: number }).port);
    const { register, registrar } = phone(target, { uri: "sip:alice@example.test", url: "ws://{host}:{port}/ws" });
    const begin = Date.now();
    expect(await register({ within: 150 })).toEqual({ type: "unreachable", cause: "timeout" });
    expect(await register({ within: 150 })).toEqual({ type: "unreachable", cause: "timeout" });
    expect(Date.now() - begin).toBeLessThan(1000);
    expect(sockets.size).toBe(2);
    const never = new AbortController();
    never.abort();
    const request = { id: 9, target, binding: 1, attempt: 1, expires: 60 };
    expect(await registrar.register(request, { signal: never.signal })).toEqual({ type: "notSent" });
  });

  test("a URL that cannot be used", async () => {
    const { register } = phone(targetAt("127.0.0.1", 9), {
      uri: "sip:alice@example.test",
      url: () => "http://127.0.0.1/",
    });
    expect(await register()).toMatchObject({ type: "unreachable" });
  });

  test("wrong options throw", () => {
    const good = { uri: "sip:alice@example.test", url: "wss://{host}:{port}/ws" };
    const wrong: [Record<string, unknown>, string][] = [
      [{ uri: "alice" }, "uri"],
      [{ url: "https://{host}/" }, "url"],
      [{ url: undefined }, "url"],
      [{ password: 7 }, "password"],
      [{ instanceId: "7" }, "instanceId"],
      [{ ping: { everyMs: Number.NaN } }, "ping.everyMs"],
      [{ extraHeaders: ["X: a\r\nY: b"] }, "extraHeaders"],
    ];
    for (const [change, field] of wrong)
      expect(() => library.make({ ...good, ...change } as never)).toThrow(
        expect.objectContaining({ code: "invalidInput", field }),
      );
  });
});

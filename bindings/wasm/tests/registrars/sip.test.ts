import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Target } from "../../ts/types.js";
import { FakeSip, type SipRequest } from "./fake-sip.js";
import { sleep, targetAt, until } from "./lab.js";
import { libraries, type Options } from "./libraries.js";
import { AT_FAKE, account as accountOf, atFake, cleanups, phone as phoneOf } from "./phone.js";

describe.each(libraries)("$name", (library) => {
  const phone = (target: Target, options: Options) => phoneOf(library.make(options), target);
  const account = (what: string, options: Partial<Options> = {}) => accountOf(library, what, options);

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

    test("refused, and no upgrade", async () => {
      const { lab, register, lost } = await account("closed");
      const nobody = targetAt("127.0.0.1", 1, 2);
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

    test("closed: everything ends, nothing is sent", async () => {
      const { lab, register, unregister, registrar, lost } = await account("end");
      await register();
      await lab.fault({ kind: "silent" });
      const waiting = register();
      const sent = async () => (await lab.registers()).length;
      await until(async () => (await sent()) === 3);
      registrar.close();
      expect(await waiting).toEqual({ type: "unreachable", cause: "closed" });
      expect(await register()).toEqual({ type: "notSent" });
      expect(await unregister()).toEqual({ type: "notSent" });
      await sleep(100);
      expect(await sent()).toBe(3);
      expect((await lab.bindings()).length).toBe(1);
      expect(registrar.userAgentFor(lab.target)).toBeUndefined();
      expect(lost).toEqual([]);
    });
  });

  describe("at a server of the test's", () => {
    const contactOf = (request: SipRequest) => request.header("Contact");

    test("our contact is found among others, also rewritten", async () => {
      const other = '"Phone, upstairs" <sip:alice@192.0.2.1:5060>;expires=11, <sip:x@192.0.2.2>;expires=12';
      const { register } = await atFake(library, (request) => {
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

    test("a provisional answer is no outcome, and a Retry-After may carry more than its number", async () => {
      const { server, register } = await atFake(library, (request) => {
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
      const { register } = await atFake(library, () => ({ code: 503, headers: [`Retry-After: ${text}`] }));
      expect(await register()).toEqual({ type: "status", code: 503, ...(retryAfter ? { retryAfter } : {}) });
    });

    test("wss", async () => {
      // A shared key in place of certificates.
      const key = { psk: Buffer.alloc(32, 7), identity: "desk" };
      const tls = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
      const server = await FakeSip.start(() => ({ code: 200 }), true, { ...tls, pskCallback: () => key.psk });
      cleanups.push(() => server.stop());
      const client: object = { ...tls, pskCallback: () => key, checkServerIdentity: () => undefined };
      class Secure extends WebSocket {
        constructor(url: string, protocols: string) {
          super(url, protocols, client);
        }
      }
      const { target } = server;
      const registrar = library.make({ ...AT_FAKE, url: "wss://{host}:{port}/ws", WebSocket: Secure });
      const { register, unregister } = phoneOf(registrar, target);
      expect(await register()).toEqual({ type: "accepted" });
      expect(await unregister()).toEqual({ type: "accepted" });
      expect(server.requests[0]?.header("Via")).toMatch(/^SIP\/2.0\/WSS /);
      // The server's key is another: no TLS, and no plain text either.
      const wrong = library.make({ ...AT_FAKE, url: "wss://{host}:{port}/ws" });
      expect(await phoneOf(wrong, target).register()).toEqual({ type: "unreachable", cause: "tls" });
    });

    test("after the unregister the connection goes", async () => {
      const { server, register, unregister, registrar, lost } = await atFake(library);
      await register();
      await unregister();
      await until(() => server.open === 0);
      expect(server.methods).toEqual(["REGISTER", "REGISTER"]);
      expect(registrar.userAgentFor(server.target)).toBeUndefined();
      expect(lost).toEqual([]);
    });

    test("423 without Min-Expires is handed in, once", async () => {
      const { server, register } = await atFake(library, () => ({ code: 423 }));
      expect(await register()).toEqual({ type: "status", code: 423 });
      await sleep(100);
      expect(server.requests.length).toBe(1);
    });

    test("the application's headers", async () => {
      const { server, register } = await atFake(library, () => ({ code: 200 }), true, {
        extraHeaders: ["X-Site: north"],
      });
      await register();
      expect(server.requests[0]?.header("X-Site")).toBe("north");
      expect(server.requests[0]?.header("Expires")).toBe("60");
    });
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
    const wrong: [object, string][] = [
      ...library.refused,
      [{ uri: "sip:a^b@example.com" }, "uri"],
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

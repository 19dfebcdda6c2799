// Challenges and their answers.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Answer, SipRequest } from "./fake-sip.js";
import { libraries } from "./libraries.js";
import { account, atFake } from "./phone.js";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Whether this is the right answer to a challenge of `realm` with the password `secret`. */
function right(credentials: string, realm: string): boolean {
  const get = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(credentials)?.[1] ?? "";
  const ha1 = md5(`alice:${realm}:secret`);
  const ha2 = md5(`REGISTER:${get("uri")}`);
  const expected = md5(`${ha1}:${get("nonce")}:${get("nc")}:${get("cnonce")}:auth:${ha2}`);
  return get("realm") === realm && get("response") === expected;
}

const challenge = (realm: string, more = "") => `Digest realm="${realm}", nonce="n", algorithm=MD5, qop="auth"${more}`;

describe.each(libraries)("$name", (library) => {
  test("a wrong password ends with the second 401", async () => {
    const { lab, register } = await account(library, "wrong", { password: "wrong" });
    expect(await register()).toEqual({ type: "status", code: 401 });
    expect((await lab.registers()).map((entry) => entry.code)).toEqual([401, 401]);
  });

  test("no password: the first 401 is not answered", async () => {
    const { lab, register } = await account(library, "none", { password: undefined });
    expect(await register()).toEqual({ type: "status", code: 401 });
    expect((await lab.registers()).map((entry) => entry.code)).toEqual([401]);
  });

  test.each([
    [401, "WWW-Authenticate", "Authorization"],
    [407, "Proxy-Authenticate", "Proxy-Authorization"],
  ] as const)("%i, and another realm the next time", async (code, asked, answered) => {
    let realm = "north";
    const { server, register } = await atFake(library, (request: SipRequest): Answer => {
      if (right(request.header(answered), realm)) return { code: 200 };
      return { code, headers: [`${asked}: ${challenge(realm)}`] };
    });
    expect(await register()).toMatchObject({ type: "accepted" });
    realm = "south";
    expect(await register()).toMatchObject({ type: "accepted" });
    expect(server.requests.length).toBe(4);
  });

  test("at most two challenges, the second only if stale; the next CSeq is higher all the same", async () => {
    let count = 0;
    const { server, register } = await atFake(library, () => {
      count++;
      return { code: 401, headers: [`WWW-Authenticate: ${challenge("r", `, stale=${count > 1}`)}`] };
    });
    expect(await register()).toEqual({ type: "status", code: 401 });
    expect(server.requests.length).toBe(3);
    count = 0;
    await register();
    const numbers = server.requests.map((request) => Number.parseInt(request.header("CSeq"), 10));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });
});

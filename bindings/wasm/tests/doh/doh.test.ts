import { doh, staticResolver } from "@rehome/sip/doh";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const NAME = "_sip._ws.example.test";
const A = "https://a.example/dns-query";
const B = "https://b.example/dns-query";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

type Reply = Response | Error | "silent";
type Reader = (url: string) => Reply;

function fake(reply: Reader) {
  const asked: { url: string; init: RequestInit }[] = [];
  const fetch = ((input: string, init: RequestInit) => {
    asked.push({ url: input, init });
    const said = reply(input);
    return new Promise<Response>((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      if (said instanceof Error) reject(said);
      else if (said !== "silent") resolve(said);
    });
  }) as typeof globalThis.fetch;
  return { fetch, asked };
}

function message(bytes: Uint8Array, type = "application/dns-message"): Response {
  return new Response(bytes.slice().buffer, { headers: { "content-type": type } });
}

function question(url: string): Uint8Array {
  const text = new URL(url).searchParams.get("dns") ?? "";
  expect(text).toMatch(/^[\w-]+$/);
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/** The question back, with this code, and one SRV record if that is 0. */
function reply(url: string, code = 0): Response {
  const asked = question(url);
  const bare = asked.slice(0, asked.length - 11);
  const rdata = [0, 10, 0, 60, 0x1f, 0x90, 1, 97, 0];
  const record = code === 0 ? [0xc0, 12, 0, 33, 0, 1, 0, 0, 1, 44, 0, rdata.length, ...rdata] : [];
  const bytes = Uint8Array.of(...bare, ...record);
  bytes[2] = 0x81;
  bytes[3] = code;
  bytes[7] = code === 0 ? 1 : 0;
  bytes[11] = 0;
  return message(bytes);
}

const SRV = { type: "srv", records: [{ priority: 10, weight: 60, port: 8080, target: "a" }], ttl: 300 };
const options = () => ({ signal: new AbortController().signal, timeoutMs: 5000 });

test("GET by RFC 8484: base64url, an id of 0, no header that needs a preflight, past the cache", async () => {
  const { fetch, asked } = fake((url) => reply(url));
  const answer = await doh({ servers: [`${A}{?dns}`, B], fetch }).lookup(NAME, "srv", options());
  expect(answer).toEqual(SRV);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.url).toMatch(/^https:\/\/a\.example\/dns-query\?dns=[\w-]+$/);
  expect([...question(asked[0]?.url ?? "").slice(0, 2)]).toEqual([0, 0]);
  expect(asked[0]?.init).toMatchObject({ headers: { accept: "application/dns-message" }, cache: "no-store" });
  expect(asked[0]?.init.method).toBeUndefined();
  await doh({ servers: ["/dns?view=1"], fetch })
    .lookup(NAME, "srv", options())
    .catch(() => {});
  expect(asked[1]?.url).toMatch(/^\/dns\?view=1&dns=/);
});

test("whatever is no answer leads to the next server", async () => {
  const bad: Reader[] = [
    () => new TypeError("Failed to fetch"),
    () => new Response("no", { status: 503 }),
    () => new Response("<html>sign in", { headers: { "content-type": "text/html" } }),
    () => message(new Uint8Array(3)),
    () => message(new Uint8Array(70_000)),
    (url) => reply(url, 2),
    (url) => reply(url, 5),
  ];
  for (const first of bad) {
    const { fetch, asked } = fake((url) => (url.startsWith(A) ? first(url) : reply(url)));
    expect(await doh({ servers: [A, B], fetch }).lookup(NAME, "srv", options())).toEqual(SRV);
    expect(asked).toHaveLength(2);
  }
});

test("no such name is an answer, and no reason to ask another", async () => {
  const { fetch, asked } = fake((url) => reply(url, 3));
  expect(await doh({ servers: [A, B], fetch }).lookup(NAME, "srv", options())).toEqual({ type: "noName" });
  expect(asked).toHaveLength(1);
});

test("where all fail: what a server said, or time-out if all were silent, or network", async () => {
  const all = async (first: Reader, second: Reader) => {
    const { fetch } = fake((url) => (url.startsWith(A) ? first(url) : second(url)));
    const answer = doh({ servers: [A, B], fetch }).lookup(NAME, "srv", options());
    await vi.advanceTimersByTimeAsync(4000);
    return answer;
  };
  const off = () => new TypeError("Failed to fetch");
  expect(await all(off, off)).toEqual({ type: "failed", cause: "network" });
  expect(await all((url) => reply(url, 2), off)).toEqual({ type: "failed", cause: "servFail" });
  expect(await all(off, (url) => reply(url, 5))).toEqual({ type: "failed", cause: "refused" });
  const busy = () => new Response("no", { status: 503 });
  const portal = () => new Response("<html>sign in", { headers: { "content-type": "text/html" } });
  expect(await all(busy, off)).toEqual({ type: "failed", cause: "other" });
  expect(await all(off, portal)).toEqual({ type: "failed", cause: "malformed" });
  const silent = () => "silent" as const;
  expect(await all(silent, silent)).toEqual({ type: "failed", cause: "timeout" });
  expect(await all(silent, off)).toEqual({ type: "failed", cause: "network" });
  expect(vi.getTimerCount()).toBe(0);
});

test("each server has its time, so that all are asked within the lookup's", async () => {
  const { fetch, asked } = fake((url) => (url.startsWith("https://c") ? reply(url) : "silent"));
  const C = "https://c.example/dns-query";
  const answer = doh({ servers: [A, B, C], fetch }).lookup(NAME, "srv", { ...options(), timeoutMs: 3000 });
  await vi.advanceTimersByTimeAsync(2000);
  expect(await answer).toEqual(SRV);
  expect(asked.map(({ init }) => init.signal?.aborted)).toEqual([true, true, false]);
  const own = doh({ servers: [A], timeoutMs: 300, fetch }).lookup(NAME, "srv", options());
  await vi.advanceTimersByTimeAsync(300);
  expect(await own).toEqual({ type: "failed", cause: "timeout" });
});

test("given up, it asks nobody else", async () => {
  const { fetch, asked } = fake(() => "silent");
  const controller = new AbortController();
  const answer = doh({ servers: [A, B], fetch }).lookup(NAME, "srv", { signal: controller.signal, timeoutMs: 5000 });
  const ended = expect(answer).rejects.toThrow("enough");
  controller.abort(new Error("enough"));
  await ended;
  expect(asked).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("JSON, with aliases, negative answers and nonsense", async () => {
  const ask = (body: unknown, kind: "srv" | "a" | "aaaa" = "srv", type = "application/dns-json") => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { fetch, asked } = fake(() => new Response(text, { headers: { "content-type": type } }));
    const answer = doh({ servers: [A], form: "json", fetch }).lookup(NAME, kind, options());
    expect(asked[0]?.url).toBe(`${A}?name=${NAME}&type=${kind.toUpperCase()}`);
    expect(asked[0]?.init.headers).toEqual({ accept: "application/dns-json" });
    return answer;
  };
  const record = { name: `${NAME.toUpperCase()}.`, type: 33, TTL: 300, data: "10 60 8080 a" };
  expect(await ask({ Status: 0, Answer: [record] })).toEqual(SRV);
  expect(await ask({ Status: 0, Answer: [record] }, "srv", "application/json; charset=utf-8")).toEqual(SRV);
  const alias = { name: NAME, type: 5, TTL: 60, data: "Other.example.test." };
  const behind = { ...record, name: "other.example.test" };
  expect(await ask({ Status: 0, Answer: [behind, alias] })).toEqual({ ...SRV, ttl: 60 });
  const loop = { ...alias, data: NAME };
  expect(await ask({ Status: 0, Answer: [loop, loop] })).toEqual({ type: "noData" });
  const other = { ...record, name: "elsewhere.example.test" };
  expect(await ask({ Status: 0, Answer: [other] })).toEqual({ type: "noData" });
  const address = { name: NAME, type: 28, TTL: 9, data: "::1" };
  expect(await ask({ Status: 0, Answer: [address] }, "aaaa")).toEqual({
    type: "addresses",
    addresses: ["::1"],
    ttl: 9,
  });
  const soa = { name: "example.test", type: 6, TTL: 30, data: "ns. me. 1 2 3 4 10" };
  expect(await ask({ Status: 3, Authority: [soa] })).toEqual({ type: "noName", ttl: 10 });
  expect(await ask({ Status: 2 })).toEqual({ type: "failed", cause: "servFail" });
  expect(await ask({ Status: 5 })).toEqual({ type: "failed", cause: "refused" });
  expect(await ask({ Status: 4 })).toEqual({ type: "failed", cause: "other" });
  const nonsense = [
    "{",
    "null",
    "[]",
    { Status: "0" },
    { Status: 0, TC: true, Answer: [record] },
    { Status: 0, Answer: 7 },
    { Status: 0, Answer: [{ ...record, TTL: -1 }] },
    { Status: 0, Answer: [{ ...record, data: "10 60 99999 a" }] },
    { Status: 0, Answer: [{ ...record, data: "10 60 8080" }] },
    { Status: 0, Answer: [{ ...record, data: "10 60 8080 a b" }] },
  ];
  for (const body of nonsense) expect(await ask(body)).toEqual({ type: "failed", cause: "malformed" });
});

test("a table", async () => {
  const { records, ttl } = SRV;
  const resolver = staticResolver({
    "_SIP._ws.example.test.": { records, ttl },
    "a.example.test": { addresses: ["192.0.2.1", "2001:db8::1"], ttl: 60 },
    "_sip._udp.example.test": { records: [], ttl: 5 },
  });
  expect(await resolver.lookup(NAME, "srv", options())).toEqual(SRV);
  expect(await resolver.lookup(NAME, "a", options())).toEqual({ type: "noData", ttl: 300 });
  const addresses = { type: "addresses", ttl: 60 };
  expect(await resolver.lookup("A.example.test", "a", options())).toEqual({ ...addresses, addresses: ["192.0.2.1"] });
  expect(await resolver.lookup("a.example.test", "aaaa", options())).toEqual({
    ...addresses,
    addresses: ["2001:db8::1"],
  });
  expect(await resolver.lookup("a.example.test", "srv", options())).toEqual({ type: "noData", ttl: 60 });
  expect(await resolver.lookup("_sip._udp.example.test", "srv", options())).toEqual({ type: "noData", ttl: 5 });
  expect(await resolver.lookup("toString", "srv", options())).toEqual({ type: "noName" });
  const table = { "a.example.test": { addresses: ["192.0.2.1"], ttl: 60 } };
  const changed = staticResolver(table);
  table["a.example.test"] = { addresses: [7], ttl: 60 } as never;
  await expect(changed.lookup("a.example.test", "a", options())).rejects.toThrow(/table\["a.example.test"\]/);
});

// Against the real lab, which tests/lab.ts starts; REHOME_LAB is its control address.

import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Target } from "@rehome/sip";
import { doh } from "@rehome/sip/doh";
import { Driver, type Registrar } from "@rehome/sip/driver";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

const lab = process.env.REHOME_LAB;
const NAME = "_sip._ws.example.test";
// Faults are set for a name of its own: other tests use the same lab.
const OWN = "_sip._ws.resolver.example.test";
const RECORDS = { ttl: 30, records: ["10 50 8080 dc1-spx1.example.test", "20 50 8080 dc2-spx1.example.test"] };
/** Where nobody listens. Not port 9 or the like: fetch refuses those itself. */
async function nobody(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}/dns-query`;
}
const options = (timeoutMs = 5000) => ({ signal: new AbortController().signal, timeoutMs });

describe("the lab", () => {
  let servers: string[];

  const control = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const init = body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {};
    const response = await fetch(new URL(path, lab), { method, ...init });
    expect(response.status, `${method} ${path}`).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };

  beforeAll(async () => {
    const said = JSON.stringify(await control("GET", "/"));
    servers = [...new Set(said.match(/http:[^"]+\/dns-query/g))].sort();
    expect(servers).toHaveLength(2);
    for (const view of [1, 2]) await control("PUT", `/dns/${view}/${OWN}`, RECORDS);
  });

  const broken = (fault: object) => control("PUT", "/dns/fault", { name: OWN, ...fault });
  const mended = () => control("DELETE", `/dns/fault?name=${OWN}`);

  afterEach(mended);

  afterAll(async () => {
    for (const view of [1, 2]) await control("PUT", `/dns/${view}/${OWN}`, { ...RECORDS, records: [] });
  });

  test("wire and JSON say the same of each kind and each view", async () => {
    for (const server of servers) {
      const wire = doh({ servers: [server] });
      const json = doh({ servers: [server], form: "json" });
      const srv = await wire.lookup(NAME, "srv", options());
      if (srv.type !== "srv") throw new Error(`it is ${srv.type}`);
      expect(srv.records.length).toBeGreaterThanOrEqual(2);
      expect(srv.ttl).toBe(30);
      const host = srv.records[0]?.target ?? "";
      for (const [name, kind] of [
        [NAME, "srv"],
        [host, "a"],
        [host, "aaaa"],
        ["nobody.example.test", "srv"],
      ] as const) {
        const bare = (answer: unknown) => JSON.stringify(answer).replaceAll('."', '"');
        const [first, second] = [await wire.lookup(name, kind, options()), await json.lookup(name, kind, options())];
        expect(bare(first), `${name} ${kind}`).toBe(bare(second));
      }
      expect(await wire.lookup("nobody.example.test", "srv", options())).toMatchObject({ type: "noName" });
      expect(await wire.lookup(host, "a", options())).toMatchObject({ type: "addresses" });
    }
  });

  test("a view that fails, is silent or is gone leads to the other", async () => {
    const resolver = doh({ servers, timeoutMs: 300 });
    for (const kind of ["servfail", "refused", "silent"]) {
      await broken({ view: 1, kind });
      expect(await resolver.lookup(OWN, "srv", options()), kind).toMatchObject({ type: "srv" });
      await mended();
    }
    const gone = doh({ servers: [await nobody(), servers[1] as string] });
    expect(await gone.lookup(NAME, "srv", options())).toMatchObject({ type: "srv" });
    const wrong = doh({ servers: [`${servers[0]}x`, servers[1] as string] });
    expect(await wrong.lookup(NAME, "srv", options())).toMatchObject({ type: "srv" });
  });

  test("all silent is a time-out, all failing is what they said, nobody there is the network", async () => {
    const resolver = doh({ servers, timeoutMs: 200 });
    const ask = (of = resolver) => of.lookup(OWN, "srv", options());
    await broken({ kind: "silent" });
    expect(await ask()).toEqual({ type: "failed", cause: "timeout" });
    await broken({ kind: "servfail" });
    expect(await ask()).toEqual({ type: "failed", cause: "servFail" });
    expect(await ask(doh({ servers, form: "json" }))).toEqual({ type: "failed", cause: "servFail" });
    await broken({ kind: "empty" });
    expect(await ask()).toMatchObject({ type: "noData" });
    expect(await ask(doh({ servers: [await nobody()] }))).toEqual({ type: "failed", cause: "network" });
  });

  test("a driver of real time finds its registrar through it", async () => {
    const asked: Target[] = [];
    const registrar: Registrar = {
      register: async ({ target }) => {
        asked.push(target);
        return { type: "accepted", expires: 60 };
      },
      unregister: async () => ({ type: "accepted" }),
      close() {},
    };
    const driver = new Driver({ config: { srvRecord: NAME }, resolver: doh({ servers }), registrar });
    const registered = new Promise<void>((resolve) => {
      driver.on("status", ({ state }) => state === "registered" && resolve());
    });
    driver.start();
    await registered;
    expect(asked).toHaveLength(1);
    expect(asked[0]?.transport).toBe("ws");
    expect(driver.status.home).toEqual(asked[0]);
    await driver.stop();
    await driver.close();
  });
});

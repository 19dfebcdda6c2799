import {
  type Config,
  decodeAnswer,
  type ErrorCode,
  encodeQuestion,
  type Input,
  order,
  preset,
  Registration,
  RehomeError,
} from "@rehome/sip";
import { type DohOptions, doh, staticResolver } from "@rehome/sip/doh";
import { Driver, type DriverOptions } from "@rehome/sip/driver";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const CONFIG: Config = { srvRecord: "_sip._udp.example.test" };
const RECORD = { priority: 10, weight: 60, port: 5060, target: "a.example.test" };

/** The error of a call; it must be one of ours. */
function error(call: () => unknown): { code: ErrorCode; field: string | undefined; message: string } {
  try {
    call();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(RehomeError);
    const { code, field, message, name } = thrown as RehomeError;
    expect(name).toBe("RehomeError");
    expect(message.length).toBeGreaterThan(10);
    return { code, field, message };
  }
  throw new Error("there was no error");
}

let phone: Registration;
let before: string;
const state = () => JSON.stringify(phone.status(1000));

beforeEach(() => {
  phone = new Registration(CONFIG, 1);
  phone.step({ type: "start" }, 0);
  before = state();
});

/** After each mistake the instance is as it was, and goes on. */
afterEach(() => {
  expect(state()).toBe(before);
  const { actions } = phone.step({ type: "answer", id: 1, answer: { type: "srv", records: [RECORD], ttl: 300 } }, 20);
  expect(actions[0]?.type).toBe("register");
  phone.free();
});

describe("inputs", () => {
  test.each<[unknown, ErrorCode, string | undefined]>([
    [undefined, "invalidInput", "input"],
    [null, "invalidInput", "input"],
    ["start", "invalidInput", "input"],
    [[], "invalidInput", "input"],
    [{}, "invalidInput", "type"],
    [{ type: "begin" }, "invalidInput", "type"],
    [{ type: "started" }, "invalidInput", "type"],
    [{ type: 1 }, "invalidInput", "type"],
    [{ type: Symbol("start") }, "invalidInput", "type"],
    [{ type: "start", at: 1 }, "invalidInput", "input.at"],
    [{ type: "flowLost" }, "invalidInput", "target"],
    [{ type: "flowLost", target: "a" }, "invalidInput", "target"],
    [{ type: "flowLost", target: {} }, "invalidInput", "target.id"],
    [{ type: "flowLost", target: 99 }, "unknownTarget", undefined],
    [{ type: "answer", id: 1 }, "invalidInput", "answer"],
    [{ type: "answer", answer: { type: "noName" } }, "invalidInput", "id"],
    [{ type: "answer", id: 1.5, answer: { type: "noName" } }, "invalidInput", "id"],
    [{ type: "answer", id: 1n, answer: { type: "noName" } }, "invalidInput", "id"],
    [{ type: "answer", id: 99, answer: { type: "noName" } }, "unknownId", undefined],
    [{ type: "answer", id: 1, answer: { type: "none" } }, "invalidInput", "answer.type"],
    [{ type: "answer", id: 1, answer: { type: "noName", ttl: -1 } }, "invalidInput", "answer.ttl"],
    [{ type: "answer", id: 1, answer: { type: "noName", cause: "timeout" } }, "invalidInput", "answer.cause"],
    [{ type: "answer", id: 1, answer: { type: "srv", records: [] } }, "invalidInput", "answer.ttl"],
    [{ type: "answer", id: 1, answer: { type: "srv", ttl: 1 } }, "invalidInput", "answer.records"],
    [
      { type: "answer", id: 1, answer: { type: "srv", ttl: 1, records: new Array(3) } },
      "invalidInput",
      "answer.records[0]",
    ],
    [
      { type: "answer", id: 1, answer: { type: "addresses", ttl: 1, addresses: new Array(3) } },
      "invalidInput",
      "answer.addresses[0]",
    ],
    [
      { type: "answer", id: 1, answer: { type: "srv", ttl: 1, records: [{ ...RECORD, port: 65536 }] } },
      "invalidInput",
      "answer.records[0].port",
    ],
    [
      { type: "answer", id: 1, answer: { type: "srv", ttl: 1, records: [RECORD, { ...RECORD, target: 5 }] } },
      "invalidInput",
      "answer.records[1].target",
    ],
    [
      { type: "answer", id: 1, answer: { type: "addresses", ttl: 1, addresses: ["192.0.2.1", "x"] } },
      "invalidInput",
      "answer.addresses[1]",
    ],
    [{ type: "answer", id: 1, answer: { type: "addresses", ttl: 1, addresses: [] } }, "wrongKind", undefined],
    [{ type: "answer", id: 1, answer: { type: "failed" } }, "invalidInput", "answer.cause"],
    [{ type: "answer", id: 1, answer: { type: "failed", cause: "noRoute" } }, "invalidInput", "answer.cause"],
    [{ type: "outcome", id: 1, outcome: { type: "accepted" } }, "wrongKind", undefined],
    [{ type: "outcome", id: 1, outcome: { type: "status" } }, "invalidInput", "outcome.code"],
    [{ type: "outcome", id: 1, outcome: { type: "status", code: 70000 } }, "invalidInput", "outcome.code"],
    [{ type: "outcome", id: 1, outcome: { type: "ok" } }, "invalidInput", "outcome.type"],
    [{ type: "outcome", id: 1, outcome: { type: "unreachable", cause: "why" } }, "invalidInput", "outcome.cause"],
    [{ type: "outcome", id: 1, outcome: { type: "accepted", retryAfter: 1 } }, "invalidInput", "outcome.retryAfter"],
    [{ type: "refreshed", outcome: { type: "status", code: 100 } }, "notFinal", undefined],
    [{ type: "refreshed" }, "invalidInput", "outcome"],
    [{ type: "configure" }, "config", "config"],
    [{ type: "configure", config: { ...CONFIG, order: { maxTargets: 0 } } }, "config", "order.maxTargets"],
  ])("%o: %s", (input, code, field) => {
    expect(error(() => phone.step(input as Input, 20))).toMatchObject({ code, field });
  });

  test("a field's own exception comes out, and nothing is broken", () => {
    const input = {
      get type(): "start" {
        throw new TypeError("mine");
      },
    };
    expect(() => phone.step(input, 20)).toThrow(new TypeError("mine"));
  });
});

describe("answers", () => {
  test("half characters are no name and no address", () => {
    const other = new Registration(CONFIG, 1);
    other.step({ type: "start" }, 0);
    const records = ["\ud800.example.test", "a\udfff", RECORD.target].map((target) => ({ ...RECORD, target }));
    const { actions, events } = other.step({ type: "answer", id: 1, answer: { type: "srv", ttl: 1, records } }, 10);
    expect(actions).toMatchObject([{ type: "register", target: { host: "a.example.test" } }]);
    const dropped = { type: "recordDropped", reason: "badName" };
    expect(events).toMatchObject([{ ...dropped, index: 0 }, { ...dropped, index: 1 }, { type: "planChanged" }]);
    other.free();
    const addresses = ["192.0.2.1\ud800"];
    const answer = { type: "answer", id: 1, answer: { type: "addresses", ttl: 1, addresses } } as Input;
    expect(error(() => phone.step(answer, 20))).toMatchObject({ field: "answer.addresses[0]" });
  });

  test("a hundred thousand records are cut down, and that is told", () => {
    const other = new Registration(CONFIG, 1);
    other.step({ type: "start" }, 0);
    const records = Array.from({ length: 100_000 }, (_, index) => ({ ...RECORD, target: `h${index}.example.test` }));
    const { actions, events } = other.step({ type: "answer", id: 1, answer: { type: "srv", ttl: 1, records } }, 10);
    expect(actions).toHaveLength(1);
    expect(events).toContainEqual(expect.objectContaining({ type: "recordsTruncated", rule: "2.7" }));
    other.free();
  });
});

describe("times", () => {
  test.each([Number.NaN, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])("%s is out of range", (time) => {
    const expected = { code: "timeOutOfRange", field: "nowMs" };
    expect(error(() => phone.step({ type: "wake" }, time))).toMatchObject(expected);
    expect(error(() => phone.status(time))).toMatchObject(expected);
    expect(error(() => phone.snapshot(time, 0))).toMatchObject(expected);
    expect(error(() => phone.snapshot(0, time))).toMatchObject({ ...expected, field: "wallMs" });
    const bytes = phone.snapshot(0, 0);
    expect(error(() => Registration.restore(CONFIG, 1, bytes, time, 0))).toMatchObject(expected);
  });

  test.each([undefined, null, "5", 5n, new Date()])("%s is no time", (time) => {
    const expected = { code: "invalidInput", field: "nowMs" };
    expect(error(() => phone.step({ type: "wake" }, time as unknown as number))).toMatchObject(expected);
  });
});

describe("configurations", () => {
  const many = { name: "s", hosts: ["x"] };
  test.each<[unknown, string]>([
    [undefined, "config"],
    [null, "config"],
    ["_sip._udp.example.test", "config"],
    [{}, "srvRecord"],
    [{ ...CONFIG, srv: "x" }, "srv"],
    [{ ...CONFIG, srvRecord: 5 }, "srvRecord"],
    [{ ...CONFIG, rollover: [] }, "rollover"],
    [{ ...CONFIG, rollover: null }, "rollover"],
    [{ ...CONFIG, rollover: { failuresBeforeRollover: "3" } }, "rollover.failuresBeforeRollover"],
    [{ ...CONFIG, rollover: { failuresBeforeRollover: 2.5 } }, "rollover.failuresBeforeRollover"],
    [{ ...CONFIG, rollover: { failuresBeforeRollover: 300 } }, "rollover.failuresBeforeRollover"],
    [{ ...CONFIG, rollover: { failuresBeforeRollover: 21 } }, "rollover.failuresBeforeRollover"],
    [{ ...CONFIG, rollover: { failures: 3 } }, "rollover.failures"],
    [{ ...CONFIG, rollover: { attemptTimeoutMs: Number.NaN } }, "rollover.attemptTimeoutMs"],
    [{ ...CONFIG, rollover: { attemptTimeoutMs: -1 } }, "rollover.attemptTimeoutMs"],
    [{ ...CONFIG, rollover: { attemptTimeoutMs: 2 ** 53 } }, "rollover.attemptTimeoutMs"],
    [{ ...CONFIG, rollover: { afterLoss: "tiers" } }, "rollover.afterLoss"],
    [{ ...CONFIG, rollover: { outcomes: [{ code: 503 }] } }, "rollover.outcomes"],
    [{ ...CONFIG, rollover: { outcomes: { code: 503, meaning: "failure" } } }, "rollover.outcomes"],
    [{ ...CONFIG, lookup: { discover: 1 } }, "lookup.discover"],
    [{ ...CONFIG, lookup: { transports: ["sctp"] } }, "lookup.transports"],
    [{ ...CONFIG, lookup: { candidates: new Array(2) } }, "lookup.candidates"],
    [{ ...CONFIG, srvRecord: "_sip._udp.\ud800.test" }, "srvRecord"],
    [Object.create(CONFIG), "srvRecord"],
    [new Proxy(CONFIG, { ownKeys: () => [] }), "srvRecord"],
    [{ ...CONFIG, lookup: { sites: [{ name: "s" }] } }, "lookup.sites"],
    [{ ...CONFIG, lookup: { sites: [{ ...many, host: "y" }] } }, "lookup.sites"],
    [{ ...CONFIG, lookup: { sites: [{ ...many, hosts: new Array(1) }] } }, "lookup.sites"],
    [{ ...CONFIG, tlsName: { nam: "x" } }, "tlsName"],
    [{ ...CONFIG, tlsName: { name: "x", other: 1 } }, "tlsName"],
    [{ ...CONFIG, tlsName: [] }, "tlsName"],
    [{ ...CONFIG, failback: { every: { millis: "x" } } }, "failback.every"],
    [{ ...CONFIG, refresh: { expires: 1n } }, "refresh.expires"],
  ])("%o", (config, field) => {
    expect(error(() => new Registration(config as Config, 1))).toMatchObject({ code: "config", field });
    const configure = { type: "configure", config } as Input;
    expect(error(() => phone.step(configure, 20))).toMatchObject({ code: "config", field });
  });

  test("its own exceptions come out of a configuration, and nothing is broken", () => {
    const mine = new TypeError("mine");
    const throws = () => {
      throw mine;
    };
    const bad = [
      Object.defineProperty({ ...CONFIG }, "domain", { enumerable: true, get: throws }),
      { ...CONFIG, rollover: Object.defineProperty({}, "afterLoss", { enumerable: true, get: throws }) },
      new Proxy(CONFIG, { ownKeys: throws }),
      { ...CONFIG, lookup: { candidates: new Proxy([], { get: throws }) } },
    ] as Config[];
    for (const config of bad) {
      expect(() => new Registration(config, 1)).toThrow(mine);
      expect(() => phone.step({ type: "configure", config }, 20)).toThrow(mine);
    }
  });

  test("a proxy of one that can be used can be used", () => {
    new Registration(new Proxy(CONFIG, {}), 1).free();
  });

  test("the message says what to write", () => {
    const { message } = error(() => new Registration({ ...CONFIG, rollover: { retryAfter: "go" as "leave" } }, 1));
    expect(message).toBe('rollover.retryAfter: "go" cannot be used: write "count" or "leave"');
    const range = error(() => new Registration({ ...CONFIG, rollover: { failuresBeforeRollover: 0 } }, 1));
    expect(range.message).toContain("rollover.failuresBeforeRollover: 0 cannot be used");
  });

  test("what is undefined is absent", () => {
    const config: Config = { ...CONFIG, domain: undefined, rollover: { rejectedRetryMs: undefined }, order: undefined };
    new Registration(config, 1).free();
  });

  test.each([undefined, null, -1, 1.5, Number.NaN, 2 ** 53, "1", 1n])("%s is no seed", (seed) => {
    expect(error(() => new Registration(CONFIG, seed as number))).toMatchObject({
      code: "invalidInput",
      field: "seed",
    });
  });

  test("an unknown preset", () => {
    const expected = { code: "unknownPreset", field: "name" };
    expect(error(() => preset("cisco" as "tpi"))).toMatchObject(expected);
    expect(error(() => preset(undefined as unknown as "tpi"))).toMatchObject(expected);
  });
});

describe("snapshots", () => {
  test("damaged, newer, and none at all", () => {
    const bytes = phone.snapshot(1000, 0);
    const restore = (snapshot: unknown) => error(() => Registration.restore(CONFIG, 1, snapshot as Uint8Array, 0, 0));
    expect(restore(bytes.slice(0, 20))).toMatchObject({ code: "snapshot" });
    expect(restore(new Uint8Array())).toMatchObject({ code: "snapshot" });
    expect(restore(Uint8Array.of(200, ...bytes.slice(1)))).toMatchObject({ code: "snapshotVersion" });
    expect(restore("bytes")).toMatchObject({ code: "invalidInput", field: "snapshot" });
    expect(restore(undefined)).toMatchObject({ code: "invalidInput", field: "snapshot" });
    expect(restore([...bytes])).toMatchObject({ code: "invalidInput", field: "snapshot" });
  });
});

describe("life", () => {
  test("use after free, and free again", () => {
    const other = new Registration(CONFIG, 2);
    other.free();
    const freed = { code: "freed" };
    expect(error(() => other.step({ type: "start" }, 0))).toMatchObject(freed);
    expect(error(() => other.status(0))).toMatchObject(freed);
    expect(error(() => other.snapshot(0, 0))).toMatchObject(freed);
    expect(error(() => other.target(1))).toMatchObject(freed);
    other.free();
  });

  test("a call inside a call", () => {
    const seen: string[] = [];
    const calls: (() => unknown)[] = [
      () => phone.step({ type: "stop" }, 5),
      () => phone.status(5),
      () => phone.snapshot(5, 5),
      () => phone.target(1),
      () => phone.free(),
    ];
    for (const call of calls) {
      const input = {
        get type(): "wake" {
          seen.push(error(call).code);
          return "wake";
        },
      };
      phone.step(input, 0);
    }
    expect(new Set(seen)).toEqual(new Set(["reentered"]));
  });
});

describe("order and DNS", () => {
  test("wrong arguments", () => {
    expect(error(() => order.shares([{ ...RECORD, weight: -1 }]))).toMatchObject({
      code: "invalidInput",
      field: "records[0].weight",
    });
    const selection = { code: "invalidInput", field: "selection" };
    expect(error(() => order.shares([RECORD], "best" as "rfc2782"))).toMatchObject(selection);
    expect(error(() => order.draw([RECORD], "weighted", Number.NaN))).toMatchObject({ field: "seed" });
    expect(error(() => order.draw([RECORD], "weighted", 1, 300))).toMatchObject({ field: "maxTargets" });
    expect(error(() => encodeQuestion("", "srv"))).toMatchObject({ code: "nameEmpty" });
    expect(error(() => encodeQuestion("a..b", "srv"))).toMatchObject({ code: "labelEmpty" });
    expect(error(() => encodeQuestion("a", "mx" as "a"))).toMatchObject({ code: "invalidInput", field: "kind" });
    expect(error(() => encodeQuestion("a", "a", 70000))).toMatchObject({ code: "invalidInput", field: "id" });
    expect(error(() => decodeAnswer(new Uint8Array(5), "a", "a"))).toMatchObject({ code: "tooShort" });
    expect(error(() => decodeAnswer("x" as unknown as Uint8Array, "a", "a"))).toMatchObject({ field: "message" });
  });
});

describe("the driver", () => {
  const resolver = { lookup: async () => ({ type: "noName" }) as const };
  const outcome = async () => ({ type: "accepted" }) as const;
  const registrar = { register: outcome, unregister: outcome, close() {} };
  const good = { config: CONFIG, resolver, registrar };

  test.each<[unknown, ErrorCode, string]>([
    [undefined, "invalidInput", "options"],
    [{ ...good, confg: CONFIG }, "invalidInput", "options.confg"],
    [{ resolver, registrar }, "config", "config"],
    [{ ...good, config: {} }, "config", "srvRecord"],
    [{ ...good, resolver: undefined }, "invalidInput", "resolver"],
    [{ ...good, resolver: { lookup: "a.example.test" } }, "invalidInput", "resolver"],
    [{ ...good, registrar: undefined }, "invalidInput", "registrar"],
    [{ ...good, registrar: { register: outcome, unregister: outcome } }, "invalidInput", "registrar"],
    [{ ...good, name: 7 }, "invalidInput", "name"],
    [{ ...good, seed: -1 }, "invalidInput", "seed"],
    [{ ...good, keepInputs: 0 }, "invalidInput", "keepInputs"],
    [{ ...good, keepInputs: 100_001 }, "invalidInput", "keepInputs"],
    [{ ...good, keepInputs: Number.NaN }, "invalidInput", "keepInputs"],
    [{ ...good, environment: null }, "invalidInput", "environment"],
  ])("%o", (options, code, field) => {
    expect(error(() => new Driver(options as DriverOptions))).toMatchObject({ code, field });
  });

  test("its methods throw where they are called, and it goes on", async () => {
    const driver = new Driver(good);
    expect(error(() => driver.on("statuz" as "status", () => {}))).toMatchObject({ field: "type" });
    expect(error(() => driver.on("toString" as "status", () => {}))).toMatchObject({ field: "type" });
    expect(error(() => driver.on("status", "show" as never))).toMatchObject({ field: "listener" });
    const nonsense = error(() => driver.refreshed({ type: "ok" } as never));
    expect(nonsense).toMatchObject({ code: "invalidInput", field: "outcome.type" });
    expect(error(() => driver.refreshed({ type: "status", code: 183 }))).toMatchObject({ code: "notFinal" });
    expect(error(() => driver.configure({ srvRecord: 7 } as never))).toMatchObject({ field: "srvRecord" });
    driver.start();
    await expect.poll(() => driver.status.state).toBe("waiting");
    await driver.close();
  });

  test("what a framework wrapped in proxies can be used", async () => {
    const wrapped = <T extends object>(value: T): T =>
      new Proxy(value, {
        get(target, key) {
          const field = Reflect.get(target, key);
          return typeof field === "object" && field !== null ? wrapped(field) : field;
        },
      });
    const driver = new Driver({ ...good, config: wrapped({ ...CONFIG, order: { maxTargets: 3 } }) });
    driver.configure(wrapped({ ...CONFIG, rollover: { failuresBeforeRollover: 2 } }));
    driver.refreshed(wrapped({ type: "accepted" }));
    driver.start();
    await expect.poll(() => driver.status.state).toBe("waiting");
    expect(driver.exportScenario().scenario.config).toMatchObject({ rollover: { failuresBeforeRollover: 2 } });
    await driver.close();
  });
});

describe("resolvers", () => {
  const servers = ["https://dns.example.test/dns-query"];
  test.each<[unknown, string]>([
    [undefined, "options"],
    [{}, "servers"],
    [{ servers: [] }, "servers"],
    [{ servers: servers[0] }, "servers"],
    [{ servers: [...servers, 5] }, "servers[1]"],
    [{ servers: ["dns.example.test/dns-query"] }, "servers[0]"],
    [{ servers: ["//dns.example.test/dns-query"] }, "servers[0]"],
    [{ servers: ["ftp://dns.example.test/"] }, "servers[0]"],
    [{ servers: ["https://"] }, "servers[0]"],
    [{ servers, timeoutMs: Number.NaN }, "timeoutMs"],
    [{ servers, timeoutMs: 0 }, "timeoutMs"],
    [{ servers, timeoutMs: "300" }, "timeoutMs"],
    [{ servers, timeoutMs: 60_001 }, "timeoutMs"],
    [{ servers, form: "xml" }, "form"],
    [{ servers, fetch: {} }, "fetch"],
    [{ servers, timeout: 300 }, "options.timeout"],
  ])("doh(%o)", (options, field) => {
    expect(error(() => doh(options as DohOptions))).toMatchObject({ code: "invalidInput", field });
  });

  const at = 'table["a.example.test"]';
  test.each<[unknown, string]>([
    [undefined, "table"],
    [[], "table"],
    [{ "a.example.test": undefined }, at],
    [{ "a.example.test": "192.0.2.1" }, at],
    [{ "a.example.test": { ttl: 60 } }, `${at}.records`],
    [{ "a.example.test": { addresses: ["192.0.2.1"] } }, `${at}.ttl`],
    [{ "a.example.test": { addresses: "192.0.2.1", ttl: 60 } }, `${at}.addresses`],
    [{ "a.example.test": { addresses: [], records: [], ttl: 60 } }, at],
    [{ "a.example.test": { records: [{ ...RECORD, port: "5060" }], ttl: 60 } }, `${at}.records[0].port`],
    [{ "a.example.test": { record: [], ttl: 60 } }, `${at}.record`],
  ])("staticResolver(%o)", (table, field) => {
    expect(error(() => staticResolver(table as never))).toMatchObject({ code: "invalidInput", field });
  });
});

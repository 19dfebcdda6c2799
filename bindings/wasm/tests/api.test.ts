import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import * as sip from "@rehome/sip";
import ts from "typescript";
import { expect, test } from "vitest";

const CONFIG: sip.Config = { srvRecord: "_sip._udp.example.test", order: { selection: "highestWeight" } };
const A = { priority: 10, weight: 60, port: 5060, target: "A.example.test." };
const B = { priority: 10, weight: 40, port: 5060, target: "b.example.test" };

test("a phone registers, rolls over, and says where it is", () => {
  const phone = new sip.Registration({ ...CONFIG, rollover: { failuresBeforeRollover: 1 } }, 7);
  expect(phone.step({ type: "start" }, 0)).toEqual({
    actions: [{ type: "lookup", id: 1, name: "_sip._udp.example.test", kind: "srv", deadlineMs: 5000 }],
    events: [{ type: "started", rule: "1.1", source: "srvRecord", name: "_sip._udp.example.test" }],
    wakeMs: 5000,
  });
  const answered = phone.step({ type: "answer", id: 1, answer: { type: "srv", records: [A, B], ttl: 300 } }, 20);
  const a = {
    id: 1,
    host: "a.example.test",
    port: 5060,
    transport: "udp",
    tlsName: "example.test",
    priority: 10,
    weight: 60,
  };
  const register = { type: "register", id: 2, target: a, binding: 2, attempt: 1, expires: 3600, deadlineMs: 10020 };
  expect(answered.actions).toStrictEqual([register]);
  const failed = phone.step({ type: "outcome", id: 2, outcome: { type: "status", code: 503 } }, 30);
  const b = { ...a, id: 2, host: "b.example.test", weight: 40 };
  expect(failed.events).toStrictEqual([
    { type: "attemptFailed", rule: "3.2", target: a, reason: { status: 503 }, streak: 1 },
    { type: "rolledOver", rule: "4.1", from: a, to: b },
  ]);
  expect(phone.status(30).trying).toEqual(b);
  phone.step({ type: "outcome", id: 3, outcome: { type: "accepted", expires: 60 } }, 40);
  const status = phone.status(40);
  expect(status).toMatchObject({ state: "registered", home: b, primary: true, streak: 0, failedRounds: 0 });
  expect(status.plan).toStrictEqual([
    { target: a, last: { failed: 503 } },
    { target: b, last: "accepted" },
  ]);
  expect("why" in status || "trying" in status).toBe(false);
  expect(phone.target(2)).toEqual(b);
  expect(phone.target(9)).toBeUndefined();
  const lost = phone.step({ type: "flowLost", target: status.home as sip.Target }, 50);
  expect(lost.events[0]).toMatchObject({ type: "flowLost", target: b });

  const bytes = phone.snapshot(60, 1_000_000);
  expect(bytes).toBeInstanceOf(Uint8Array);
  phone.free();
  const again = sip.Registration.restore(
    { ...CONFIG, rollover: { failuresBeforeRollover: 1 } },
    7,
    bytes,
    5,
    1_000_100,
  );
  expect(again.step({ type: "wake" }, 5).events[0]).toMatchObject({ type: "resumed" });
  again.free();
});

test("output is plain: it survives JSON and structuredClone, and holds no bigint, Map or undefined", () => {
  const phone = new sip.Registration(CONFIG, 7);
  const outputs: unknown[] = [phone.step({ type: "start" }, 0)];
  outputs.push(phone.step({ type: "answer", id: 1, answer: { type: "srv", records: [A, B], ttl: 300 } }, 20));
  outputs.push(phone.status(20), sip.preset("xima"), sip.order.shares([A, B]));
  for (const output of outputs) {
    expect(JSON.parse(JSON.stringify(output))).toStrictEqual(output);
    expect(structuredClone(output)).toStrictEqual(output);
  }
  phone.free();
});

test("each step's output is its own", () => {
  const phone = new sip.Registration(CONFIG, 7);
  const first = phone.step({ type: "start" }, 0);
  const copy = structuredClone(first);
  phone.step({ type: "stop" }, 10);
  expect(first).toEqual(copy);
  phone.free();
});

test("a target's new weight is told", () => {
  const phone = new sip.Registration(CONFIG, 7);
  phone.step({ type: "start" }, 0);
  phone.step({ type: "answer", id: 1, answer: { type: "srv", records: [A, B], ttl: 300 } }, 20);
  phone.step({ type: "networkChanged" }, 30);
  const records = [{ ...A, weight: 1 }, B];
  phone.step({ type: "answer", id: 3, answer: { type: "srv", records, ttl: 300 } }, 40);
  expect(phone.status(40).plan.map(({ target }) => [target.host, target.weight])).toEqual([
    ["b.example.test", 40],
    ["a.example.test", 1],
  ]);
  phone.free();
});

test("addresses go in and come out", () => {
  const phone = new sip.Registration({ ...CONFIG, lookup: { addresses: "core" } }, 7);
  phone.step({ type: "start" }, 0);
  phone.step({ type: "answer", id: 1, answer: { type: "srv", records: [A], ttl: 300 } }, 20);
  const answer = { type: "addresses", addresses: ["2001:DB8:0:0::1"], ttl: 300 } as const;
  const none = phone.step({ type: "answer", id: 2, answer: { type: "noData" } }, 30);
  const { actions } = phone.step({ type: "answer", id: 3, answer }, 35);
  const register = [...none.actions, ...actions].find((action) => action.type === "register");
  expect(register).toMatchObject({ address: "2001:db8::1" });
  phone.free();
});

test("a flood of targets is forgotten again", () => {
  const phone = new sip.Registration({ ...CONFIG, rollover: { recoverySpreadMs: 0 } }, 7);
  phone.step({ type: "start" }, 0);
  let now = 0;
  let id = 1;
  for (let round = 0; round < 40; round += 1) {
    const records = Array.from({ length: 64 }, (_, index) => ({ ...A, target: `t${round}x${index}.example.test` }));
    const { actions } = phone.step({ type: "answer", id, answer: { type: "srv", records, ttl: 300 } }, now);
    expect(actions.some((action) => action.type === "register")).toBe(true);
    now += 1000;
    const lookup = phone.step({ type: "networkChanged" }, now).actions.find((action) => action.type === "lookup");
    id = lookup?.id as number;
    for (const { target } of phone.status(now).plan) expect(target.host).toMatch(/^t\d+x\d+\.example\.test$/);
  }
  phone.free();
});

test("presets", () => {
  expect(sip.presetNames()).toEqual(["default", "xima", "tpi", "genesys", "broadworks", "rfc3263"]);
  expect(sip.preset("default")).toEqual({});
  expect(sip.preset("tpi")).toEqual({ order: { selection: "highestWeight", maxTargets: 1 } });
  for (const name of sip.presetNames()) new sip.Registration({ ...sip.preset(name), ...CONFIG }, 1).free();
  expect(sip.presetDifferences("broadworks")[0]).toMatchObject({ field: "failback.holdOffMs", value: 3_700_000 });
});

test("order", () => {
  const root = { ...A, target: "." };
  expect(sip.order.normalise([B, A, root])).toEqual({
    set: [
      { host: "a.example.test", port: 5060, priority: 10, weight: 60 },
      { host: "b.example.test", port: 5060, priority: 10, weight: 40 },
    ],
    dropped: [{ index: 2, reason: "root" }],
    notOffered: false,
  });
  expect(sip.order.normalise([root]).notOffered).toBe(true);
  expect(sip.order.shares([A, B]).map(({ numerator, denominator }) => numerator / denominator)).toEqual([0.6, 0.4]);
  const first = (seed: number) => sip.order.draw([A, B], "weighted", seed)[0]?.host;
  const firsts = Array.from({ length: 1000 }, (_, seed) => first(seed)).filter((host) => host === "a.example.test");
  expect(Math.abs(firsts.length - 600)).toBeLessThan(80);
  expect(sip.order.draw([A, B], "highestWeight", 1, 1)).toHaveLength(1);
});

test("a DNS question and its answer", () => {
  const question = sip.encodeQuestion("_sip._udp.example.test", "srv", 7);
  expect([...question.slice(0, 4)]).toEqual([0, 7, 1, 0]);
  const rdata = [0, 10, 0, 60, 0x13, 0xc4, 1, 97, 0];
  const reply = Uint8Array.of(...question, 0xc0, 12, 0, 33, 0, 1, 0, 0, 1, 44, 0, rdata.length, ...rdata);
  // A response with one answer; the question's own EDNS record goes out of the count.
  reply[2] = 0x81;
  reply[7] = 1;
  reply[11] = 0;
  const body = Uint8Array.of(...reply.slice(0, question.length - 11), ...reply.slice(question.length));
  expect(sip.decodeAnswer(body, "_sip._udp.example.test", "srv", 7)).toEqual({
    type: "srv",
    records: [{ priority: 10, weight: 60, port: 5060, target: "a" }],
    ttl: 300,
  });
  const nothing = body.slice();
  nothing[3] = 3;
  expect(sip.decodeAnswer(nothing, "_sip._udp.example.test", "srv")).toEqual({ type: "noName" });
  nothing[2] = 0x83;
  expect(sip.decodeAnswer(nothing, "_sip._udp.example.test", "srv")).toEqual({ type: "truncated" });
});

test("Symbol.dispose frees", () => {
  let kept: sip.Registration;
  {
    using phone = new sip.Registration(CONFIG, 7);
    kept = phone;
  }
  expect(() => kept.status(0)).toThrow(/was freed/);
});

/** Runs code in a fresh process-like context of its own; what it posts comes back. */
function fresh(code: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const worker = new Worker(url);
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const dist = new URL("../dist/", import.meta.url).href;
const post = 'import { parentPort } from "node:worker_threads"; const post = (value) => parentPort.postMessage(value);';

test("used before init where no file can be read, it says so; init takes bytes, a module, an answer, an address", async () => {
  const code = (source: string) => `${post}
    import { readFileSync } from "node:fs";
    const bytes = readFileSync(new URL("${dist}rehome.wasm"));
    delete globalThis.window; const fetched = globalThis.fetch;
    delete globalThis.fetch;
    process.getBuiltinModule = undefined;
    const sip = await import("${dist}index.js");
    const seen = [];
    try { new sip.Registration({ outboundProxy: "a:1;transport=udp" }, 1) } catch (error) { seen.push(error.code, error.message) }
    await sip.init(Promise.reject(new Error("no such thing"))).catch((error) => seen.push(error.code, error instanceof sip.RehomeError));
    globalThis.fetch = async () => new Response(bytes, { headers: { "content-type": "application/wasm" } });
    const both = [sip.init(${source}), sip.init()];
    await Promise.all(both);
    await sip.init();
    seen.push(sip.presetNames().length);
    post(seen);`;
  for (const source of [
    "bytes",
    "new WebAssembly.Module(bytes)",
    "fetch()",
    '"https://example.test/rehome.wasm"',
    "",
  ]) {
    expect(await fresh(code(source))).toEqual([
      "notInitialised",
      "the module is not loaded yet: call `await init()` first",
      "notInitialised",
      true,
      6,
    ]);
  }
});

test("in Node it works at once, by import and by inline", async () => {
  const code = (entry: string, init: string) =>
    `${post} import * as sip from "${dist}${entry}"; ${init}; post(sip.presetNames().length);`;
  expect(await fresh(code("index.js", ""))).toBe(6);
  expect(await fresh(code("index.js", "await sip.init()"))).toBe(6);
  expect(await fresh(code("inline.js", "process.getBuiltinModule = undefined; await sip.init()"))).toBe(6);
});

/** The words of declarations: keys and texts, no comments. */
function declared(file: ts.SourceFile): Set<string> {
  const words = new Set<string>();
  const visit = (node: ts.Node) => {
    if (ts.isStringLiteral(node)) words.add(node.text);
    if (ts.isPropertySignature(node)) words.add(node.name.getText(file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return words;
}

test("the types know every word, every setting and every error code that the module can say", async () => {
  const code = `${post} import { ensure } from "${dist}module.js"; import { names } from "${dist}generated/rehome_wasm.js";
    ensure(); post([names(false), names(true)]);`;
  const [words, settings] = (await fresh(code)) as [string, string];
  const paths = ["types.d.ts", "dns.d.ts", "errors.d.ts"].map((name) => fileURLToPath(new URL(name, dist)));
  const program = ts.createProgram(paths, { strict: true });
  const [types, dns, errors] = paths.map((path) => program.getSourceFile(path) as ts.SourceFile) as [
    ts.SourceFile,
    ts.SourceFile,
    ts.SourceFile,
  ];
  const known = new Set([...declared(types), ...declared(dns)]);
  expect(words.split(",").filter((word) => word !== "" && !known.has(word))).toEqual([]);

  const checker = program.getTypeChecker();
  const config = types.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === "Config");
  const isThere = (setting: string) => {
    let type = checker.getTypeAtLocation(config as ts.Node);
    return setting.split(".").every((key) => {
      const property = checker.getNonNullableType(type).getProperty(key);
      if (property) type = checker.getTypeOfSymbol(property);
      return property !== undefined;
    });
  };
  const listed = (text: string) => text.split(",").filter((word) => word !== "");
  const all = listed(settings).map((setting) => setting.replace("[]", ""));
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter((setting) => !isThere(setting))).toEqual([]);

  const core = ["error.rs", "wire/error.rs"].map((name) =>
    readFileSync(new URL(`../../../core/src/${name}`, import.meta.url), "utf8"),
  );
  const rust = core.flatMap((text) => {
    const body = /const fn code\(.*?\n {4}\}/su.exec(text)?.[0] ?? "";
    return [...body.matchAll(/=> "(\w+)"/gu)].map(([, word]) => word);
  });
  expect(rust).toEqual(expect.arrayContaining(["config", "labelTooLong"]));
  const own = ["notInitialised", "invalidInput", "freed", "reentered", "unknownPreset"];
  expect([...declared(errors)].filter((word) => !["code", "field"].includes(word)).sort()).toEqual(
    [...rust, ...own].sort(),
  );
});

test("the package holds no path of the machine that built it", () => {
  const wasm = readFileSync(new URL("rehome.wasm", dist), "latin1");
  expect(wasm).not.toMatch(/\.cargo|\.rs\b|\/home\/|\/root\/|\/tmp\//);
});

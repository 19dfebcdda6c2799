// Runs scenario files through the package's public API. tests/README.md of the repository has the format, the rules of
// matching and the trace hash. No import, no I/O: the same file runs in Node and in a browser.

/** One line of canonical JSON: keys sorted by code point, no spaces, absent and null fields left out. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value).filter((key) => value[key] !== null && value[key] !== undefined);
    return `{${keys
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
      .join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}

const encoder = new TextEncoder();

/** FNV-1a, 64 bit, in two halves. */
export class Hash {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  line(text) {
    for (const byte of encoder.encode(`${text}\n`)) {
      // Times 2^40 + 0x1b3.
      const low = (this.#low ^ byte) >>> 0;
      const product = low * 0x1b3;
      this.#high = (this.#high * 0x1b3 + Math.floor(product / 2 ** 32) + low * 2 ** 8) >>> 0;
      this.#low = product >>> 0;
    }
  }

  hex() {
    const half = (number) => number.toString(16).padStart(8, "0");
    return half(this.#high) + half(this.#low);
  }
}

/** Lays `over` on `base`, object by object; anything else takes the place of what was there. */
export function layOver(base, over) {
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(base) || !isObject(over)) return over;
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = key in base ? layOver(base[key], value) : value;
  return merged;
}

const TIMES = ["wakeMs", "deadlineMs", "untilMs", "expiresAtMs", "heldUntilMs"];
const TARGETS = ["target", "from", "to", "home", "trying"];
const OF_TARGET = ["tlsName", "priority", "weight", "site"];

function targetText({ host, port, transport }) {
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return `${name}:${port}/${transport}`;
}

/** What happened is not what the file says. */
class Mismatch extends Error {}

const raise = (error) => {
  throw error;
};

/** One registration, in the notation of the files. */
class Driver {
  now = 0;
  wake = null;
  hash = new Hash();
  first;
  /** Told of each step that was done, as it really was. */
  done = undefined;
  /** Told of what is not as expected. */
  differs = raise;
  #stepped = 0;
  #seen = new Map();

  constructor(api, scenario, seed) {
    this.api = api;
    this.scenario = scenario;
    this.seed = seed;
    this.preset = api.preset(scenario.preset ?? "default");
    this.config = layOver(this.preset, scenario.config ?? {});
  }

  run(hashed) {
    this.hashed = hashed;
    this.registration = new this.api.Registration(this.config, this.seed);
    for (const [index, step] of this.scenario.steps.entries()) {
      try {
        this.now = this.#time(step.atMs);
        this.#line({ step: index });
        this.#do(step);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        error.message = `step ${index} (${this.now} ms): ${error.message}`;
        this.differs(error);
      }
    }
  }

  free() {
    this.registration.free();
  }

  plan() {
    return this.registration
      .status(this.now)
      .plan.map(({ target }) => targetText(target))
      .join(" ");
  }

  #time(at) {
    if (typeof at === "number") return at;
    if (at === "wake") {
      if (this.wake === null) throw new Mismatch("atMs: the last step asked for no time");
      return this.wake;
    }
    return this.now + at.after;
  }

  #line(value) {
    if (this.hashed) this.hash.line(canonical(value));
  }

  #do(step) {
    switch (step.op) {
      case "step":
        return this.#step(step);
      case "status": {
        const status = this.#status();
        this.#line(status);
        return same("status", step.expect, status, this.now);
      }
      case "snapshotRestore": {
        const atMs = this.now;
        const snapshot = this.registration.snapshot(atMs, step.wallMs);
        this.now = step.restoreAtMs;
        return this.#replace(step, atMs, (config, seed) =>
          this.api.Registration.restore(config, seed, snapshot, step.restoreAtMs, step.restoreWallMs),
        );
      }
      case "restart":
        return this.#replace(step, this.now, (config, seed) => new this.api.Registration(config, seed));
      default:
        throw new Mismatch(`unknown operation ${step.op}`);
    }
  }

  #replace(step, atMs, make) {
    const config = layOver(this.config, step.config ?? {});
    let other;
    try {
      other = make(config, step.seed ?? this.seed);
    } catch (error) {
      return this.#refused(error, step.error);
    }
    if (step.error) throw new Mismatch(`error: expected ${step.error}, there was none`);
    this.registration.free();
    this.registration = other;
    this.wake = other.status(this.now).wakeMs ?? null;
    this.done?.({ ...step, atMs, seed: step.seed ?? this.seed, ...(step.config && { config }) });
  }

  #refused(error, expected) {
    if (!(error instanceof this.api.RehomeError)) throw error;
    this.#line({ error: error.code });
    if (error.code !== expected)
      throw new Mismatch(`error: expected ${expected ?? "none"}, ${error.code}: ${error.message}`);
  }

  /** The trace so far. */
  #sameHash(expected) {
    const hash = this.hash.hex();
    if (this.hashed && hash !== expected) throw new Mismatch(`hash: expected ${expected}, it is ${hash}`);
  }

  #step(step) {
    const input = this.#input(step.input);
    let output;
    // An error must change nothing: as far as can be seen from outside, at a time that is none itself.
    const seen = () => canonical(this.registration.status(this.#stepped));
    const before = step.error && seen();
    try {
      output = this.registration.step(input, this.now);
    } catch (error) {
      if (step.hash && error instanceof this.api.RehomeError) {
        this.#refused(error, error.code);
        return this.#sameHash(step.hash);
      }
      this.#refused(error, step.error);
      if (step.error && seen() !== before) throw new Mismatch("the error changed something");
      return;
    }
    this.wake = output.wakeMs;
    this.#stepped = this.now;
    const actions = output.actions.map((action) => {
      const named = this.#named(action);
      if (action.type === "register") for (const key of OF_TARGET) named[key] = action.target[key];
      return named;
    });
    const events = output.events.map((event) => this.#named(event));
    this.done?.({
      atMs: this.now,
      op: "step",
      input: input.type === "configure" ? input : step.input,
      actions: output.actions.map((action) => this.#named(action)),
      wakeMs: output.wakeMs,
      events,
    });
    for (const item of [...actions, ...events]) this.#line(item);
    this.#line({ wakeMs: output.wakeMs });
    this.first ??= actions.find((action) => action.type === "register")?.target;
    if (this.scenario.statistics) return;
    if (step.hash) return this.#sameHash(step.hash);
    if (step.error) throw new Mismatch(`error: expected ${step.error}, there was none`);
    all("actions", step.actions ?? [], actions, this.now);
    if (!timeFits(step.wakeMs, output.wakeMs, this.now)) {
      throw new Mismatch(`wakeMs: expected ${canonical(step.wakeMs)}, it is ${output.wakeMs}`);
    }
    if (step.events) all("events", step.events, events, this.now);
  }

  #input(written) {
    if (written.type === "configure") return { ...written, config: layOver(this.preset, written.config) };
    if (written.type === "flowLost") return { ...written, target: this.#find(written.target) };
    const records = written.answer?.records;
    if (!records) return written;
    const read = (text) => {
      const [, priority, weight, port, target] = /^(\d+) (\d+) (\d+) (.*)$/su.exec(text);
      return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
    };
    return { ...written, answer: { ...written.answer, records: records.map(read) } };
  }

  #find(text) {
    const status = this.registration.status(this.now);
    const listed = status.plan.map(({ target }) => target);
    if (status.home) listed.push(status.home);
    return listed.find((target) => targetText(target) === text) ?? this.#seen.get(text) ?? 0xffff_ffff;
  }

  #text(target) {
    const text = targetText(target);
    this.#seen.set(text, target.id);
    return text;
  }

  #named(item) {
    const named = { ...item };
    for (const key of TARGETS) if (typeof named[key] === "object") named[key] = this.#text(named[key]);
    return named;
  }

  #status() {
    const status = this.#named(this.registration.status(this.now));
    status.plan = status.plan.map(({ target, ...entry }) => {
      for (const key of OF_TARGET) entry[key] = target[key];
      return { ...entry, target: this.#text(target) };
    });
    return status;
  }
}

/** A time: exact, or in a range; counted from this step if it says so. */
function timeFits(expected, actual, now) {
  if (typeof expected !== "object" || expected === null) return (expected ?? null) === (actual ?? null);
  const from = expected.from ?? now + (expected.inFrom ?? expected.in);
  const to = expected.to ?? now + (expected.inTo ?? expected.in);
  return actual !== null && actual !== undefined && from <= actual && actual <= to;
}

/** Lists match in number and order. */
function all(name, expected, actual, now) {
  for (let index = 0; index < Math.max(expected.length, actual.length); index += 1) {
    const at = `${name}[${index}]`;
    if (index >= actual.length) throw new Mismatch(`${at}: expected ${canonical(expected[index])}, there is none`);
    if (index >= expected.length) throw new Mismatch(`${at}: expected none, it is ${canonical(actual[index])}`);
    same(at, expected[index], actual[index], now);
  }
}

/** The fields that are named; of a plan, those of its entries. */
function same(at, expected, actual, now) {
  for (const [key, value] of Object.entries(expected)) {
    if (key === "plan") {
      all(`${at}.plan`, value, actual.plan, now);
      continue;
    }
    const fits = TIMES.includes(key)
      ? timeFits(value, actual[key], now)
      : canonical(value ?? null) === canonical(actual[key] ?? null);
    if (!fits) {
      throw new Mismatch(
        `${at}.${key}: expected ${canonical(value)}, it is ${canonical(actual[key])}, in ${canonical(actual)}`,
      );
    }
  }
}

function statistics(api, scenario) {
  const { seeds, observe, expect, bound } = scenario.statistics;
  const counts = new Map();
  for (let seed = 1; seed <= seeds; seed += 1) {
    const driver = new Driver(api, scenario, seed);
    driver.run(false);
    const seen = observe === "first" ? (driver.first ?? "no register action") : driver.plan();
    driver.free();
    counts.set(seen, (counts.get(seen) ?? 0) + 1);
  }
  const hash = new Hash();
  const byText = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [is, count] of byText) hash.line(canonical({ count, is }));
  for (const { is, share } of expect) {
    const [part, whole] = share;
    const slack = part === 0 || part === whole ? 0 : bound;
    const count = counts.get(is) ?? 0;
    if (Math.abs(seeds * part - count * whole) > slack * whole) {
      throw new Mismatch(`count of ${is}: expected ${(seeds * part) / whole}, ${slack} more or less, it is ${count}`);
    }
    counts.delete(is);
  }
  if (counts.size > 0) throw new Mismatch(`not listed: ${[...counts.keys()].join(", ")}`);
  return hash.hex();
}

/** Runs one file; its trace hash, or the first thing that is not as expected. */
export function run(api, scenario) {
  if (scenario.schemaVersion !== 1) return { failure: `schemaVersion ${scenario.schemaVersion}: take a newer runner` };
  try {
    if (scenario.statistics) return { hash: statistics(api, scenario) };
    const driver = new Driver(api, scenario, scenario.seed);
    driver.run(true);
    driver.free();
    return { hash: driver.hash.hex() };
  } catch (error) {
    return { failure: error instanceof Mismatch ? error.message : (error.stack ?? String(error)) };
  }
}

/**
 * Runs one file to its end, whatever it expects, and hands `look` the registration as it is then. Gives the steps as they
 * really were, without those that only compare, and the first thing that is not as expected.
 */
export function record(api, scenario, look = () => {}) {
  const driver = new Driver(api, scenario, scenario.seed);
  const steps = [];
  let difference;
  driver.done = (step) => steps.push(step);
  driver.differs = (error) => {
    difference ??= error.message;
  };
  try {
    driver.run(false);
    return { config: driver.config, steps, difference, seen: look(driver.registration) };
  } finally {
    driver.registration?.free();
  }
}

/**
 * Runs all files, given as [name, scenario], one after the other; the names are paths from the scenarios folder. `told`
 * hears how many are done.
 */
export async function runAll(api, files, told = () => {}) {
  const suite = new Hash();
  const hashes = [];
  const failures = [];
  let inputs = 0;
  for await (const [name, scenario] of files) {
    const { hash, failure } = run(api, scenario);
    if (failure) failures.push(`${name}: ${failure}`);
    hashes.push([name, hash]);
    suite.line(`${name} ${hash}`);
    inputs += scenario.steps.filter(({ op }) => op === "step").length;
    told(hashes.length);
  }
  return { hash: suite.hex(), hashes, failures, inputs };
}

// The lab's control interface: what is there, what is broken, who is registered; and the switches.

import { Store } from "../store.js";

export interface LabRegistrar {
  readonly name: string;
  readonly datacentre: 1 | 2;
  readonly wsUrl: string | null;
  readonly fault: LabFault | null;
}

export interface LabFault {
  readonly kind: string;
  readonly code?: number;
  readonly retryAfter?: number;
  readonly ms?: number;
}

export interface DnsFault {
  readonly kind: string;
  readonly view?: number | null;
  readonly name?: string | null;
  readonly ms?: number | null;
}

export interface LabState {
  readonly domain: string;
  readonly dohUrls: readonly string[];
  readonly registrars: readonly LabRegistrar[];
  readonly dnsFaults: readonly DnsFault[];
}

export interface Binding {
  readonly registrar: string;
  readonly contact: string;
  readonly transport: string;
  readonly expiresIn: number;
}

/** A SIP request as a registrar saw it. */
export interface LabRequest {
  readonly atMs: number;
  readonly registrar: string;
  readonly method: string;
  readonly expires: number | null;
  readonly code: number | null;
}

export interface LabView {
  /** What it said last; undefined until it has said anything. */
  readonly state: LabState | undefined;
  readonly bindings: readonly Binding[];
  /** A sentence for people; undefined while it answers. */
  readonly trouble: string | undefined;
}

/** How a registrar that is switched off behaves. */
export const FAILURES = {
  refuse: { label: "cut off", body: { kind: "refuse" }, hint: "Sockets closed: connections are refused." },
  silent: { label: "silent", body: { kind: "silent" }, hint: "Connects, and never answers." },
  unavailable: {
    label: "answers 503",
    body: { kind: "status", code: 503 },
    hint: "Every request is answered 503 Service Unavailable.",
  },
  retryAfter: {
    label: "answers 503, Retry-After 10 s",
    body: { kind: "status", code: 503, retryAfter: 10 },
    hint: "Every request is answered 503 with a Retry-After: the target is held so long.",
  },
  rejects: {
    label: "rejects with 403",
    body: { kind: "status", code: 403 },
    hint: "Every request is answered 403 Forbidden: no further try there in this round.",
  },
  late: {
    label: "answers late (3 s)",
    body: { kind: "slow", ms: 3000 },
    hint: "Every request waits 3 s; an attempt has 2 s.",
  },
  noUpgrade: {
    label: "refuses WebSocket",
    body: { kind: "noUpgrade" },
    hint: "The handshake is answered with HTTP 503; open connections stay.",
  },
} as const;

export type Failure = keyof typeof FAILURES;

/** How DNS behaves when it is switched off. */
export const DNS_FAILURES = {
  servfail: { label: "answers SERVFAIL", body: { kind: "servfail" } },
  silent: { label: "silent", body: { kind: "silent" } },
  nxdomain: { label: "says no such name", body: { kind: "nxdomain" } },
  late: { label: "answers late (3 s)", body: { kind: "delay", ms: 3000 } },
} as const;

export type DnsFailure = keyof typeof DNS_FAILURES;

const POLL_MS = 1000;
/** Each failed request is a line in the browser's console. */
const AGAIN_MS = 3000;
const WAIT_MS = 4000;
const NO_LAB = "it answers, but not as the lab does";

export class Lab {
  readonly view = new Store<LabView>({ state: undefined, bindings: [], trouble: undefined });
  #base: string;
  #user: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counted by each chain of asking, so that there is one. */
  #chain = 0;
  /** Counted by each answer asked for, so that an old one never overtakes. */
  #asked = 0;

  constructor(base: string, user: string) {
    this.#base = base;
    this.#user = user;
  }

  /** Asks each second while the page is visible. */
  watch(): void {
    const begin = () => {
      clearTimeout(this.#timer);
      this.#chain += 1;
      void this.#next(this.#chain);
    };
    document.addEventListener("visibilitychange", () => document.hidden || begin());
    begin();
  }

  async #next(chain: number): Promise<void> {
    if (!document.hidden) await this.ask();
    // Another began while this one waited.
    if (chain !== this.#chain) return;
    this.#timer = setTimeout(() => void this.#next(chain), this.view.value.trouble ? AGAIN_MS : POLL_MS);
  }

  async ask(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const state = readState(await this.#fetch("GET", "/"));
      const bindings = await this.#list<Binding>("bindings");
      if (mine !== this.#asked) return;
      this.view.set({ state, bindings, trouble: undefined });
    } catch (error) {
      if (mine === this.#asked) this.view.patch({ bindings: [], trouble: this.#sentence(error) });
    }
  }

  /** The user's requests, as the registrars saw them; undefined where they cannot be had. */
  async requests(): Promise<readonly LabRequest[] | undefined> {
    return this.#list<LabRequest>("log").catch(() => undefined);
  }

  setRegistrar(name: string, working: boolean, failure: Failure): Promise<void> {
    return this.#change(working, `/registrars/${name}/fault`, FAILURES[failure].body);
  }

  setDatacentre(datacentre: 1 | 2, working: boolean, failure: Failure): Promise<void> {
    return this.#change(working, `/datacentres/${datacentre}/fault`, FAILURES[failure].body);
  }

  setDns(working: boolean, failure: DnsFailure): Promise<void> {
    return this.#change(working, "/dns/fault", DNS_FAILURES[failure].body);
  }

  /** Takes all faults away. The lab's own reset would drop the bindings, too. */
  async mend(): Promise<void> {
    for (const path of ["/datacentres/1/fault", "/datacentres/2/fault", "/dns/fault"]) {
      await this.#change(true, path, {});
    }
  }

  async #change(working: boolean, path: string, body: object): Promise<void> {
    try {
      await this.#fetch(working ? "DELETE" : "PUT", path, working ? undefined : body);
    } catch (error) {
      this.view.patch({ trouble: this.#sentence(error) });
      return;
    }
    await this.ask();
  }

  async #list<T>(what: "bindings" | "log"): Promise<readonly T[]> {
    const list = await this.#fetch("GET", `/${what}/${encodeURIComponent(this.#user)}`);
    if (!Array.isArray(list)) throw new Error(NO_LAB);
    return list as T[];
  }

  async #fetch(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(this.#base + path, {
      method,
      cache: "no-store",
      signal: AbortSignal.timeout(WAIT_MS),
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });
    if (!response.ok) throw new Error(`it answers ${response.status} to ${method} ${path}`);
    return response.json().catch(() => {
      throw new Error(NO_LAB);
    });
  }

  #sentence(error: unknown): string {
    const why = error instanceof Error && error.message.startsWith("it answers") ? error.message : "it does not answer";
    return `The lab at ${this.#base || location.origin} cannot be used: ${why}. Start it again with “cargo xtask demo”; the page goes on by itself when it is back on this address.`;
  }
}

/** Whatever answers at an address may be something else. */
function readState(value: unknown): LabState {
  const { dohUrls, registrars, dnsFaults } = (value ?? {}) as Partial<LabState>;
  if (![dohUrls, registrars, dnsFaults].every(Array.isArray)) throw new Error(NO_LAB);
  return value as LabState;
}

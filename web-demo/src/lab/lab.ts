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
}

export interface LabState {
  readonly domain: string;
  readonly dohUrls: readonly string[];
  readonly registrars: readonly LabRegistrar[];
  readonly dnsFaults: readonly {
    readonly kind: string;
    readonly view?: number | null;
    readonly name?: string | null;
  }[];
}

export interface Binding {
  readonly registrar: string;
  readonly contact: string;
  readonly transport: string;
  readonly expiresIn: number;
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
  "503": {
    label: "answers 503",
    body: { kind: "status", code: 503 },
    hint: "Every request is answered 503 Service Unavailable.",
  },
  noUpgrade: {
    label: "refuses WebSocket",
    body: { kind: "noUpgrade" },
    hint: "The handshake is answered with HTTP 503; open connections stay.",
  },
} as const;

export type Failure = keyof typeof FAILURES;

const POLL_MS = 1000;
/** Each failed request is a line in the browser's console. */
const AGAIN_MS = 3000;
const WAIT_MS = 4000;

export class Lab {
  readonly view = new Store<LabView>({ state: undefined, bindings: [], trouble: undefined });
  #base: string;
  #user: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counted by each answer asked for, so that an old one never overtakes. */
  #asked = 0;

  constructor(base: string, user: string) {
    this.#base = base;
    this.#user = user;
  }

  /** Asks each second while the page is visible. */
  watch(): void {
    const next = async () => {
      if (!document.hidden) await this.ask();
      this.#timer = setTimeout(next, this.view.value.trouble ? AGAIN_MS : POLL_MS);
    };
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      clearTimeout(this.#timer);
      void next();
    });
    void next();
  }

  async ask(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    try {
      const state = await this.#fetch<LabState>("GET", "/");
      const bindings = await this.#fetch<Binding[]>("GET", `/bindings/${encodeURIComponent(this.#user)}`);
      if (mine !== this.#asked) return;
      this.view.set({ state, bindings, trouble: undefined });
    } catch (error) {
      if (mine === this.#asked) this.view.patch({ bindings: [], trouble: this.#sentence(error) });
    }
  }

  setRegistrar(name: string, working: boolean, failure: Failure): Promise<void> {
    return this.#change(working, `/registrars/${name}/fault`, FAILURES[failure].body);
  }

  setDatacentre(datacentre: 1 | 2, working: boolean, failure: Failure): Promise<void> {
    return this.#change(working, `/datacentres/${datacentre}/fault`, FAILURES[failure].body);
  }

  setDns(working: boolean, failure: Failure): Promise<void> {
    return this.#change(working, "/dns/fault", { kind: failure === "silent" ? "silent" : "servfail" });
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

  async #fetch<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.#base + path, {
      method,
      cache: "no-store",
      signal: AbortSignal.timeout(WAIT_MS),
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });
    if (!response.ok) throw new Error(`it answers ${response.status} to ${method} ${path}`);
    return (await response.json()) as T;
  }

  #sentence(error: unknown): string {
    const why = error instanceof Error && error.message.startsWith("it answers") ? error.message : "it does not answer";
    return `The lab at ${this.#base || location.origin} cannot be used: ${why}. Start it again with “cargo xtask demo”; the page goes on by itself when it is back on this address.`;
  }
}

// The lab that tests/lab.ts started, at REHOME_LAB (its control address).

import type { Target } from "../../ts/types.js";

const address = process.env.REHOME_LAB?.replace(/\/$/, "");

export interface Binding {
  contact: string;
  parameters: string;
  registrar: string;
  source: string;
  callId: string;
  cseq: number;
  expiresIn: number;
}

export interface LogEntry {
  method: string;
  source: string;
  callId: string;
  cseq: number;
  expires: number | null;
  code: number | null;
}

export async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${address}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const json: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(json)}`);
  return json;
}

let count = 0;

export class Lab {
  readonly user: string;
  readonly name = "dc1-spx1";
  readonly target: Target;

  constructor(user: string, target: Target) {
    this.user = user;
    this.target = target;
  }

  /** Each test has an account of its own, for faults go by account. */
  static async account(what: string, id = 1): Promise<Lab> {
    const world = (await ask("GET", "/")) as { registrars: { name: string; ws: string }[] };
    const ws = world.registrars.find((registrar) => registrar.name === "dc1-spx1")?.ws ?? "";
    const [host = "", port] = ws.split(":");
    const user = `${what}-${process.pid}-${++count}`;
    return new Lab(user, targetAt(host, Number(port), id));
  }

  get uri(): string {
    return `sip:${this.user}@example.test`;
  }

  /** The handshake names the account, too. */
  get url(): string {
    return `ws://{host}:{port}/ws?user=${this.user}`;
  }

  async fault(fault: object): Promise<void> {
    await ask("PUT", `/registrars/${this.name}/fault/${this.user}`, fault);
  }

  async mend(): Promise<void> {
    await ask("DELETE", `/registrars/${this.name}/fault/${this.user}`);
  }

  async bindings(): Promise<Binding[]> {
    return (await ask("GET", `/bindings/${this.user}`)) as Binding[];
  }

  async registers(): Promise<LogEntry[]> {
    const log = (await ask("GET", `/log/${this.user}`)) as LogEntry[];
    return log.filter((entry) => entry.method === "REGISTER");
  }
}

export function targetAt(host: string, port: number, id = 1): Target {
  return { id, host, port, transport: "ws", tlsName: "example.test", priority: 10, weight: 50 };
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export async function until(what: () => boolean | Promise<boolean>, ms = 3000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > end) throw new Error("it did not happen in time");
    await sleep(10);
  }
}

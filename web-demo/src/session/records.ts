// Which targets an SRV answer lists, as far as a log says: the plan's order is the phone's own.

import { type Fields, fieldsOf, listOf, numberOf, textOf } from "./fields.js";

export interface Listed {
  readonly priority: number;
  readonly weight: number;
}

/** Rule 1.3. */
const TRANSPORTS: { readonly [service: string]: string } = {
  "_sip._udp": "udp",
  "_sip._tcp": "tcp",
  "_sips._tcp": "tls",
  "_sip._tls": "tls",
  "_sips._tls": "tls",
  "_sip2._tls": "tls",
  "_sips._udp": "dtls",
  "_sip._ws": "ws",
  "_sips._wss": "wss",
  "_sip._wss": "wss",
  "_sips._ws": "wss",
};

/** Rule 2.7. */
const MAX_RECORDS = 4096;

function transportOf(name: string, config: Fields): string | undefined {
  const service = name.toLowerCase().split(".").slice(0, 2).join(".");
  return Object.hasOwn(TRANSPORTS, service) ? TRANSPORTS[service] : textOf(config.transport);
}

/** Rule 1.7: `*` stands for anything. */
function fits(pattern: string, host: string): boolean {
  const escaped = pattern.trim().replace(/\.$/u, "").split("*");
  const source = escaped.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/gu, "\\$&")).join(".*");
  return new RegExp(`^${source}$`, "iu").test(host);
}

function isPinned(host: string, config: Fields): boolean {
  const { pinToSite, sites } = fieldsOf(config.lookup);
  const pin = textOf(pinToSite)?.trim();
  if (!pin) return true;
  const patterns = (site: Fields) => (Array.isArray(site.hosts) ? site.hosts : []);
  const site = listOf(sites).find((site) => patterns(site).some((hosts) => fits(String(hosts), host)));
  return textOf(site?.name)?.trim().toLowerCase() === pin.toLowerCase();
}

function read(text: unknown): (Listed & { port: string; host: string }) | undefined {
  const [, priority, weight, port, name] = /^(\d+) (\d+) (\d+) (.*)$/su.exec(String(text)) ?? [];
  const host = name?.toLowerCase().replace(/\.$/u, "");
  if (!host || !port || port === "0") return undefined;
  return { priority: Number(priority), weight: Number(weight), port, host };
}

/** The usable records of an answer, as targets; `events` are those of its step, which say what was dropped. */
export function listedIn(
  answer: Fields,
  name: string,
  config: Fields,
  events: readonly Fields[],
): Map<string, Listed> | undefined {
  const transport = transportOf(name, config);
  if (answer.type !== "srv" || !Array.isArray(answer.records) || transport === undefined) return undefined;
  const dropped = new Set(
    events.filter(({ type, reason }) => type === "recordDropped" && reason !== "sameTarget").map(({ index }) => index),
  );
  const listed = new Map<string, Listed>();
  for (const [index, text] of answer.records.slice(0, MAX_RECORDS).entries()) {
    const record = read(text);
    if (!record || dropped.has(index) || !isPinned(record.host, config)) continue;
    const { priority, weight } = record;
    const target = `${record.host}:${Number(record.port)}/${transport}`;
    const other = listed.get(target);
    // Of two the first in order stays: lower priority, then higher weight.
    const first = !other || priority < other.priority || (priority === other.priority && weight > other.weight);
    if (first) listed.set(target, { priority, weight });
  }
  return listed.size > 0 ? listed : undefined;
}

/** The most that a plan has (rule 2.4). */
export function maxTargets(config: Fields): number {
  return numberOf(fieldsOf(config.order).maxTargets) ?? 64;
}

// Targets are written `host:port/transport`; what all of them share tells nobody anything.

interface Parts {
  readonly host: string;
  readonly port: string;
  readonly transport: string;
}

/** Undefined where it is not written so. */
export function targetParts(target: string): Parts | undefined {
  const [, host, port, transport] = /^(.+):(\d+)\/([a-z]+)$/u.exec(target) ?? [];
  return host && port && transport ? { host, port, transport } : undefined;
}

const isAddress = (host: string) => host.startsWith("[") || /^[\d.]+$/u.test(host);

/** The domain that all hosts share, with the dot before it; of each host one label at least is left. */
function sharedDomain(hosts: readonly string[]): string {
  const [first, ...others] = hosts;
  if (first === undefined || others.length === 0) return "";
  for (let at = first.indexOf("."); at >= 0; at = first.indexOf(".", at + 1)) {
    const domain = first.slice(at);
    if (others.every((host) => host.endsWith(domain) && host.length > domain.length)) return domain;
  }
  return "";
}

/** Names targets without the domain and the transport that all of them share: `dc1-spx1:8080`. */
export function shortNames(targets: Iterable<string>): (target: string) => string {
  const all = [...targets].map(targetParts).filter((parts) => parts !== undefined);
  const domain = sharedDomain([...new Set(all.map(({ host }) => host).filter((host) => !isAddress(host)))]);
  const oneTransport = new Set(all.map(({ transport }) => transport)).size <= 1;
  return (target) => {
    const parts = targetParts(target);
    if (!parts) return target;
    const { host, port, transport } = parts;
    const name = domain && host.endsWith(domain) ? host.slice(0, -domain.length) : host;
    return oneTransport ? `${name}:${port}` : `${name}:${port}/${transport}`;
  };
}

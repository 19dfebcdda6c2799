import type { Target } from "@rehome/sip";
import { doh } from "@rehome/sip/doh";
import { Driver, type Resolver } from "@rehome/sip/driver";
import { jssip } from "@rehome/sip/jssip";
import JsSIP from "jssip";
import { CONFIG, PASSWORD } from "./settings.js";

/** What tells this phone from others, and where it finds DNS. */
interface Account {
  readonly user: string;
  readonly name: string;
  readonly instanceId: string;
  readonly keepInputs: number;
  readonly dohUrl: () => string;
}

/** The whole integration. The page shows this file. */
export function makeDriver({ user, name, instanceId, keepInputs, dohUrl }: Account): Driver {
  const url = ({ host, port }: Target, address = host) => `ws://${address}:${port}/ws?user=${user}`;
  const registrar = jssip({ JsSIP, uri: `sip:${user}@example.test`, password: PASSWORD, url, instanceId });
  const resolver: Resolver = { lookup: (...question) => doh({ servers: [dohUrl()] }).lookup(...question) };
  return new Driver({ config: CONFIG, resolver, registrar, name, keepInputs });
}

// A registrar as the driver uses it, with what the tests ask of it.

import type { SipRegistrar } from "@rehome/sip/jssip";
import { afterEach } from "vitest";
import type { Outcome, Target } from "../../ts/types.js";
import { FakeSip } from "./fake-sip.js";
import { Lab } from "./lab.js";
import type { Library, Options } from "./libraries.js";

/** Run after each test. */
export const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

export interface Phone {
  readonly registrar: SipRegistrar<unknown>;
  /** The flows that were told as lost. */
  readonly lost: Target[];
  register(options?: {
    binding?: number;
    expires?: number;
    within?: number;
    target?: Target;
    address?: string;
  }): Promise<Outcome>;
  unregister(options?: { binding?: number; target?: Target }): Promise<Outcome>;
}

export function phone(registrar: SipRegistrar<unknown>, target: Target): Phone {
  const lost: Target[] = [];
  registrar.onFlowLost = (which) => lost.push(which);
  cleanups.push(() => registrar.close());
  let id = 0;
  return {
    registrar,
    lost,
    register({ binding = 1, expires = 60, within = 10_000, target: other, address } = {}) {
      const request = { id: ++id, target: other ?? target, binding, attempt: 1, expires };
      const signal = AbortSignal.timeout(within);
      return registrar.register(address === undefined ? request : { ...request, address }, { signal });
    },
    unregister: ({ binding = 1, target: other } = {}) =>
      registrar.unregister({ id: ++id, target: other ?? target, binding }, { signal: AbortSignal.timeout(4000) }),
  };
}

/** With an account of its own at the lab. */
export async function account(library: Library, what: string, options: Partial<Options> = {}) {
  const lab = await Lab.account(`${library.name.replace(".", "")}-${what}`);
  return { lab, ...phone(library.make({ uri: lab.uri, password: "secret", url: lab.url, ...options }), lab.target) };
}

type Answers = Parameters<typeof FakeSip.start>[0];

export async function fakeSip(answer: Answers = () => ({ code: 200 }), pong: boolean | (() => boolean) = true) {
  const server = await FakeSip.start(answer, pong);
  cleanups.push(() => server.stop());
  return server;
}

export const AT_FAKE = { uri: "sip:alice@example.test", password: "secret", url: "ws://{host}:{port}/ws" };

/** At a server of the test's. */
export async function atFake(
  library: Library,
  answer?: Answers,
  pong: boolean | (() => boolean) = true,
  options: Partial<Options> = {},
) {
  const server = await fakeSip(answer, pong);
  return { server, ...phone(library.make({ ...AT_FAKE, ...options }), server.target) };
}

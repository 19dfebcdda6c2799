// What the driver asks of the application: somebody who looks names up, and somebody who sends REGISTERs.

import type { Answer, LookupKind, Outcome, Target } from "../types.js";

/** One REGISTER to send. */
export interface RegisterRequest {
  /** The action's number. */
  readonly id: number;
  readonly target: Target;
  /** The address to use, if the core knows it; else the host resolves `target.host`. */
  readonly address?: string;
  /** Names the binding: one Contact for all REGISTERs that carry the same number (rule 6.7). */
  readonly binding: number;
  /** 1 for the first try in a row at this target, then 2, 3, ... */
  readonly attempt: number;
  /** The expiry to ask for, in seconds. */
  readonly expires: number;
}

/** One REGISTER with an expiry of 0 to send. */
export interface UnregisterRequest {
  readonly id: number;
  readonly target: Target;
  /** The address in use, if the core resolves. */
  readonly address?: string;
  readonly binding: number;
}

/** Sends REGISTERs: `@rehome/sip/jssip` and `@rehome/sip/sipjs` are two. */
export interface Registrar {
  /**
   * Resolves with what came of it; never rejects for failures of the world. `signal` aborts a connect; a REGISTER already
   * sent goes on, and the promise may still resolve for 32 s.
   */
  register(request: RegisterRequest, options: { signal: AbortSignal }): Promise<Outcome>;
  /** The same for an unregister. */
  unregister(request: UnregisterRequest, options: { signal: AbortSignal }): Promise<Outcome>;
  /** Set by the driver: a connection was lost. */
  onFlowLost?: (target: Target) => void;
  /**
   * The network changed or went, or the device slept: connections of before prove nothing, so the next REGISTER connects
   * anew. Calls and late answers are not cut.
   */
  networkChanged?(): void;
  close(): void | Promise<void>;
}

/** Looks names up: `@rehome/sip/doh` has two. */
export interface Resolver {
  /** Resolves with what DNS said; a failure is an answer too. */
  lookup(name: string, kind: LookupKind, options: { signal: AbortSignal; timeoutMs: number }): Promise<Answer>;
}

// What each registrar saw of the phone, in numbers.

import type { LabRequest } from "./lab.js";

export interface Seen {
  readonly registrar: string;
  readonly registers: number;
  /** Answered 401: a challenge, which the next one answers. */
  readonly challenged: number;
  readonly accepted: number;
  /** Removed a binding, and were accepted. */
  readonly removed: number;
  /** Answered with anything else. */
  readonly refused: number;
  readonly unanswered: number;
}

export function countSeen(registrars: readonly string[], requests: readonly LabRequest[]): readonly Seen[] {
  return registrars.map((registrar) => {
    const seen = requests.filter((request) => request.method === "REGISTER" && request.registrar === registrar);
    const count = (fits: (request: LabRequest) => boolean) => seen.filter(fits).length;
    return {
      registrar,
      registers: seen.length,
      challenged: count(({ code }) => code === 401),
      accepted: count(({ code, expires }) => code === 200 && expires !== 0),
      removed: count(({ code, expires }) => code === 200 && expires === 0),
      refused: count(({ code }) => code !== null && code !== 200 && code !== 401),
      unanswered: count(({ code }) => code === null),
    };
  });
}

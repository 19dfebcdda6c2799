/** What kind of mistake a call was. */
export type ErrorCode =
  /** Used before `await init()`, or the module could not be loaded. */
  | "notInitialised"
  /** An argument is missing, of a wrong type, or out of its range. */
  | "invalidInput"
  /** Used after `free()`. */
  | "freed"
  /** Called from inside a call of the same registration. */
  | "reentered"
  /** No preset has this name. */
  | "unknownPreset"
  // The core's own:
  /** A configuration value cannot be used. */
  | "config"
  /** An id that was never given out. */
  | "unknownId"
  /** An id that belongs to something else. */
  | "wrongKind"
  /** A target that never was. */
  | "unknownTarget"
  /** A provisional answer (1xx) is no outcome. */
  | "notFinal"
  /** A time that is no whole number of milliseconds from 0 to 2^53 - 1. */
  | "timeOutOfRange"
  /** All ids are used up. */
  | "idsExhausted"
  /** The snapshot was written by a newer version. */
  | "snapshotVersion"
  /** The snapshot is damaged. */
  | "snapshot"
  // Of DNS questions and packets:
  | "nameEmpty"
  | "nameTooLong"
  | "labelEmpty"
  | "labelTooLong"
  | "nameCharacter"
  | "tooShort"
  | "notAResponse"
  | "otherId"
  | "otherQuestion";

/** The call was wrong; nothing was changed. What goes wrong in the world is an event, never an error. */
export class RehomeError extends Error {
  /** What kind of mistake it was. */
  readonly code: ErrorCode;
  /** The field that was wrong, as `rollover.failuresBeforeRollover` or `answer.ttl`, where that is known. */
  readonly field?: string;

  /** @internal */
  constructor(code: ErrorCode, message: string, field?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RehomeError";
    this.code = code;
    if (field) this.field = field;
  }
}

/** @internal */
export function invalid(field: string, value: unknown, remedy: string): RehomeError {
  return new RehomeError("invalidInput", `${field}: ${shown(value)} cannot be used: ${remedy}`, field);
}

/** @internal A value in a few words; it runs no code of the value's. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}

export { type Decoded, decodeAnswer, encodeQuestion } from "./dns.js";
export { type ErrorCode, RehomeError } from "./errors.js";
export type { InitSource } from "./module.js";
export * as order from "./order.js";
export { type PresetDifference, preset, presetDifferences, presetNames } from "./presets.js";
export { Registration } from "./registration.js";
export type * from "./types.js";

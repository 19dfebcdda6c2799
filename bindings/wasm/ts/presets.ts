import { RehomeError, shown } from "./errors.js";
import { preset_names, preset as tell } from "./generated/rehome_wasm.js";
import { ensure } from "./module.js";
import { Sink } from "./sink.js";
import type { Config, PresetName } from "./types.js";

/** One value in which a preset differs from the default. */
export interface PresetDifference {
  /** The field, as `rollover.failuresBeforeRollover`. */
  field: string;
  value: unknown;
  /** Where it comes from. */
  source: string;
}

/** The names of all presets. */
export function presetNames(): PresetName[] {
  ensure();
  const sink = new Sink();
  preset_names(sink);
  return sink.list as PresetName[];
}

/** Every value in which a preset differs from the default, with its source. */
export function presetDifferences(name: PresetName): PresetDifference[] {
  ensure();
  const sink = new Sink();
  if (typeof name === "string" && tell(name, sink)) return sink.list as PresetDifference[];
  const text = `there is no preset ${shown(name)}: use ${presetNames().join(", ")}`;
  throw new RehomeError("unknownPreset", text, "name");
}

/** A preset as a configuration: the values in which it differs from the default. Set where to register in it. */
export function preset(name: PresetName): Config {
  const config: Record<string, unknown> = {};
  for (const { field, value } of presetDifferences(name)) {
    const path = field.split(".");
    const last = path.pop() as string;
    let at = config;
    for (const key of path) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return config;
}

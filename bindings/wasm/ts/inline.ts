// The same with the module inside, for pages whose policy or bundler wants no file of its own.

import { base64 } from "./generated/inline.js";
import { init as load } from "./module.js";

export * from "./api.js";

/** Loads the module out of this file. */
export function init(): Promise<void> {
  return load(Promise.resolve().then(() => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))));
}

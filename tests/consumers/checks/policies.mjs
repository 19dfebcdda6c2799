// Pages without a bundler, under strict content security policies.

import { consumer, REGISTERED, same } from "../consumer.mjs";
import { NO_WORKER, POLICIES, served, shownBy } from "../pages.mjs";

async function pageBeside() {
  const folder = await consumer("page");
  return served(
    folder,
    async ({ origin }) => same("the page", await shownBy(origin, "/beside.html?policy=strict", NO_WORKER), REGISTERED),
    POLICIES,
  );
}

async function pageInline() {
  const folder = await consumer("page");
  return served(
    folder,
    async ({ origin, asked }) => {
      const result = await shownBy(origin, "/inline.html?policy=types", NO_WORKER);
      same("files fetched", asked.filter((path) => path.endsWith(".wasm")).length, 0);
      return same("the page", result, REGISTERED);
    },
    POLICIES,
  );
}

async function pageForbidden() {
  const folder = await consumer("page");
  const expected = /^notInitialised: the module could not be loaded .*'wasm-unsafe-eval'$/s;
  return served(
    folder,
    async ({ origin }) => {
      same("the page", await shownBy(origin, "/beside.html?policy=none", /wasm/i), expected);
      return "refused, and says that 'wasm-unsafe-eval' is missing";
    },
    POLICIES,
  );
}

export const inChromium = [
  ["page, strict policy, rehome.wasm", pageBeside],
  ["page, strict policy, inline", pageInline],
  ["page, policy without wasm-unsafe-eval", pageForbidden],
];

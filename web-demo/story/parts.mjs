// The story, part by part: what should happen, and where it is seen, in the page and at the registrars.

import { short } from "./desk.mjs";
import { seconds } from "./show.mjs";
import { Missed, until } from "./until.mjs";

/**
 * @typedef {object} Stage What the parts share.
 * @property {import("./lab.mjs").Lab} lab
 * @property {import("./desk.mjs").Desk} desk
 * @property {import("./follow.mjs").Follower} follower
 * @property {string} folder for files
 * @property {number} loadedMs when the page was asked for, on the clock of `performance`
 * @property {string} first home at the beginning
 * @property {string} away home in data centre 2
 * @property {number} [registeredMs]
 * @property {number} [diedMs]
 * @property {number} [outOfServiceMs]
 */

/**
 * @typedef {object} Part
 * @property {string} title
 * @property {(stage: Stage) => Promise<void>} play
 */

/** How soon a page that is loaded is registered. */
const SOON_MS = 3000;
/** A refresh falls at half of the 24 s granted, or a little later; a machine may be slow. */
const REFRESH_MS = 22_000;

/** So far the page's own time out of service may be from what the story sees. */
const OWN_CLOCK_MS = 3000;

/** @param {boolean} holds @param {string} otherwise */
function ensure(holds, otherwise) {
  if (!holds) throw new Missed(otherwise);
}

/** @param {string[]} names */
function listed(names) {
  return names.length > 0 ? names.join(" and ") : "no registrar";
}

/** The page and the lab agree where the phone is. @param {Stage} stage @param {string} home */
async function agree({ desk, lab }, home) {
  const { home: shown } = await desk.until({ state: "registered", home });
  const bound = await until(
    `a binding at ${short(shown)}`,
    () => lab.boundAt(),
    (at) => at.includes(short(shown)),
  );
  return { shown: short(shown), bound };
}

/** @type {Part[]} */
export const PARTS = [
  {
    title: "The page loads, and its phone is registered at data centre 1 within 3 s",
    async play(stage) {
      const { lab, follower, loadedMs } = stage;
      const holds = await until(
        "a binding in the lab",
        () => lab.boundAt(),
        (at) => at.length > 0,
      );
      stage.registeredMs = performance.now() - loadedMs;
      follower.world(
        `${listed(holds)} holds the binding ${seconds(stage.registeredMs)} s after the page was asked for`,
      );
      ensure(stage.registeredMs < SOON_MS, `it took ${seconds(stage.registeredMs)} s`);
      const { shown, bound } = await agree(stage, "dc1-");
      stage.first = shown;
      ensure(bound.length === 1, `bindings are at ${listed(bound)}`);
      await follower.next("registered", shown);
      const { primary } = await stage.desk.live();
      ensure(primary, `the page says that ${shown} is no primary`);
    },
  },
  {
    title: "It refreshes there, and stays",
    async play(stage) {
      await stage.follower.next("refreshed", stage.first, REFRESH_MS);
      const { bound } = await agree(stage, stage.first);
      ensure(bound.length === 1, `bindings are at ${listed(bound)}`);
    },
  },
  {
    title: "Data centre 1 is cut off: three failures at home",
    async play(stage) {
      const { desk, follower, first } = stage;
      await desk.page.getByLabel("How it fails").selectOption("refuse");
      follower.world("data centre 1 is switched off in the page: connections are cut, new ones refused");
      stage.diedMs = performance.now();
      await desk.turn("Data centre 1", false);
      // The first may be the connection's own end, if a success was not yet proven (rule 3.3).
      for (const failure of [1, 2, 3]) await follower.next("", [first, `failure ${failure} of 3`]);
      await follower.next("homeLost", first);
    },
  },
  {
    title: "Three failures at the other registrar of data centre 1",
    async play({ follower, first }) {
      const other = first === "dc1-spx1" ? "dc1-spx2" : "dc1-spx1";
      for (const failure of [1, 2, 3]) await follower.next("attemptFailed", [other, `failure ${failure} of 3`]);
    },
  },
  {
    title: "It rolls over and is back in service at data centre 2",
    async play(stage) {
      const { desk, follower, diedMs = 0 } = stage;
      const { rule } = await follower.next("rolledOver", "dc2-");
      ensure(rule === "4.1", `it was by rule ${rule}, not 4.1`);
      const { shown } = await agree(stage, "dc2-");
      stage.outOfServiceMs = performance.now() - diedMs;
      stage.away = shown;
      await follower.next("registered", shown);
      follower.world(`${shown} holds the binding; out of service for ${seconds(stage.outOfServiceMs)} s`);
      const said = await desk.region("Agent desktop").getByText("Out of service").innerText();
      const [, own = "0"] = /^Out of service: ([\d.]+) s, from [\d:]+ to /.exec(said) ?? [];
      follower.world(said, "page");
      // The page has it from the phone, the story from the switch: a connection that is cut tells both at once.
      const apart = Math.abs(Number(own) * 1000 - stage.outOfServiceMs);
      ensure(apart < OWN_CLOCK_MS, `the page says ${own} s out of service, it was ${seconds(stage.outOfServiceMs)} s`);
      const { primary } = await stage.desk.live();
      ensure(!primary, `the page says that ${shown} is a primary`);
    },
  },
  {
    title: "Data centre 1 returns, and the phone stays where it is served",
    async play(stage) {
      const { lab, desk, follower, away } = stage;
      const before = (await lab.log()).length;
      await desk.turn("Data centre 1", true);
      follower.world("data centre 1 is switched on again; nobody tells the phone");
      await follower.next("refreshed", away, REFRESH_MS);
      await agree(stage, away);
      const strayed = (await lab.log()).slice(before).filter(({ registrar }) => registrar !== away);
      ensure(strayed.length === 0, `it also tried ${listed(strayed.map(({ registrar }) => registrar))}`);
    },
  },
  {
    title: "The agent signs in, and the phone goes home to data centre 1",
    async play(stage) {
      const { desk, follower, away } = stage;
      follower.world("“Sign in” is pressed", "agent");
      await desk.button("Sign in").click();
      await follower.next("triggered");
      await follower.next("homeLeft", away);
      const { shown } = await agree(stage, "dc1-");
      stage.first = shown;
      await follower.next("registered", shown);
      await desk.button("Sign out").waitFor();
      const { primary } = await desk.live();
      ensure(primary, `the page says that ${shown} is no primary`);
    },
  },
  {
    title: "The old binding is removed",
    async play(stage) {
      const { lab, follower, first, away } = stage;
      await follower.next("unregistered", away);
      const bound = await until(
        `no binding at ${away}`,
        () => lab.boundAt(),
        (at) => !at.includes(away),
      );
      ensure(bound.join() === first, `bindings are at ${listed(bound)}, should be one at ${first}`);
      // Rule 6.7c: the proxies may front one registrar, so home is confirmed at once.
      await follower.next("refreshed", first);
    },
  },
  {
    title: "The registrars saw the same",
    async play({ lab, follower }) {
      const look = async () => {
        const said = await follower.entries();
        const log = (await lab.log()).filter(({ method, code }) => method === "REGISTER" && code === 200);
        const count = (/** @type {string[]} */ ...types) => said.filter(({ type }) => types.includes(type)).length;
        return {
          successes: count("registered", "refreshed"),
          accepted: log.filter(({ expires }) => expires !== 0).length,
          unregistered: count("unregistered"),
          removed: log.filter(({ expires }) => expires === 0).length,
        };
      };
      const seen = await until("equal counts", look, ({ successes, accepted, unregistered, removed }) => {
        return successes === accepted && unregistered === removed;
      });
      follower.world(
        `${seen.accepted} REGISTERs accepted and ${seen.removed} binding removed, in the page and at the registrars`,
      );
    },
  },
  {
    title: "The session is exported, and replays step by step",
    async play({ desk, follower, folder }) {
      const { path, scenario } = await desk.export(folder);
      ensure(scenario.schemaVersion === 1, `the file's schemaVersion is ${scenario.schemaVersion}`);
      await desk.import(path);
      await desk.until({ view: "imported" });
      const verdict = await desk.verdict.innerText();
      follower.world(`exported, read back and run again: ${verdict}`, "file");
      ensure(verdict.startsWith(`All ${scenario.steps.length} steps came out as the file says`), verdict);
      await desk.button("Back to the live session").click();
      await desk.until({ view: "live", state: "registered" });
    },
  },
];

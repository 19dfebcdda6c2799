// The driver in pages of one browser: its timers, its tabs, its reloads.

import { consumer, same } from "../consumer.mjs";
import { browsing, NO_WORKER, POLICIES, said, served } from "../pages.mjs";

/** A test of the driver in pages of one browser. */
function driver(work, foreseen) {
  return async () => {
    const folder = await consumer("page");
    return served(folder, ({ origin }) => browsing(origin, work, foreseen), POLICIES);
  };
}

const AT_B = { role: "owner", state: "registered", home: "b" };

// The first REGISTER goes unanswered: only a timer leads to the next.
const workerTimer = driver(async (open) => {
  const page = await open("/driver.html?policy=worker&silent=1&timerless");
  const seen = await said(page, AT_B);
  same("REGISTERs", seen.said, "register a, register b");
  same("notices", seen.notices, "owner");
  same("workers", page.workers().length, 1);
  same("the worker", page.workers()[0].url(), /^blob:/);
  return "registered by a worker's timer, the page's own switched off";
});

function noWorker(policy) {
  return driver(async (open) => {
    const page = await open(`/driver.html?policy=${policy}&silent=1`);
    const seen = await said(page, AT_B);
    same("REGISTERs", seen.said, "register a, register b");
    same("notices", seen.notices, "noWorker 60000, owner");
    same("workers", page.workers().length, 0);
    return "registered by the page's own timer, with the notice noWorker";
  }, NO_WORKER);
}

const tabs = driver(async (open) => {
  const first = await open("/driver.html?policy=worker&down=a");
  same("REGISTERs", (await said(first, AT_B)).said, "register a, register b");
  // In the second tab the first registrar answers: a fresh start would go there.
  const second = await open("/driver.html?policy=worker");
  const follower = await said(second, { ...AT_B, role: "follower" });
  same("REGISTERs of the second tab", follower.said, "");
  await said(first, AT_B);
  await first.close();
  const owner = await said(second, AT_B);
  await said(second, { ...AT_B, said: "register b" });
  same("notices", owner.notices, "follower, owner, restored");
  const third = await open("/driver.html?policy=worker");
  await said(third, { ...AT_B, role: "follower" });
  return "one owner; the other tab follows, and takes over at the same registrar when it closes";
});

const reload = driver(async (open) => {
  const page = await open("/driver.html?policy=worker&down=a");
  same("REGISTERs", (await said(page, AT_B)).said, "register a, register b");
  await page.goto(page.url().replace("&down=a", ""));
  const there = await said(page, { ...AT_B, said: "register b" });
  same("notices", there.notices, "owner, restored");
  await page.reload();
  const again = await said(page, { ...AT_B, said: "register b" });
  same("notices", again.notices, "owner, restored");
  return "goes on at the same registrar";
});

export const inChromium = [
  ["driver, worker", workerTimer],
  ["driver, no worker by worker-src", noWorker("strict")],
  ["driver, two tabs", tabs],
  ["driver, reload", reload],
];

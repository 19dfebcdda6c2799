// What browsers do to pages: those that were left are kept in the back/forward cache, those that are hidden get their
// timers late. Playwright switches both off; here they are on.

import { chromium } from "playwright-core";
import { FLAGS } from "../browser.mjs";
import { consumer, same } from "../consumer.mjs";
import { browsing, POLICIES, program, said, served } from "../pages.mjs";

const OFF = [
  "--disable-back-forward-cache",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

const HOME_B = { state: "registered", home: "b" };
// In other tabs the first registrar answers: a fresh start would go there.
const FIRST = "/driver.html?policy=worker&kept&down=a";
const OTHER = "/driver.html?policy=worker&kept";

async function back(page) {
  await page.evaluate(() => history.back()).catch(() => {});
  await page.waitForURL("**/driver.html?*", { waitUntil: "commit" });
}

/** Else nothing would be tested. */
async function wasKept(page) {
  try {
    await page.locator('html[data-notices*="kept"]').waitFor({ state: "attached", timeout: 10_000 });
  } catch {
    const reasons = await page.evaluate(() => {
      const { notRestoredReasons } = performance.getEntriesByType("navigation")[0];
      return notRestoredReasons?.reasons?.map(({ reason }) => reason).join(", ");
    });
    throw new Error(`Chromium did not keep the page in the back/forward cache: ${reasons || "it gives no reason"}`);
  }
}

function comesBack(work) {
  return async () => {
    const folder = await consumer("page");
    return served(
      folder,
      ({ origin }) =>
        browsing(origin, (open) => work(open, `${origin}/away.html?kept`), undefined, { ignoreDefaultArgs: OFF }),
      POLICIES,
    );
  };
}

const alone = comesBack(async (open, away) => {
  const page = await open(FIRST);
  same("REGISTERs", (await said(page, { ...HOME_B, role: "owner" })).said, "register a, register b");
  await page.goto(away);
  await back(page);
  await wasKept(page);
  // At home again at once: no walk from the beginning.
  const there = await said(page, { ...HOME_B, role: "owner", said: "register a, register b, register b" });
  same("notices", there.notices, "owner, pending, kept, owner, restored");
  return "goes on at the same registrar";
});

const withOther = comesBack(async (open, away) => {
  const first = await open(FIRST);
  await said(first, { ...HOME_B, role: "owner" });
  const second = await open(OTHER);
  await said(second, { ...HOME_B, role: "follower" });
  await first.goto(away);
  // It would wait for as long as the page that was left is kept, if that kept its lock.
  same("REGISTERs", (await said(second, { ...HOME_B, role: "owner", said: "register b" })).said, "register b");
  await back(first);
  await wasKept(first);
  const there = await said(first, { ...HOME_B, role: "follower" });
  same("REGISTERs of the page that came back", there.said, "register a, register b");
  await said(second, { ...HOME_B, role: "owner", said: "register b" });
  await second.goto(away);
  await said(first, { ...HOME_B, role: "owner" });
  return "the other tab goes on at the same registrar, this one follows when it is back";
});

/** How long the tab is hidden; after ten seconds its timers come once a minute. */
const GRACE_S = 10;
const HIDDEN_MS = 35_000;

async function hidden() {
  const folder = await consumer("page");
  return served(
    folder,
    async ({ origin }) => {
      const args = [...FLAGS, `--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/${GRACE_S}`];
      const browser = await chromium.launch({ executablePath: program, args, ignoreDefaultArgs: OFF });
      try {
        // Playwright's own pages are always in sight; these are Chromium's.
        const session = await browser.newBrowserCDPSession();
        const { browserContextId } = await session.send("Target.createBrowserContext");
        const tab = (path) => session.send("Target.createTarget", { url: origin + path, browserContextId });
        const { targetId } = await tab("/hidden.html?policy=worker");
        const seen = async () => {
          const { targetInfo } = await session.send("Target.getTargetInfo", { targetId });
          return targetInfo.title.startsWith("{") ? JSON.parse(targetInfo.title) : {};
        };
        const until = async (what) => {
          const end = Date.now() + 20_000;
          let last = await seen();
          while (!what(last)) {
            if (Date.now() > end) throw new Error(`not in time: ${what}, the page says ${JSON.stringify(last)}`);
            await new Promise((resolve) => setTimeout(resolve, 100));
            last = await seen();
          }
          return last;
        };
        await until(({ expired }) => expired === 0);
        await session.send("Target.activateTarget", await tab("/away.html"));
        await until(({ hidden }) => hidden === true);
        await new Promise((resolve) => setTimeout(resolve, HIDDEN_MS));
        await session.send("Target.activateTarget", { targetId });
        const { refreshes, lateMs, ownLateMs, expired, notices } = await until(({ hidden }) => hidden === false);
        same("notices", notices.join(", "), "");
        same("times that home expired", expired, 0);
        const figures = `${refreshes} refreshes, the latest ${lateMs} ms late; the page's own timers ${ownLateMs} ms late`;
        if (ownLateMs < 5000) throw new Error(`this Chromium does not make a hidden tab's timers late: ${figures}`);
        if (refreshes < 5 || lateMs > 3000) throw new Error(`refreshes are late: ${figures}`);
        return figures;
      } finally {
        await browser.close();
      }
    },
    POLICIES,
  );
}

export const inChromium = [
  ["driver, back and forward", alone],
  ["driver, back and forward, two tabs", withOther],
  ["driver, hidden tab", hidden],
];

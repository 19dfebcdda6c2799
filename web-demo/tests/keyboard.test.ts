import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import type { Desk } from "./world.js";
import { inAWorld, until } from "./world.js";

/** More stops than the page has. */
const STOPS = 400;

/** Goes there by Tab alone; where it stops, the focus must be seen. */
async function tabTo({ page }: Desk, wanted: Locator): Promise<void> {
  // This one: the newest entry of a log that grows is soon another.
  const element = await wanted.elementHandle();
  if (!element) throw new Error(`${wanted} is not there`);
  for (let stop = 0; stop < STOPS; stop += 1) {
    const there = await page.evaluate((it) => it === document.activeElement, element);
    if (there) {
      expect(await element.evaluate(hasSeenFocus), `focus seen at ${wanted}`).toBe(true);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${wanted} is not reached by Tab`);
}

/** Whether the element, or what is drawn for it, has an outline that it lacks without focus. */
function hasSeenFocus(element: Element): boolean {
  const drawn = [element, ...element.querySelectorAll("*"), element.parentElement ?? element];
  const outlined = (each: Element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  };
  return element.matches(":focus-visible") && drawn.some(outlined);
}

async function press(desk: Desk, wanted: Locator, key: string): Promise<void> {
  await tabTo(desk, wanted);
  await desk.page.keyboard.press(key);
}

test("the story by keyboard alone", () =>
  inAWorld(
    async ({ lab, open }) => {
      const desk = await open();
      const { page } = desk;
      await desk.until({ state: "registered", home: "dc1-" });

      const how = page.getByLabel("How it fails", { exact: true });
      await press(desk, how, "ArrowDown");
      expect(await how.inputValue()).toBe("silent");
      await page.keyboard.press("ArrowUp");
      expect(await how.inputValue()).toBe("refuse");

      await press(desk, desk.switch("Data centre 1"), "Space");
      const { home: away } = await desk.until({ state: "registered", home: "dc2-" }, 30_000);
      await press(desk, desk.switch("Data centre 1"), "Space");
      await until(
        "the switch on",
        () => desk.switch("Data centre 1").getAttribute("aria-checked"),
        (is) => is === "true",
      );
      await desk.until({ state: "registered", home: away });

      await press(desk, desk.slider, "ArrowLeft");
      await desk.until({ view: "scrubbed", home: away });
      const at = Number(await desk.slider.inputValue());
      await page.keyboard.press("ArrowLeft");
      await until(
        "an earlier time",
        async () => Number(await desk.slider.inputValue()),
        (now) => now < at,
      );
      await page.keyboard.press("Home");
      await until(
        "the beginning",
        async () => Number(await desk.slider.inputValue()),
        (now) => now === 0,
      );
      await press(desk, desk.button("Live"), "Enter");
      await desk.until({ view: "live" });

      await press(desk, desk.button("Sign in"), "Enter");
      await desk.until({ state: "registered", home: "dc1-", primary: true });
      const spare = away.split(".")[0] ?? "";
      await until(
        "the old binding gone",
        () => lab.boundAt(),
        (at) => !at.includes(spare),
      );

      const download = page.waitForEvent("download");
      await press(desk, desk.button("Export session"), "Enter");
      expect((await download).suggestedFilename()).toMatch(/^rehome-session-.*\.json$/);
      const chooser = page.waitForEvent("filechooser");
      await press(desk, desk.button("Import session"), "Space");
      await chooser;

      const link = desk.region("Decisions").getByRole("link").first();
      await tabTo(desk, link);
      const rule = await page.evaluate(() => (document.activeElement as HTMLElement).innerText);
      // It opens beside: the phone goes on here.
      const [policy] = await Promise.all([page.context().waitForEvent("page"), page.keyboard.press("Enter")]);
      await policy.waitForURL((url) => url.pathname.endsWith("/policy.html") && url.hash === `#${rule}`);
    },
    { breaks: true },
  ));

// Plays the page's story in Chromium without a window and prints it; exit code 0 only if all of it happened.

import { openBrowser } from "./browser.mjs";
import { Lab } from "./lab.mjs";
import { play } from "./play.mjs";
import { chapter, line, verdict } from "./show.mjs";

async function main() {
  const lab = await Lab.start();
  try {
    const browser = await openBrowser();
    try {
      console.log(`The page at ${lab.page}, in Chromium. Numbers in brackets are rules of core/POLICY.md.`);
      const ending = await play(lab, browser, {
        chapter: (title) => console.log(chapter(title)),
        line: (told) => console.log(line(told)),
      });
      console.log(verdict(ending));
      return ending.parts.every(({ missing }) => !missing);
    } finally {
      await browser.close();
    }
  } finally {
    await lab.stop();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`the page's story: ${/** @type {Error} */ (error).message}`);
  process.exitCode = 1;
}

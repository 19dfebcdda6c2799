// What the page shows beside the phone’s own word: DNS, the registrars, the code, and how long service was lost.

import { expect, test } from "vitest";
import { inAWorld, rolledOver, until } from "./world.js";

test("time out of service, the record set, the registrars’ counts, and bindings left behind", () =>
  inAWorld(
    async (world) => {
      const desk = await world.open();
      await desk.until({ state: "registered", home: "dc1-" });
      const agentDesktop = desk.region("Agent desktop");
      expect(await agentDesktop.innerText()).toContain("Out of service: not once");
      const { away } = await rolledOver({ ...world, open: async () => desk });
      const text = await until(
        "a time out of service",
        () => agentDesktop.innerText(),
        (said) => /Out of service: [\d.]+ s, from [\d:]+ to [\d:]+/.test(said),
      );
      // Six tries a second apart, more or less.
      const [, lost = ""] = /Out of service: ([\d.]+) s/.exec(text) ?? [];
      expect(Number(lost)).toBeGreaterThan(3);
      expect(Number(lost)).toBeLessThan(25);

      await agentDesktop.getByText("The DNS answer it is from").click();
      const zone = await world.lab.ask("dns/1");
      const rows = await agentDesktop.locator("tbody tr").allInnerTexts();
      const records = rows.map((row) => {
        const [host, ...numbers] = row.split(/\s+/);
        return [...numbers, host].join(" ");
      });
      expect(records.sort()).toEqual(srvOf(zone).sort());

      const lab = desk.region("Lab");
      const home = away.split(".")[0] ?? "";
      await until(
        "what the registrars say",
        () => lab.innerText(),
        (said) =>
          /dc1-spx\d for \d+ s more, left behind there/.test(said) &&
          new RegExp(`${home} for \\d+ s more[;.]`).test(said),
      );
      // Who does not see it hears it at the switch.
      const described = desk.switch("dc1-spx1");
      expect(
        await described.evaluate(
          (it) => document.getElementById(it.getAttribute("aria-describedby") ?? "")?.textContent,
        ),
      ).toMatch(/^cut off/);
      await lab.getByText("The REGISTERs that each registrar saw").click();
      const log = await world.lab.log();
      await until(
        "the registrars’ counts",
        () => lab.locator("tbody tr").allInnerTexts(),
        (all) => all.map((row) => Number(row.split(/\s+/)[1])).reduce((sum, count) => sum + count, 0) >= log.length,
      );
    },
    { breaks: true },
  ));

/** What the lab has under the phone’s name, without the root’s dot. */
function srvOf(zone: { [name: string]: { records: string[] }[] }): string[] {
  return (zone["_sip._ws.example.test"] ?? []).flatMap(({ records }) => records).map((text) => text.replace(/\.$/, ""));
}

test("the code and the configuration behind the page can be copied", () =>
  inAWorld(async ({ browser, open }) => {
    await browser.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const desk = await open();
    await desk.page.getByText("The code and the configuration behind this page").click();
    await desk.button("Copy configuration").click();
    await desk.page.getByText("Copied.").waitFor();
    const config = JSON.parse(await desk.page.evaluate(() => navigator.clipboard.readText()));
    const { scenario } = await desk.export(browser.folder);
    expect(config).toEqual(scenario.config);
    await desk.button("Copy code").click();
    await until(
      "the code",
      () => desk.page.evaluate(() => navigator.clipboard.readText()),
      (text) => text.includes("new Driver({ config: CONFIG"),
    );
  }));

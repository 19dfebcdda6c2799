import { expect, test } from "vitest";
import { inAWorld, rolledOver, until } from "./world.js";

test("the phone is switched off and on", () =>
  inAWorld(async ({ lab, open }) => {
    const desk = await open();
    await desk.until({ state: "registered" });
    await desk.switch("Phone").click();
    await desk.until({ state: "stopped", home: "" });
    await until(
      "no binding",
      () => lab.bindings(),
      ({ length }) => length === 0,
    );
    await desk.switch("Phone").click();
    await desk.until({ state: "registered", home: "dc1-" });
  }));

test("at the other site the other data centre is the primary", () =>
  inAWorld(async ({ lab, open }) => {
    const desk = await open("?site=2&user=bob");
    const { home } = await desk.until({ state: "registered", home: "dc2-", primary: true });
    expect((await lab.bindings("bob")).map(({ registrar }) => `${registrar}.example.test`)).toEqual([home]);
    await desk.page.getByLabel("Site").selectOption("1");
    await desk.until({ state: "registered", home: "dc1-", primary: true });
  }));

test("a call keeps the phone where it is until it is over", () =>
  inAWorld(
    async (world) => {
      const { desk, away } = await rolledOver(world);
      await desk.turn("Data centre 1", true);
      await desk.turn("In a call", true);
      await desk.button("Sign in").click();
      await until(
        "the deferral",
        () => desk.entries(),
        (all) => all.some(({ type }) => type === "triggerDeferred"),
      );
      await desk.until({ state: "registered", home: away });
      await desk.turn("In a call", false);
      await desk.until({ state: "registered", home: "dc1-", primary: true });
    },
    { breaks: true },
  ));

test("one proxy down is passed over inside its data centre; “Try the primary now” changes nothing there", () =>
  inAWorld(
    async ({ open }) => {
      const desk = await open();
      const { home } = await desk.until({ state: "registered", home: "dc1-" });
      const name = home.split(".")[0] ?? "";
      const other = name === "dc1-spx1" ? "dc1-spx2" : "dc1-spx1";
      await desk.page.getByLabel("How it fails").selectOption("unavailable");
      await desk.turn(name, false);
      // It answers 503 to the next refresh.
      await desk.until({ state: "registered", home: other, primary: true }, 30_000);
      expect(await desk.switch("Data centre 1").getAttribute("aria-checked")).toBe("true");
      await desk.button("Try the primary now").click();
      await until(
        "a word on it",
        () => desk.entries(),
        (all) => all.some(({ type }) => type === "triggerIgnored"),
      );
      await desk.until({ state: "registered", home: other });
    },
    { breaks: true },
  ));

import { expect, test } from "vitest";
import { inAWorld, rolledOver, until } from "./world.js";

test("a second tab follows, and takes over when the first closes", () =>
  inAWorld(async ({ lab, open }) => {
    const first = await open();
    const { home } = await first.until({ role: "owner", state: "registered", home: "dc1-" });
    const second = await open();
    await second.until({ role: "follower", state: "registered", home });
    const log = await until(
      "the owner's log",
      () => second.entries(),
      (all) => all.length > 0,
    );
    expect(log.map(({ type }) => type)).toContain("registered");
    expect((await lab.bindings()).length).toBe(1);
    const seen = (await lab.log()).length;
    await first.page.close();
    await second.until({ role: "owner", state: "registered", home });
    // Resumed at home: a REGISTER there, and no binding more.
    const more = await until(
      "a REGISTER of the new owner",
      () => lab.log(),
      ({ length }) => length > seen,
    );
    expect(new Set(more.slice(seen).map(({ registrar }) => `${registrar}.example.test`))).toEqual(new Set([home]));
    await until(
      "a success in its log",
      () => second.entries(),
      (all) => all.slice(log.length).some(({ type }) => type === "refreshed"),
    );
    expect((await lab.bindings()).length).toBe(1);
  }));

test("both tabs say the same of agent and call; whichever goes on keeps the call’s phone where it is", () =>
  inAWorld(
    async (world) => {
      const { desk: first, away } = await rolledOver(world);
      await first.turn("Data centre 1", true);
      await first.button("Sign in").waitFor();
      const second = await world.open();
      await second.until({ role: "follower", state: "registered", home: away });
      await second.turn("In a call", true);
      await until(
        "the call in the other tab",
        () => first.switch("In a call").getAttribute("aria-checked"),
        (is) => is === "true",
      );
      await first.page.close();
      await second.until({ role: "owner", state: "registered", home: away });
      expect(await second.switch("In a call").getAttribute("aria-checked")).toBe("true");
      await second.button("Sign in").click();
      await until(
        "the deferral",
        () => second.entries(),
        (all) => all.some(({ type }) => type === "triggerDeferred"),
      );
      await second.until({ state: "registered", home: away });
      const third = await world.open();
      await third.button("Sign out").waitFor();
      await third.turn("In a call", false);
      await second.until({ state: "registered", home: "dc1-", primary: true });
      expect(await second.switch("In a call").getAttribute("aria-checked")).toBe("false");
    },
    { breaks: true },
  ));

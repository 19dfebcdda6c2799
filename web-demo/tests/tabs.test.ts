import { expect, test } from "vitest";
import { inAWorld, until } from "./world.js";

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

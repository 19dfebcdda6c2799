// An agent desktop whole: the driver, DNS over HTTPS and a SIP library, against the lab's DNS and registrars.

import { doh } from "@rehome/sip/doh";
import { Driver } from "@rehome/sip/driver";
import { afterEach, describe, expect, test } from "vitest";
import { ask, until } from "./registrars/lab.js";
import { libraries } from "./registrars/libraries.js";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

describe.each(libraries)("with $name", (library) => {
  test("registers, loses its data centre, is back in service, stays, and comes home at the login", async () => {
    const user = `desk-${library.name.replace(".", "")}-${process.pid}`;
    const world = (await ask("GET", "/")) as { dohUrls: string[] };
    const bindings = async () => {
      const found = (await ask("GET", `/bindings/${user}`)) as { registrar: string; transport: string }[];
      return found.map(({ registrar, transport }) => `${registrar.slice(0, 3)} ${transport}`);
    };
    const driver = new Driver({
      name: user,
      config: {
        srvRecord: "_sip._ws.example.test",
        lookup: { addresses: "core", hostSetsTlsName: false },
        rollover: { failuresBeforeRollover: 1, attemptTimeoutMs: 2000, retryIntervalMs: 1000, recoverySpreadMs: 0 },
      },
      resolver: doh({ servers: world.dohUrls.filter((url) => url.includes("dc1")) }),
      registrar: library.make({ uri: `sip:${user}@example.test`, password: "secret", url: "ws://{address}:{port}/ws" }),
    });
    cleanups.push(() => driver.close());
    const told: string[] = [];
    driver.on("event", (event) => told.push(`${event.rule} ${event.type}`));
    const homeIn = (datacentre: string) =>
      until(
        () => driver.status.state === "registered" && driver.status.home?.host.startsWith(datacentre) === true,
        30_000,
      );

    driver.start();
    await homeIn("dc1");
    expect(await bindings()).toEqual(["dc1 ws"]);
    expect(driver.status.primary).toBe(true);

    await ask("PUT", `/datacentres/1/fault/${user}`, { kind: "status", code: 503 });
    driver.resumed(); // It would notice at the next refresh; a test has no time for that.
    await homeIn("dc2");
    expect(told).toContain("4.3 homeLost");
    await ask("DELETE", `/datacentres/1/fault/${user}`);
    driver.resumed();
    await until(() => told.at(-1) === "5.1 refreshed");
    expect(driver.status).toMatchObject({ state: "registered", primary: false });

    driver.agentLogin();
    await homeIn("dc1");
    await until(async () => !(await bindings()).includes("dc2 ws")); // Rule 6.7.

    // The first binding may be there still: its unregister may have met the same 503 as the REGISTERs.
    const before = await bindings();
    await driver.stop();
    expect(await bindings()).toEqual(before.slice(1));
  });
});

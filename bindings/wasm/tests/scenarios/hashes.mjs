// Prints `FILE HASH` for each scenario, then the suite's hash, as the native runner does with `--hashes`.

import * as api from "@rehome/sip";
import { list, readEach } from "./files.mjs";
import { runAll } from "./runner.mjs";

const { hash, hashes, failures } = await runAll(api, readEach(list().names));
for (const [name, of] of hashes) console.log(`${name} ${of}`);
console.log(`trace hash ${hash}`);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;

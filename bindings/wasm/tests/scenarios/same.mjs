// Whether each file has the same trace hash here as natively: `cargo run -p rehome-runner --example hashes`, or what the
// file that REHOME_HASHES names has of it. With REHOME_PROVE it says how far it is and what came of it.

import * as api from "@rehome/sip";
import { list, readEach } from "./files.mjs";
import { differing, native } from "./native.mjs";
import { runAll } from "./runner.mjs";

const { count, names } = list();
const prove = Boolean(process.env.REHOME_PROVE);
const told = (done) => done % 10 === 0 && console.log(`progress ${done}/${count} files`);
const ran = await runAll(api, readEach(names), prove ? told : undefined);
for (const failure of ran.failures) console.error(failure);
const lines = differing(ran, await native());
for (const line of lines) console.error(`native: ${line}`);
console.log(`${names.length} files, trace hash ${ran.hash}, ${lines.length} lines differ from the native runner's`);
const good = lines.length + ran.failures.length === 0 && names.length === count;
if (prove && good) console.log(`result Node: ${ran.inputs.toLocaleString("en")} inputs, hash ${ran.hash}`);
process.exitCode = good ? 0 : 1;

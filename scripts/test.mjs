/** `npm test`: the whole suite; arguments go to the tests (`npm test -- --grep heartbeat`). */
import { suite } from "./lib/suite.mjs";
import { report } from "./lib/tests.mjs";

report(await suite(process.argv.slice(2)));

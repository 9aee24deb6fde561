/** `npm test`: the whole suite; with arguments a part of the tests (`npm test -- --grep heartbeat`, `npm test -- test/events/tracker.test.ts`). */
import { part, suite } from "./lib/suite.mjs";
import { report } from "./lib/tests.mjs";

const args = process.argv.slice(2);
report(await (args.length > 0 ? part(args) : suite()));

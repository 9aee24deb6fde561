/** `npm run fuzz -- <n> [reader] [seed]`: the long run of test/fuzz: n changed streams, a tenth of that for every other reader. */
import path from "node:path";
import { installIfNeeded } from "./lib/install.mjs";
import { root, run } from "./lib/project.mjs";

await installIfNeeded();
const main = path.join(root, "test/fuzz/main.ts");
const { ok } = await run(process.execPath, ["--require", "tsx/cjs", main, ...process.argv.slice(2)]);
process.exitCode = ok ? 0 : 1;

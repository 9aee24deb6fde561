/** `npm run chaos`: the whole fault matrix of test/chaos. `-- <words>`: the cells whose title has them, as "download". */
import path from "node:path";
import { installIfNeeded } from "./lib/install.mjs";
import { root, run } from "./lib/project.mjs";

await installIfNeeded();
const main = path.join(root, "test/chaos/main.ts");
const { ok } = await run(process.execPath, ["--require", "tsx/cjs", main, ...process.argv.slice(2)]);
process.exitCode = ok ? 0 : 1;

/** `npm run soak -- 30`: so many minutes of a real Node-RED with 20 devices that storm, restart and lose power; see bench/soak. */
import path from "node:path";
import { buildIfNeeded } from "./lib/build.mjs";
import { installIfNeeded } from "./lib/install.mjs";
import { root, run } from "./lib/project.mjs";

await installIfNeeded();
await buildIfNeeded();
const main = path.join(root, "bench/soak/main.ts");
const { ok } = await run(process.execPath, ["--require", "tsx/cjs", main, ...process.argv.slice(2)]);
process.exitCode = ok ? 0 : 1;

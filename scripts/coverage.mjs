/** `npm run coverage`: how much of src/ and nodes/ the tests run; line by line in coverage/index.html. */
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { buildIfNeeded } from "./lib/build.mjs";
import { installIfNeeded } from "./lib/install.mjs";
import { node, root, tool } from "./lib/project.mjs";
import { report, tests } from "./lib/tests.mjs";

await installIfNeeded();
await buildIfNeeded();
const folder = path.join(root, "coverage/tmp");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const result = await tests({ env: { NODE_V8_COVERAGE: folder } });
await node(tool("c8/bin/c8.js"), ["report", "--temp-directory", folder]);
report(result);

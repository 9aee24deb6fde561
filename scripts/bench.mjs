/** `npm run bench`: all of bench/*.bench.ts in order. `-- <name> [arguments]` runs the one of that name. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { buildIfNeeded } from "./lib/build.mjs";
import { installIfNeeded } from "./lib/install.mjs";
import { node, root, tool } from "./lib/project.mjs";

const [name, ...args] = process.argv.slice(2);

await installIfNeeded();
await buildIfNeeded();
const files = readdirSync(path.join(root, "bench")).filter((file) => file.endsWith(".bench.ts"));
const wanted = files.filter((file) => name === undefined || file === `${name}.bench.ts`).sort();
if (wanted.length === 0) {
  console.error(
    `There is no benchmark "${name}". There is: ${files.map((file) => file.replace(".bench.ts", "")).join(", ")}`,
  );
  process.exitCode = 1;
}
for (const file of wanted) {
  console.log(`\n== ${file.replace(".bench.ts", "")}\n`);
  const { ok } = await node(tool("tsx/dist/cli.mjs"), [path.join("bench", file), ...args]);
  if (!ok) process.exitCode = 1;
}

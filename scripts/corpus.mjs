/** `npm run test:corpus -- <folder>`: replays every captured alert of a folder; see test/corpus. Takes several folders. */
import path from "node:path";
import { installIfNeeded } from "./lib/install.mjs";
import { root, run } from "./lib/project.mjs";

/** The captures of the project's own folder take ten seconds. */
const MOST_MS = 170_000;

const folders = process.argv.slice(2).map((folder) => path.resolve(folder));
await installIfNeeded();
const { ok } = await run(
  process.execPath,
  ["--require", "tsx/cjs", path.join(root, "test/corpus/main.ts"), ...folders],
  { timeoutMs: MOST_MS },
);
process.exitCode = ok ? 0 : 1;

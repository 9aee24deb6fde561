/**
 * Installs the project's packages where they are missing or differ from package-lock.json; otherwise costs some
 * milliseconds and no network. Uses nothing but Node, since nothing may be installed yet.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root, run } from "./project.mjs";

export async function installIfNeeded() {
  if (isInstalled(root)) return;
  // `ci` is exact but empties node_modules, which may be in use; over an existing folder `install` brings the same tree.
  const verb = existsSync(path.join(root, "node_modules")) ? ["install", "--no-save"] : ["ci"];
  console.log("Installing what is missing (npm %s) …", verb[0]);
  const { ok, seconds } = await npm([...verb, "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (!ok) {
    console.error(
      "npm could not install the packages: see its message above. A network connection is needed for this once.",
    );
    process.exit(1);
  }
  console.log("Installed in %s s.", seconds.toFixed(0));
}

/** npm, the one that runs this script where there is one. */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith("npm-cli.js")) return run(process.execPath, [cli, ...args], options);
  return run("npm", args, { ...options, shell: process.platform === "win32" });
}

/** True when the tree that npm noted after its last install is the one the lock file asks for. */
export function isInstalled(folder) {
  const wanted = packages(path.join(folder, "package-lock.json"));
  const present = packages(path.join(folder, "node_modules/.package-lock.json"));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === "") return true;
    const found = present[name];
    return found ? found.version === entry.version : entry.optional === true;
  });
}

/** The `packages` of a lock file; undefined when it is missing or unreadable. */
function packages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

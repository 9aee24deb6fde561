/** Whole devices as others recorded them. They lie beside the project and are no part of it: without them their tests are left out. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const FOLDER = path.join(__dirname, "../../../shared/fixtures/hikvision_next/devices");

export const hasDumps = existsSync(FOLDER);
/** For the title of what is left out without them. */
export const whyNoDumps = hasDumps ? "" : " (left out: the folder with the dumps is not here)";

/** Model names. */
export function dumps(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => path.basename(name, ".json"))
    .sort();
}

export function dumpFile(model: string): string {
  return path.join(FOLDER, `${model}.json`);
}

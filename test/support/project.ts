/** The project as a folder: what package tests read. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(__dirname, "../..");

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly repository: { readonly url: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly "node-red": { readonly nodes: Readonly<Record<string, string>> };
}

export const manifest = JSON.parse(readText("package.json")) as Manifest;

export function readText(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Paths of all files below a folder of the project, relative to it, with "/"; none when there is no such folder. */
export function filesBelow(folder: string): string[] {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(absolute, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"))
    .sort();
}

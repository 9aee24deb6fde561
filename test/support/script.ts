/** A module of scripts/, which are plain JavaScript and run where nothing is installed yet. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./project";

/** @param file below scripts/; the caller says what it exports */
export async function script<T>(file: string): Promise<T> {
  const address = pathToFileURL(path.join(root, "scripts", file)).href;
  return (await import(address)) as T;
}

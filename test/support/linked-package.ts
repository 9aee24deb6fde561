/** This package in a user directory of Node-RED, as it was built last, without packing and installing it. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { manifest, root } from "./project";

/** @param others packages of node_modules that shall be there too */
export function installLinked(userDir: string, others: readonly string[] = []): void {
  assert.ok(existsSync(path.join(root, "dist/nodes/device/device.html")), "run `npm run build` first");
  const scope = path.join(userDir, "node_modules", path.dirname(manifest.name));
  mkdirSync(scope, { recursive: true });
  symlinkSync(root, path.join(scope, path.basename(manifest.name)), "junction");
  for (const name of others) {
    const place = path.join(userDir, "node_modules", name);
    mkdirSync(path.dirname(place), { recursive: true });
    symlinkSync(path.join(root, "node_modules", name), place, "junction");
  }
  const dependencies = Object.fromEntries([manifest.name, ...others].map((name) => [name, "*"]));
  writeFileSync(path.join(userDir, "package.json"), JSON.stringify({ private: true, dependencies }));
}

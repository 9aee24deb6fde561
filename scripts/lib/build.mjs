/**
 * Makes dist/, which is what Node-RED loads: compiled src/ and nodes/, the forms with the shared editor code inlined
 * into the device form (it loads first), icons and locales beside the compiled nodes.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { node, root, tool } from "./project.mjs";

const dist = path.join(root, "dist");
/** tsc's own output and its notes: kept between builds, so that only what changed is compiled. */
const cache = path.join(root, "node_modules/.cache/hikflow-build");
const EDITOR_PLACE = "<!-- editor -->";

/** Throws with a sentence when something does not compile or is missing. */
export async function build() {
  const [, editor] = await Promise.all([compile(), bundleEditor()]);
  rmSync(dist, { recursive: true, force: true });
  for (const room of ["src", "nodes"]) copyCompiled(room);
  copyForms(editor);
  for (const folder of ["icons", "locales"]) copyFolder(folder);
  checkManifest();
}

async function compile() {
  const notes = path.join(cache, "tsbuildinfo");
  const args = ["-p", ".", "--outDir", cache, "--incremental", "--tsBuildInfoFile", notes];
  const { ok, output } = await node(tool("typescript/bin/tsc"), args, { quiet: true });
  if (!ok) throw new Error(`TypeScript found mistakes:\n${output}`);
}

/** The shared form code as one script for the browser; undefined while there is none. */
async function bundleEditor() {
  const entry = path.join(root, "nodes/editor/index.ts");
  if (!existsSync(entry)) return undefined;
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    write: false,
  });
  // A literal "</script" would end the element early.
  return result.outputFiles[0].text.replaceAll("</script", "<\\/script");
}

/** Copies the .js whose .ts still exists: the cache may hold what was deleted since. */
function copyCompiled(room) {
  for (const file of filesIn(path.join(cache, room))) {
    const source = path.join(root, room, file.replace(/\.js$/, ".ts"));
    if (!file.endsWith(".js") || !existsSync(source)) continue;
    const target = path.join(dist, room, file);
    mkdirSync(path.dirname(target), { recursive: true });
    cpSync(path.join(cache, room, file), target);
  }
}

function copyForms(editor) {
  mkdirSync(path.join(dist, "nodes"), { recursive: true });
  const forms = readdirSync(path.join(root, "nodes")).filter((name) => name.endsWith(".html"));
  for (const name of forms) {
    const html = readFileSync(path.join(root, "nodes", name), "utf8");
    writeFileSync(path.join(dist, "nodes", name), name === "device.html" ? withEditor(html, editor) : html);
  }
}

function withEditor(html, editor) {
  if (editor === undefined) return html;
  if (!html.includes(EDITOR_PLACE))
    throw new Error(`nodes/device.html has no ${EDITOR_PLACE} for the shared form code.`);
  return html.replace(EDITOR_PLACE, () => `<script type="text/javascript">\n${editor}</script>`);
}

function copyFolder(name) {
  const from = path.join(root, name);
  if (existsSync(from)) cpSync(from, path.join(dist, "nodes", name), { recursive: true });
}

/** Node-RED only warns about a listed node that is not there: say it here, loudly. */
function checkManifest() {
  const { nodes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"))["node-red"];
  const files = Object.values(nodes).flatMap((script) => [script, script.replace(/\.js$/, ".html")]);
  const missing = files.filter((file) => !existsSync(path.join(root, file)));
  if (missing.length > 0) throw new Error(`package.json lists what the build did not make: ${missing.join(", ")}`);
}

/** Paths of all files below a folder, relative to it. */
function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

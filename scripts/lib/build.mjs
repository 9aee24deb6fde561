/**
 * Makes dist/, which is what Node-RED loads: compiled src/ and nodes/, the forms with the rows that they share and, in
 * the device form (it loads first), the editor code, icons and locales beside the compiled nodes.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { node, root, tool } from "./project.mjs";

const dist = path.join(root, "dist");
/** Dated when the last whole build began: what is changed while it runs is newer. */
const stamp = path.join(root, "node_modules/.cache/hikflow-built");
const EDITOR_PLACE = "<!-- editor -->";
/** Where a form has a row of nodes/editor/rows. */
const ROW_PLACE = /^( *)<!-- row: (\w+) -->$/gm;

/** Throws with a sentence when something does not compile or is missing; dist/ is then left as it was. */
export async function build() {
  const started = new Date();
  const stage = mkdtempSync(path.join(os.tmpdir(), "hikflow-build-"));
  try {
    const [, editor] = await Promise.all([compile(stage), bundleEditor()]);
    copyForms(stage, editor);
    for (const folder of ["icons", "locales"]) copyFolder(stage, folder);
    checkManifest(stage);
    rmSync(stamp, { force: true });
    rmSync(dist, { recursive: true, force: true });
    cpSync(stage, dist, { recursive: true });
    mkdirSync(path.dirname(stamp), { recursive: true });
    writeFileSync(stamp, "");
    utimesSync(stamp, started, started);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** {@link build} for commands that are nothing without it; skipped when dist/ is newer than all it is made of. */
export async function buildIfNeeded() {
  if (isBuilt()) return;
  try {
    await build();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function isBuilt() {
  if (!existsSync(dist) || !existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  // A folder's time tells of what was deleted from it.
  const within = (room) => readdirSync(room, { recursive: true }).map((name) => path.join(room, String(name)));
  const rooms = ["src", "nodes", "icons", "locales"].map((name) => path.join(root, name)).filter(existsSync);
  const single = ["package.json", "package-lock.json", "tsconfig.json", "scripts/lib/build.mjs"];
  const parts = [...rooms, ...rooms.flatMap(within), ...single.map((name) => path.join(root, name))];
  return parts.every((part) => statSync(part).mtimeMs < built);
}

async function compile(stage) {
  const { ok, output } = await node(tool("typescript/bin/tsc"), ["-p", ".", "--outDir", stage], { quiet: true });
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

function copyForms(stage, editor) {
  const forms = readdirSync(path.join(root, "nodes")).filter((name) => name.endsWith(".html"));
  for (const name of forms) {
    const html = withRows(readFileSync(path.join(root, "nodes", name), "utf8"));
    writeFileSync(path.join(stage, "nodes", name), name === "device.html" ? withEditor(html, editor) : html);
  }
}

function withRows(html) {
  return html.replace(ROW_PLACE, (_place, indent, name) => {
    const row = readFileSync(path.join(root, "nodes/editor/rows", `${name}.html`), "utf8");
    return row.trimEnd().replace(/^/gm, indent);
  });
}

function withEditor(html, editor) {
  if (editor === undefined) return html;
  if (!html.includes(EDITOR_PLACE))
    throw new Error(`nodes/device.html has no ${EDITOR_PLACE} for the shared form code.`);
  return html.replace(EDITOR_PLACE, () => `<script type="text/javascript">\n${editor}</script>`);
}

function copyFolder(stage, name) {
  const from = path.join(root, name);
  if (existsSync(from)) cpSync(from, path.join(stage, "nodes", name), { recursive: true });
}

/** Node-RED only warns about a listed node that is not there: say it here, loudly. */
function checkManifest(stage) {
  const { nodes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"))["node-red"];
  const files = Object.values(nodes).flatMap((script) => [script, script.replace(/\.js$/, ".html")]);
  const missing = files.filter((file) => !existsSync(path.join(stage, path.relative("dist", file))));
  if (missing.length > 0) throw new Error(`package.json lists what the build did not make: ${missing.join(", ")}`);
}

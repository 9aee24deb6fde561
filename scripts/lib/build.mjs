/**
 * Makes dist/, which is what Node-RED loads: src/ as one file, compiled nodes/, the forms with the rows that they share and their
 * registration, the editor code in the device form (it loads first), the video player, icons and locales beside the compiled nodes.
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
import { createRequire } from "node:module";
import path from "node:path";
import { root } from "./project.mjs";

const require = createRequire(import.meta.url);
const dist = path.join(root, "dist");
/** Dated when the last whole build began: what is changed while it runs is newer. */
const stamp = path.join(root, "node_modules/.cache/hikflow-built");
const EDITOR_PLACE = "<!-- editor -->";
/** Smaller, with all names kept; lines short enough for the place in a stack trace to say something. */
const SMALLER = {
  charset: "utf8",
  legalComments: "none",
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
};
/** Where a form has a row of nodes/editor/rows; that of the action has an icon of its own. */
const ROW_PLACE = /^( *)<!-- row: (\w+)(?: (fa-[\w-]+))? -->$/gm;

/** Throws with a sentence when something does not compile or is missing; dist/ is then left as it was. */
export async function build() {
  const started = new Date();
  // Below node_modules, where what is compiled finds the packages it needs: a form's fields are read from there.
  const cache = path.join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const stage = mkdtempSync(path.join(cache, "hikflow-build-"));
  try {
    const [editor, player] = await Promise.all([
      bundleEditor(),
      bundlePlayer(),
      bundleSource(stage),
      compileNodes(stage),
    ]);
    writeFileSync(path.join(stage, "nodes/video/player.js"), player);
    await shrinkNodes(path.join(stage, "nodes"));
    for (const name of nodeNames()) {
      copyForm(stage, name, editor);
      copyIcon(stage, name);
      copyTexts(stage, name);
    }
    copySentences(stage);
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

/** {@link build}, unless dist/ is newer than all it is made of. */
export async function ensureBuilt() {
  if (!isBuilt()) await build();
}

/** {@link ensureBuilt} for commands that are nothing without it. */
export async function buildIfNeeded() {
  try {
    await ensureBuilt();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function isBuilt() {
  if (!existsSync(dist) || !existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  // A folder's time tells of what was deleted from it.
  const within = (folder) => readdirSync(folder, { recursive: true }).map((name) => path.join(folder, String(name)));
  const folders = ["src", "nodes", "icons", "locales"].map((name) => path.join(root, name)).filter(existsSync);
  const single = ["package.json", "package-lock.json", "tsconfig.json", "scripts/lib/build.mjs"];
  const parts = [...folders, ...folders.flatMap(within), ...single.map((name) => path.join(root, name))];
  return parts.every((part) => statSync(part).mtimeMs < built);
}

/** nodes/ file by file. Types are checked by `npm test`, `npm run typecheck` and before publishing: it takes as long as all else here. */
async function compileNodes(stage) {
  const { default: ts } = await import("typescript");
  const { config } = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const nodes = path.join(root, "nodes") + path.sep;
  for (const fileName of fileNames.map((name) => path.normalize(name)).filter((name) => name.startsWith(nodes))) {
    const text = readFileSync(fileName, "utf8");
    const { outputText, diagnostics } = ts.transpileModule(text, {
      compilerOptions: options,
      fileName,
      reportDiagnostics: true,
    });
    const [mistake] = diagnostics;
    if (mistake) {
      const { line } = mistake.file.getLineAndCharacterOfPosition(mistake.start);
      const what = ts.flattenDiagnosticMessageText(mistake.messageText, "\n");
      throw new Error(`${path.relative(root, fileName)}:${line + 1}: ${what}`);
    }
    const target = path.join(stage, path.relative(root, fileName)).replace(/\.ts$/, ".js");
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
}

/** All of src/ in one file: finding and reading two hundred took a third of what the package adds to Node-RED's start. */
async function bundleSource(stage) {
  const esbuild = await import("esbuild");
  await esbuild.build({
    entryPoints: [path.join(root, "src/index.ts")],
    outfile: path.join(stage, "src/index.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    ...SMALLER,
    external: Object.keys(dependencies()),
  });
}

/** The installed package stays small. */
async function shrinkNodes(folder) {
  const { transform } = await import("esbuild");
  const files = readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => file.endsWith(".js") && !file.endsWith("player.js"));
  for (const file of files) {
    const { code } = await transform(readFileSync(file, "utf8"), { platform: "node", target: "node20", ...SMALLER });
    writeFileSync(file, code);
  }
}

/** The code of all forms as one script for the browser, which the forms find as `hikflow.<node>`. */
async function bundleEditor() {
  const esbuild = await import("esbuild");
  const forms = nodeNames().map((name, index) => ({ name, variable: `form${index}` }));
  const contents = [
    ...forms.map(({ name, variable }) => `import { form as ${variable} } from "./${name}/form";`),
    `window.hikflow = { ${forms.map(({ name, variable }) => `"${name}": ${variable}`).join(", ")} };`,
  ].join("\n");
  const result = await esbuild.build({
    stdin: { contents, resolveDir: path.join(root, "nodes"), sourcefile: "forms.js" },
    bundle: true,
    format: "iife",
    target: "es2020",
    ...SMALLER,
    // src/index.ts leads to all of src/; only what the forms use stays, since package.json says "sideEffects": false.
    external: ["node:*", ...Object.keys(dependencies())],
    write: false,
  });
  // A literal "</script" would end the element early.
  return result.outputFiles[0].text.replaceAll("</script", "<\\/script");
}

/** What the video node serves to browsers. */
async function bundlePlayer() {
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    entryPoints: [path.join(root, "nodes/video/player/player.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    write: false,
  });
  return result.outputFiles[0].text;
}

/** Folders of nodes/ that hold a palette node: those with a form. */
function nodeNames() {
  return readdirSync(path.join(root, "nodes")).filter((name) =>
    existsSync(path.join(root, "nodes", name, "form.html")),
  );
}

/** Node-RED looks for a form beside the compiled node, under the node's name. */
function copyForm(stage, name, editor) {
  const saved = require(path.join(stage, "nodes", name, "fields.js"));
  const template = withRows(name, saved.fields, readFileSync(path.join(root, "nodes", name, "form.html"), "utf8"));
  const html = `${template}\n${registration(name, saved)}`;
  writeFileSync(path.join(stage, "nodes", name, `${name}.html`), name === "device" ? withEditor(html, editor) : html);
}

/** A literal that tools can read without running it: the catalogue of nodes takes type, category, colour, icon and ports from it. */
function registration(name, { credentials, ports = { inputs: 1, outputs: 1 } }) {
  const isConfig = credentials !== undefined;
  const own = (key) => [key, `hikflow[${quoted(name)}].${key}`];
  const palette = [
    ["category", quoted("Hikvision")],
    ["color", quoted("#9DC3C1")],
    ["icon", quoted(`${name}.svg`)],
    ["inputs", ports.inputs],
    ["outputs", ports.outputs],
    ["paletteLabel", quoted(name.replaceAll("-", " "))],
    own("inputLabels"),
    own("outputLabels"),
  ];
  const config = [
    ["category", quoted("config")],
    ["credentials", JSON.stringify(credentials)],
    ["oneditdelete", `hikflow[${quoted(name)}].oneditcancel`],
  ];
  const shared = ["defaults", "label", "labelStyle", "oneditprepare", "oneditsave", "oneditcancel"].map(own);
  const lines = [...(isConfig ? config : palette), ...shared].map(([key, value]) => `    ${key}: ${value},\n`);
  return `<script type="text/javascript">
  RED.nodes.registerType(${quoted(`hikvision-${name}`)}, {
${lines.join("")}  });
</script>
`;
}

const quoted = (text) => `'${text}'`;

function withRows(node, { action }, html) {
  return html.replace(ROW_PLACE, (_place, indent, name, icon = "fa-play") => {
    const row = readFileSync(path.join(root, "nodes/editor/rows", `${name}.html`), "utf8");
    const option = (word) => `\n      <option value="${word}" data-i18n="hikvision-${node}.action.${word}"></option>`;
    const options = () => action.options.map(option).join("");
    return row.trimEnd().replace("{icon}", icon).replace("{options}", options).replace(/^/gm, indent);
  });
}

function withEditor(html, editor) {
  if (!html.includes(EDITOR_PLACE))
    throw new Error(`nodes/device/form.html has no ${EDITOR_PLACE} for the shared form code.`);
  return html.replace(EDITOR_PLACE, () => `<script type="text/javascript">\n${editor}</script>`);
}

function copyIcon(stage, name) {
  const icon = path.join(root, "icons", `${name}.svg`);
  if (existsSync(icon)) cpSync(icon, path.join(stage, "nodes", name, "icons", `${name}.svg`));
}

/** Catalogue and help of one node in every language: Node-RED looks for them beside the compiled node. */
function copyTexts(stage, name) {
  for (const language of languages())
    for (const ending of ["json", "html"]) copyText(stage, language, `${name}.${ending}`, `nodes/${name}/locales`);
}

/** What nodes/shared/render.ts reads: sentences, the names of events, the words of access codes. */
function copySentences(stage) {
  for (const language of languages())
    for (const name of ["sentences.json", "event-in.json", "access-codes.json"])
      copyText(stage, language, name, "locales");
}

function copyText(stage, language, name, folder) {
  const from = path.join(root, "locales", language, name);
  if (existsSync(from)) cpSync(from, path.join(stage, folder, language, name));
}

const languages = () => readdirSync(path.join(root, "locales"));

const manifest = () => JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const dependencies = () => manifest().dependencies;

/** Node-RED only warns about a listed node that is not there: say it here, loudly. */
function checkManifest(stage) {
  const { nodes } = manifest()["node-red"];
  const files = Object.values(nodes).flatMap((script) => [script, script.replace(/\.js$/, ".html")]);
  const missing = files.filter((file) => !existsSync(path.join(stage, path.relative("dist", file))));
  if (missing.length > 0) throw new Error(`package.json lists what the build did not make: ${missing.join(", ")}`);
}

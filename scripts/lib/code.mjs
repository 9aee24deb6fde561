/**
 * Checks types and lint of the code, in one process: the rules of the linter ask the very programs that the types were checked in,
 * which costs half of what two do. Prints what is wrong; exits with 1 then. What is fine is remembered by content.
 */
import path from "node:path";
import { ESLint } from "eslint";
import ts from "typescript";
import tseslint from "typescript-eslint";
import { root } from "./project.mjs";

/** What eslint.config.mjs has as its projects. */
const PROJECTS = { types: "tsconfig.check.json", "form-types": "nodes/editor/tsconfig.json" };
const cache = (name) => path.join(root, `node_modules/.cache/hikflow-${name}`);

const formatHost = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => "\n" };

/** What is checked already: src/ is part of both projects. */
const done = new Set();

/** A program and what the compiler says of it; as `tsc --incremental` does it, with comments for the rules that read them. */
function checked(name, config) {
  const file = path.join(root, config);
  const { config: json, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error) throw new Error(ts.formatDiagnostic(error, formatHost));
  const own = { incremental: true, noEmit: true, tsBuildInfoFile: cache(name) };
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(json, ts.sys, path.dirname(file), own, file);
  const host = ts.createIncrementalCompilerHost(options);
  const builder = ts.createIncrementalProgram({ rootNames: fileNames, options, host });
  // First what a change has affected: of a file alone the builder gives what it remembers.
  const isDone = ({ fileName }) => done.has(fileName);
  while (builder.getSemanticDiagnosticsOfNextAffectedFile(undefined, isDone));
  const files = builder.getSourceFiles().filter((file) => !isDone(file));
  for (const { fileName, isDeclarationFile } of files) if (!isDeclarationFile) done.add(fileName);
  const found = [
    ...errors,
    ...builder.getOptionsDiagnostics(),
    ...builder.getSyntacticDiagnostics(),
    ...builder.getGlobalDiagnostics(),
    ...files.flatMap((file) => builder.getSemanticDiagnostics(file)),
  ];
  builder.emit();
  return { program: builder.getProgram(), found };
}

async function lint(programs) {
  const { meta, parseForESLint } = tseslint.parser;
  const parser = {
    meta,
    parseForESLint: (code, options) => parseForESLint(code, { ...options, project: undefined, programs }),
  };
  const eslint = new ESLint({
    cwd: root,
    overrideConfig: [{ files: ["**/*.ts"], languageOptions: { parser } }],
    cache: true,
    cacheStrategy: "content",
    cacheLocation: cache("lint"),
  });
  const results = await eslint.lintFiles(process.argv.length > 2 ? process.argv.slice(2) : ["."]);
  const bad = results.filter(({ errorCount, warningCount }) => errorCount + warningCount > 0);
  return bad.length === 0 ? "" : (await eslint.loadFormatter("stylish")).format(bad);
}

const all = Object.entries(PROJECTS).map(([name, config]) => checked(name, config));
const wrong = all.flatMap(({ found }) => found);
if (wrong.length > 0) console.log(ts.formatDiagnosticsWithColorAndContext(wrong, formatHost));
const complaints = await lint(all.map(({ program }) => program));
if (complaints !== "") console.log(complaints);
process.exitCode = wrong.length > 0 || complaints !== "" ? 1 : 0;

import ts from "typescript";

/** Of a source file, each node with its parent; without the comments, which TypeScript would read as documentation for half of the time. */
export function treeOf(file: string, text: string): ts.SourceFile {
  const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
  return ts.createSourceFile(file, text, options, true);
}

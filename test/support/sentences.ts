/** The templates of all sentences in the sources, as src/words.ts makes their keys. */
import ts from "typescript";
import { templateOf } from "../../src/lib/sentence";
import { filesBelow, readText } from "./project";

/** Template → the files that it stands in. */
export function sentencesIn(rooms: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const files = rooms.flatMap((room) => filesBelow(room).map((file) => `${room}/${file}`));
  for (const file of files.filter((name) => name.endsWith(".ts") && !name.startsWith("nodes/editor/"))) {
    const visit = (node: ts.Node): void => {
      if (ts.isTaggedTemplateExpression(node) && ts.isIdentifier(node.tag) && node.tag.text === "say") {
        const template = templateOf(partsOf(node.template));
        found.set(template, [...(found.get(template) ?? []), file]);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readText(file), ts.ScriptTarget.Latest));
  }
  return found;
}

function partsOf(template: ts.TemplateLiteral): readonly string[] {
  return ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
}

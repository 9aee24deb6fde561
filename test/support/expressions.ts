/** Every regular expression of a source file, found in its syntax tree: literals, and `new RegExp` of what can be read off. */
import ts from "typescript";
import { treeOf } from "./syntax";

export interface FoundExpression {
  /** "src/isapi/xml.ts:85". */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** Stands for a value that only the running program knows; the project's are names. */
const UNKNOWN = "name";

export function expressionsIn(file: string, text: string): FoundExpression[] {
  const tree = treeOf(file, text);
  const found: FoundExpression[] = [];
  const add = (node: ts.Node, source: string, flags: string): void => {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
    found.push({ place: `${file}:${line + 1}`, source, flags });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      add(node, node.text.slice(1, end), node.text.slice(end + 1));
    } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === "RegExp") {
      const [source, flags] = node.arguments ?? [];
      add(node, textOf(source, tree), flags ? textOf(flags, tree) : "");
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function textOf(node: ts.Node | undefined, tree: ts.SourceFile): string {
  if (!node) return "";
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isBinaryExpression(node)) return textOf(node.left, tree) + textOf(node.right, tree);
  if (ts.isTaggedTemplateExpression(node)) return templateText(node.template, tree, true);
  if (ts.isTemplateExpression(node)) return templateText(node, tree, false);
  const constant = ts.isIdentifier(node) ? constantIn(tree, node.text) : undefined;
  return constant ? textOf(constant, tree) : UNKNOWN;
}

function templateText(template: ts.TemplateLiteral, tree: ts.SourceFile, raw: boolean): string {
  const piece = (part: ts.TemplateLiteralLikeNode): string => (raw ? (part.rawText ?? part.text) : part.text);
  if (!ts.isTemplateExpression(template)) return piece(template);
  const spans = template.templateSpans.map(({ expression, literal }) => textOf(expression, tree) + piece(literal));
  return piece(template.head) + spans.join("");
}

function constantIn(tree: ts.SourceFile, name: string): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found ??= node.initializer;
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

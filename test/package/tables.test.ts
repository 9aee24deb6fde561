import assert from "node:assert/strict";
import ts from "typescript";
import { filesBelow, readText } from "../support/project";
import { treeOf } from "../support/syntax";

describe("a table that is looked up by words of a device or a flow", function () {
  this.timeout(120_000).slow(10_000);
  it("is made by table(), which knows no word of JavaScript's own such as constructor", () => {
    const files = ["src", "nodes/admin", "nodes/device", "nodes/shared"]
      .flatMap((room) => filesBelow(room).map((file) => `${room}/${file}`))
      .filter((file) => file.endsWith(".ts") && !file.endsWith("form.ts"));
    assert.ok(files.length > 100);
    assert.deepEqual(files.flatMap(plainTables), []);
  });
});

/** Constants of a file that are plain objects with any text as key. */
function plainTables(file: string): string[] {
  const tree = treeOf(file, readText(file));
  return tree.statements.flatMap((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations
          .filter(({ type, initializer }) => {
            const said = `${type?.getText() ?? ""} ${initializer?.getText().slice(-200) ?? ""}`;
            const isTable = /(?:^|as )(?:Readonly<)?Record<string,|^\{ (?:readonly )?\[\w+: string\]/.test(said);
            return isTable && initializer !== undefined && ts.isObjectLiteralExpression(bare(initializer));
          })
          .map(({ name }) => `${file}: ${name.getText()}`)
      : [],
  );
}

/** Without what only says its type. */
function bare(expression: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression)
    ? bare(expression.expression)
    : expression;
}

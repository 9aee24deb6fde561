/**
 * `node scripts/access-codes.mjs <table.tsv>`: writes src/events/decode/access-codes.ts from a collected table of access codes (columns
 * major, minor, hex, meaning, sources; a heading first), and says which codes have no words in a language yet.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./lib/project.mjs";

const TARGET = path.join(root, "src/events/decode/access-codes.ts");
/** Where the collected meaning is too long for a label, or does not tell two codes apart without its remark. */
const SHORTER = {
  "2/1041": "battery low (face terminal)",
  "2/1042": "battery restored (face terminal)",
  "3/1049": "remote arm (real-time guard)",
  "3/1050": "remote disarm (real-time guard)",
  "5/25": "door opened",
  "5/26": "door closed",
  "5/27": "door forced open",
  "5/28": "door held open too long",
  "5/37": "doorbell pressed",
  "5/92": "lock open fault, or opened without a valid unlock",
  "5/114": "valid message (SMS)",
  "5/115": "invalid message (SMS)",
  "5/214": "unlock record",
  "5/229": "PIN accepted (door station KV6124)",
  "2/1024": "power on (boot)",
};
/** A remark of who collected it, at the end. */
const REMARK = / \([^()]*\)$/;

const [table] = process.argv.slice(2);
if (table === undefined) {
  console.error("Usage: node scripts/access-codes.mjs <table.tsv>");
  process.exit(2);
}
const rows = readFileSync(table, "utf8").trim().split("\n").slice(1);
const reasons = Object.fromEntries(
  rows.map((row) => {
    const [major, minor, , meaning] = row.split("\t");
    const code = `${major}/${minor}`;
    return [code, SHORTER[code] ?? meaning.replace(REMARK, "")];
  }),
);
const written = readFileSync(TARGET, "utf8");
const head = written.slice(0, written.indexOf("table<string>({") + "table<string>({".length);
const lines = Object.entries(reasons).map(([code, reason]) => `  ${JSON.stringify(code)}: ${JSON.stringify(reason)},`);
writeFileSync(TARGET, `${head}\n${lines.join("\n")}\n});\n`);
console.log(`${lines.length} codes in ${path.relative(root, TARGET)}`);

for (const language of readdirSync(path.join(root, "locales")).filter((name) => name !== "en-US")) {
  const file = path.join(root, "locales", language, "access-codes.json");
  const own = JSON.parse(readFileSync(file, "utf8"));
  const missing = Object.keys(reasons).filter((code) => !Object.hasOwn(own, code));
  if (missing.length > 0) console.log(`Not in ${path.relative(root, file)}: ${missing.join(", ")}`);
}

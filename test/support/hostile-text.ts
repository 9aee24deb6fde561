/**
 * Texts on which a backtracking expression is slow, if it can be: for each of its repetitions, what leads up to it, much of what it
 * repeats, and an end that does not fit. Made from the expression itself, so a new one needs no list of its own.
 */
import { RegExpParser, visitRegExpAST, type AST } from "@eslint-community/regexpp";

/** Of no class that the project's expressions name. */
const MISFITS = ["", "\u0001", "!x", "\n"];
/** One of every kind that classes tell apart. */
const KINDS = [
  "a",
  "Z",
  "0",
  " ",
  "\n",
  "\t",
  '"',
  "<",
  ">",
  ".",
  "-",
  "_",
  ";",
  ",",
  "=",
  "/",
  ":",
  "\\",
  "é",
  "\u0001",
];
const MOST_WORDS = 12;

export interface HostileText {
  readonly prefix: string;
  /** To be repeated until the text is long enough. */
  readonly pump: string;
  readonly suffix: string;
}

export function hostileTexts(source: string, flags: string): HostileText[] {
  const tree = new RegExpParser().parsePattern(source, 0, source.length, { unicode: flags.includes("u") });
  const letters = [...new Set([...KINDS, ...literals(tree)])];
  const words = (node: AST.Node): readonly string[] => {
    const sample = sampleOf(node, letters);
    const fitting = letters.filter((letter) => fits(node, flags, letter));
    return [...new Set([...(sample === "" ? [] : [sample]), ...fitting])].slice(0, MOST_WORDS);
  };
  const texts = new Map<string, HostileText>();
  const add = (prefix: string, pump: string): void => {
    for (const suffix of MISFITS) texts.set(JSON.stringify([prefix, pump, suffix]), { prefix, pump, suffix });
  };
  visitRegExpAST(tree, {
    onQuantifierEnter(node) {
      if (node.max < 10) return;
      const prefix = leadTo(node, letters);
      for (const word of words(node.element)) {
        add(prefix, word);
        // Not at the start of the text, where an anchor would take it.
        add(`\u0001${prefix}`, word);
        // What starts it, again and again: every start may read to the end.
        if (prefix !== "") add("", prefix + word);
      }
      if (prefix !== "") add("", prefix);
    },
  });
  return [...texts.values()];
}

function literals(tree: AST.Pattern): string[] {
  const found: string[] = [];
  visitRegExpAST(tree, {
    onCharacterEnter: ({ value }) => void found.push(String.fromCodePoint(value)),
  });
  return found;
}

function fits(node: AST.Node, flags: string, letter: string): boolean {
  try {
    return new RegExp(`^(?:${node.raw})$`, flags.replace(/[gy]/g, "")).test(letter);
  } catch {
    return false; // it refers to a group outside
  }
}

/** A short text that fits everything before the node. */
function leadTo(node: AST.Node, letters: readonly string[]): string {
  const { parent } = node;
  if (!parent) return "";
  const before =
    parent.type === "Alternative"
      ? parent.elements.slice(0, parent.elements.indexOf(node as AST.Element)).map((one) => sampleOf(one, letters))
      : [];
  return leadTo(parent, letters) + before.join("");
}

/** A short text that fits the node. */
function sampleOf(node: AST.Node, letters: readonly string[]): string {
  switch (node.type) {
    case "Character":
      return String.fromCodePoint(node.value);
    case "CharacterClass":
    case "CharacterSet":
      return letters.find((letter) => fits(node, "u", letter) || fits(node, "", letter)) ?? "";
    case "Group":
    case "CapturingGroup":
      return node.alternatives.map((one) => sampleOf(one, letters)).find((text) => text !== "") ?? "";
    case "Alternative":
      return node.elements.map((one) => sampleOf(one, letters)).join("");
    case "Quantifier":
      return sampleOf(node.element, letters).repeat(node.min);
    default:
      return "";
  }
}

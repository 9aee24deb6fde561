/**
 * Sentences for people: written in English where they are needed, translated where they are shown.
 * A sentence is data: its English template is the key of its translations, its values fill the template's holes.
 */

/** Texts stay as they are; numbers get the decimal sign of a language; sentences within a sentence are translated in turn. */
export type SentenceValue = string | number | Sentence;

/** Immutable. Made by {@link say}. */
export class Sentence {
  /** "No picture from channel {0}." */
  readonly template: string;
  readonly values: readonly SentenceValue[];

  constructor(template: string, values: readonly SentenceValue[]) {
    this.template = template;
    this.values = values;
  }

  /** The text with every template, its own and those within, replaced by what `translate` makes of it. */
  render(translate: (template: string) => string, count: (number: number) => string): string {
    return translate(this.template).replace(/\{(\d+)\}/g, (hole, index) => {
      const value = this.values[Number(index)];
      if (value === undefined) return hole;
      if (typeof value === "number") return count(value);
      return typeof value === "string" ? value : value.render(translate, count);
    });
  }

  /** In English. */
  toString(): string {
    return this.render((template) => template, String);
  }
}

/** say`Port ${port} is open.` A line break in the source, with the spaces around it, is one space of the sentence. */
export function say(parts: TemplateStringsArray, ...values: readonly SentenceValue[]): Sentence {
  return new Sentence(templateOf(parts), values);
}

/** The key of what {@link say} makes of these parts. */
export function templateOf(parts: readonly string[]): string {
  const joined = parts.reduce((before, part, index) => `${before}{${index - 1}}${part}`);
  if (!joined.includes("\n")) return joined;
  const [first = "", ...lines] = joined.split("\n");
  const last = lines.pop() ?? "";
  const between = lines.map((line) => line.trim()).filter((line) => line !== "");
  return [first.trimEnd(), ...between, last.trimStart()].join(" ");
}

/** "a, b, c", as the language enumerates. Nothing gives "". */
export function enumerate(words: readonly SentenceValue[]): SentenceValue {
  return words.length === 0 ? "" : words.reduce((before, word) => say`${before}, ${word}`);
}

/** A name that is translated like a sentence, if somebody has a translation: the label of an event. */
export function translatableName(name: string): Sentence {
  return new Sentence(name, []);
}

/** The words of a form in a language of the editor, as a person sees them. */
import type { Editor } from "../support/editor";
import { readText } from "../support/project";

/** One that every form shows: that the other languages have the same keys and words of their own is asked of the catalogues alone. */
const DEVICE: Readonly<Record<string, string>> = { de: "Gerät", "zh-CN": "设备" };

/** The short texts of a catalogue, by key. */
function texts(language: string, node: string): Map<string, string> {
  const flat = (value: unknown, key: string): [string, string][] =>
    typeof value === "string"
      ? [[key, value]]
      : Object.entries(value as object).flatMap(([name, inner]) => flat(inner, `${key}.${name}`));
  return new Map(flat(JSON.parse(readText(`locales/${language}/${node}.json`)), ""));
}

/** English texts that this language has in words of its own. */
function english(language: string, node: string): Set<string> {
  const own = texts(language, node);
  const entries = [...texts("en-US", node)].filter(([key, text]) => own.get(key) !== text);
  const words = new Set([...own.values()]);
  return new Set(entries.map(([, text]) => text).filter((text) => !words.has(text)));
}

/** Lines and options of the open form that are not in the editor's language: English ones, and keys that have no text. */
export async function foreignWords({ page, language }: Editor, node: string): Promise<string[]> {
  const { text, options } = await page.evaluate(() => {
    const form = [...document.querySelectorAll(".red-ui-tray .hikflow")].at(-1);
    if (!form) throw new Error("no form is open");
    return { text: form.innerText, options: [...form.querySelectorAll("option")].map(({ innerText }) => innerText) };
  });
  const lines = text.split("\n").map((line) => line.trim());
  const foreign = new Set([...english(language, node), ...english(language, "device")]);
  const left = [...lines, ...options].filter((line) => foreign.has(line) || /hikvision-|label\.|__/.test(line));
  const word = DEVICE[language] ?? "";
  return node === "device" || lines.includes(word) ? left : [`no "${word}" in: ${lines.join(" | ")}`, ...left];
}

/** Runs in the browser. */
interface Element {
  readonly innerText: string;
  querySelectorAll(selector: string): Iterable<Element>;
}
declare const document: Pick<Element, "querySelectorAll">;

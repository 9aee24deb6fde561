/**
 * Sentences of src/ and nodes/ in a language: locales/<language>/sentences.json, English template → translation.
 * The names of events stand in event-in.json, which the forms show, the words of access codes in access-codes.json, by code. What has
 * no translation is told in English.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { NodeAPI } from "node-red";
import { ACCESS_CODES, type HikvisionError, Sentence } from "../../src";

const FOLDER = path.join(__dirname, "../../locales");
const REFERENCE = "en-US";
/** Each catalogue names its own language here: what Node-RED finds is the language that it speaks, as far as we do. */
const LANGUAGE_KEY = "@hikflow/node-red-hikvision/device:hikvision-device.language";

interface Language {
  readonly translate: (template: string) => string;
  readonly count: (number: number) => string;
}

const ENGLISH: Language = { translate: (template) => template, count: String };
const languages = new Map<string, Language>();

/** For what Node-RED itself shows: logs, messages, Catch nodes. */
export function render(RED: NodeAPI, sentence: Sentence): string {
  return inLanguage(RED._(LANGUAGE_KEY), sentence);
}

/** The same error, its message in the language of Node-RED. */
export function renderError<T extends HikvisionError>(RED: NodeAPI, error: T): T {
  error.message = render(RED, error.sentence);
  return error;
}

/** @param language a tag such as "de" or "de-AT"; one that there is no translation for means English */
export function inLanguage(language: string, sentence: Sentence, folder = FOLDER): string {
  const { translate, count } = languageOf(language, folder);
  return sentence.render(translate, count);
}

/** JSON in which every sentence is its text. */
export function jsonIn(language: string, value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Sentence ? inLanguage(language, inner) : inner,
  );
}

function languageOf(tag: string, folder: string): Language {
  if (!/^[a-z]{2,3}(-[a-z]{2,4})?$/i.test(tag)) return ENGLISH;
  const name = [tag, tag.replace(/-.*/, "")].find((candidate) => existsSync(file(folder, candidate, "sentences")));
  if (name === undefined) return ENGLISH;
  const known = languages.get(name) ?? read(folder, name);
  languages.set(name, known);
  return known;
}

function read(folder: string, name: string): Language {
  const [english, own] = [eventNames(folder, REFERENCE), eventNames(folder, name)];
  const texts = new Map(Object.entries(english).flatMap(([type, label]) => [[label, own[type] ?? label]]));
  for (const [template, text] of Object.entries(json(file(folder, name, "sentences")) as Record<string, string>))
    texts.set(template, text);
  const numbers = new Intl.NumberFormat(name, { useGrouping: false, maximumFractionDigits: 20 });
  // Read when one is asked for: most systems have no door.
  let ofCodes: ReadonlyMap<string, string> | undefined;
  const reason = (template: string): string | undefined => (ofCodes ??= accessReasons(folder, name)).get(template);
  return {
    translate: (template) => texts.get(template) ?? reason(template) ?? template,
    count: (number) => numbers.format(number),
  };
}

function eventNames(folder: string, language: string): Readonly<Record<string, string>> {
  const catalogue = json(file(folder, language, "event-in")) as {
    readonly "hikvision-event-in": { readonly events: Record<string, string> };
  };
  return catalogue["hikvision-event-in"].events;
}

/** English reason → that of the language. */
function accessReasons(folder: string, language: string): ReadonlyMap<string, string> {
  const path = file(folder, language, "access-codes");
  const own = existsSync(path) ? (json(path) as Readonly<Record<string, string>>) : {};
  return new Map(Object.entries(ACCESS_CODES).map(([code, reason]) => [reason, own[code] ?? reason]));
}

function file(folder: string, language: string, name: string): string {
  return path.join(folder, language, `${name}.json`);
}

function json(name: string): unknown {
  return JSON.parse(readFileSync(name, "utf8"));
}

/**
 * File names from a template: "{device}/{channel}_{start}" → "Yard/3_20260501-080000.mp4". Whatever the template or a device puts
 * into it, the result is a path that every file system takes and that stays below its directory.
 */
import path from "node:path";
import { FatalError } from "./errors";
import { enumerate, say } from "./sentence";

/** What may stand between braces. Undefined: known, but empty here. */
export type NameValues = Readonly<Record<string, string | number | undefined>>;

/** The bytes of the name before its extension; what is added to it (a number, ".part") must still fit into 255. */
const MAX_STEM_BYTES = 200;
/** Windows and SMB servers refuse these, macOS some; control and invisible characters deceive people. */
const UNSAFE = /[<>:"/\\|?*]|\p{C}|\p{Zl}|\p{Zp}/gu;
/** Devices of DOS, which Windows still sees in front of any extension. */
const RESERVED = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$|\s)/i;

/**
 * A relative path, its folders parted by "/": those of the template, never of a value.
 * @param template text with placeholders in braces; the extension may stand at its end or not.
 * @param extension with its dot.
 * @throws {FatalError} `badRequest` for a placeholder that is none, or when nothing is left.
 */
export function fileName(template: string, values: NameValues, extension: string): string {
  const end = template.length - extension.length;
  const stem = template.slice(end).toLowerCase() === extension.toLowerCase() ? template.slice(0, end) : template;
  const parts = stem.split(/[/\\]/).map((part) => safe(fill(part, values)));
  if (parts.at(-1) === "")
    throw new FatalError("badRequest", say`The file name is empty. Give one, such as {device}_{channel}_{start}.`);
  return parts.filter((part) => part !== "").join("/") + extension;
}

/** "/data/a.mp4", 2 → "/data/a_2.mp4". */
export function numbered(file: string, number: number): string {
  const extension = path.extname(file);
  return `${file.slice(0, file.length - extension.length)}_${number}${extension}`;
}

/** A time as it stands in names: "20260501-080000". @param offsetMinutes of the zone whose clock it shows, east positive. */
export function nameStamp(timeMs: number, offsetMinutes: number): string {
  return new Date(timeMs + offsetMinutes * 60_000).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}

function fill(part: string, values: NameValues): string {
  return part.replace(/\{([^{}]*)\}/g, (_, key: string) => {
    if (!Object.hasOwn(values, key)) throw unknownPlaceholder(key, values);
    return String(values[key] ?? "");
  });
}

/** One name: of a folder, or of a file without its extension. Empty when nothing is left. */
function safe(text: string): string {
  // The lone halves of surrogate pairs are what the Buffer replaces.
  const readable = Buffer.from(text).toString().normalize("NFC").replace(UNSAFE, "_");
  // Before and after cutting: either may leave a dot or space at an end.
  return withoutEnd(shorten(trimmed(readable))).replace(RESERVED, "_$&");
}

/** Hidden files, "..", and ends that Windows drops. */
function trimmed(text: string): string {
  return withoutEnd(text.replace(/^[\s.]+/u, ""));
}

/** From the end backwards: an expression would look at every run of spaces and dots in between. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s.]/u.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

function shorten(text: string): string {
  let short = "";
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_STEM_BYTES) break;
    short += character;
  }
  return short;
}

function unknownPlaceholder(key: string, values: NameValues): FatalError {
  const known = Object.keys(values).map((name) => `{${name}}`);
  return new FatalError(
    "badRequest",
    say`The file name has {${key}}, which is unknown. Known are ${enumerate(known)}.`,
  );
}

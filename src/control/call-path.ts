/** The path of a call: on the device itself or nowhere. Says what of it may be shown, and how it compares with others. */
import { FatalError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";

export interface CallPath {
  /** As sent, with its query. */
  readonly target: string;
  /** For logs and messages: secrets of the query masked. */
  readonly shown: string;
  /** Below /ISAPI, decoded, in lower case, doubled and trailing slashes left out. For comparison only. */
  readonly segments: readonly string[];
  /** Does its query ask for JSON? */
  readonly json: boolean;
}

const MAX_LENGTH = 2_048;
/** Somebody who encodes a path more often hides something. */
const MAX_DECODED = 4;
const SECRET = /pass|pwd|secret|token|credential|auth|(?:^|[^a-z])(?:key|iv|pin|code)$/i;

/** Throws `badRequest` for what is no path of this device; never with the path in its words, which may hold a login. */
export function callPath(given: unknown): CallPath {
  if (typeof given !== "string" || given.trim() === "")
    throw refused(say`Give the path of the call, such as /ISAPI/System/status.`);
  const written = withoutSpaces(given);
  if (written.length > MAX_LENGTH) throw refused(say`The path is longer than ${MAX_LENGTH} characters.`);
  const [pathWritten = "", ...rest] = written.split("?");
  const query = rest.join("?");
  if (hasControls(written) || hasControls(decodedLoosely(query)))
    throw refused(say`The path contains a control character. Remove it, also where it is written with a percent sign.`);
  if (/^[/\\]{2}|^[a-z][a-z\d+.-]*:|^[^/]*@/i.test(pathWritten) || pathWritten.includes("\\"))
    throw refused(
      say`The path has to be one of the device itself. Give it without protocol and host, such as /ISAPI/System/status.`,
    );
  if (written.includes("#")) throw refused(say`The path contains "#". Write %23 where it is part of a value.`);
  const path = pathWritten.startsWith("/")
    ? pathWritten
    : /^isapi\//i.test(pathWritten)
      ? `/${pathWritten}`
      : `/ISAPI/${pathWritten}`;
  const segments = segmentsOf(decoded(path));
  const target = query === "" ? path : `${path}?${query}`;
  return { target, shown: query === "" ? path : `${path}?${maskedQuery(query)}`, segments, json: asksForJson(query) };
}

/** Throws `badRequest` when it cannot be decoded, or has something in it that a device may take for another path. */
function decoded(path: string): string {
  let text = path;
  for (let times = 0; ; times++) {
    if (hasControls(text))
      throw refused(
        say`The path contains a control character. Remove it, also where it is written with a percent sign.`,
      );
    if (text.split(/[/\\]/).some((segment) => /^\.{1,2}(?:;|$)/.test(segment.trim())))
      throw refused(say`The path contains "." or ".." as a part. Give it in full.`);
    let next: string;
    try {
      next = decodeURIComponent(text);
    } catch {
      throw refused(say`The path contains a percent sign that is no encoding. Write %25 for a percent sign.`);
    }
    if (next === text) return text;
    if (times === MAX_DECODED) throw refused(say`The path is encoded several times over. Write it plainly.`);
    text = next;
  }
}

function segmentsOf(path: string): string[] {
  const segments = (path.split(/[?#]/, 1)[0] ?? "")
    .split(/[/\\]/)
    .map((segment) => (segment.split(";", 1)[0] ?? "").trim().toLowerCase())
    .filter((segment) => segment !== "");
  const root = segments.findIndex((segment) => segment !== "isapi" && segment !== "psia");
  return root === -1 ? [] : segments.slice(root);
}

function asksForJson(query: string): boolean {
  return [...new URLSearchParams(query)].some(
    ([name, value]) => name.toLowerCase() === "format" && value.toLowerCase() === "json",
  );
}

function maskedQuery(query: string): string {
  return query
    .split("&")
    .map((member) => {
      const name = member.split("=", 1)[0] ?? "";
      return SECRET.test(decodedLoosely(name)) && member.includes("=") ? `${name}=***` : member;
    })
    .join("&");
}

/** What cannot be decoded stays; for looking into only. */
function decodedLoosely(text: string): string {
  let now = text;
  for (let times = 0; times < MAX_DECODED; times++)
    now = now.replace(/%([\da-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return now;
}

/** Spaces alone: control characters stay, to be refused. */
function withoutSpaces(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === " ") start++;
  while (end > start && text[end - 1] === " ") end--;
  return text.slice(start, end);
}

function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text);
}

function refused(why: Sentence): FatalError {
  return new FatalError("badRequest", why);
}

/** Reads an Authorization header strictly, as the device sees it. Shares nothing with the client's code, on purpose. */

export interface DigestAnswer {
  readonly scheme: "digest";
  readonly params: ReadonlyMap<string, string>;
}

export interface BasicAnswer {
  readonly scheme: "basic";
  readonly username: string;
  readonly password: string;
}

export type Answer = DigestAnswer | BasicAnswer | { readonly scheme: "malformed" };

const MALFORMED: Answer = { scheme: "malformed" };

/** Node hands header bytes over as latin-1; names may be UTF-8. */
export function parseAuthorization(header: string): Answer {
  const text = Buffer.from(header, "latin1").toString("utf8");
  const space = text.indexOf(" ");
  const scheme = text.slice(0, space).toLowerCase();
  const rest = text.slice(space + 1);
  if (scheme === "basic") return parseBasic(rest);
  if (scheme !== "digest") return MALFORMED;
  const params = parseParams(rest);
  return params ? { scheme: "digest", params } : MALFORMED;
}

function parseBasic(token: string): Answer {
  const pair = Buffer.from(token.trim(), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 0) return MALFORMED;
  return { scheme: "basic", username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

const PARAM = /\s*([A-Za-z0-9_*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)/y;

/** name → value, names in lower case; undefined on anything that is not a list of name=value, or names one twice. */
function parseParams(text: string): Map<string, string> | undefined {
  const params = new Map<string, string>();
  PARAM.lastIndex = 0;
  while (PARAM.lastIndex < text.length) {
    const match = PARAM.exec(text);
    if (!match) return undefined;
    const [, rawName = "", quoted, token] = match;
    const name = rawName.toLowerCase();
    if (params.has(name)) return undefined;
    params.set(name, quoted === undefined ? (token ?? "") : quoted.replace(/\\(.)/g, "$1"));
  }
  return extendedName(params);
}

/** RFC 7616 3.4: username*=UTF-8''J%C3%A4s%C3%B8n. */
function extendedName(params: Map<string, string>): Map<string, string> | undefined {
  const extended = params.get("username*");
  if (extended === undefined) return params;
  const match = /^UTF-8''(.*)$/i.exec(extended);
  if (!match || params.has("username")) return undefined;
  try {
    params.set("username", decodeURIComponent(match[1] ?? ""));
  } catch {
    return undefined;
  }
  return params;
}

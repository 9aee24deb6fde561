/**
 * HTTP Digest and Basic (RFC 7616, 2617, 2069, 7617): reads challenges, writes answers. No sockets, no state: see login.ts.
 * SHA-512-256 is the real SHA-512/256, as erratum 4897 of RFC 7616 says; the RFC prints a cut SHA-512.
 */
import { createHash } from "node:crypto";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type DigestHash = "SHA-512-256" | "SHA-256" | "MD5";

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly hash: DigestHash;
  /** The `-sess` form: the first nonce and cnonce are part of the secret. */
  readonly session: boolean;
  /** `algorithm` as the device spelled it; absent when it sent none, then it must not be echoed. */
  readonly algorithm?: string;
  /** False: the device sent no qop, so the answer takes the form of RFC 2069. */
  readonly qop: boolean;
  /** The password was right as far as the device looked; only the nonce is too old. */
  readonly stale: boolean;
  readonly utf8: boolean;
  readonly userhash: boolean;
}

/** What a device offers in WWW-Authenticate. */
export interface Challenges {
  /** Those we can answer, strongest first. */
  readonly digest: readonly DigestChallenge[];
  readonly basic: boolean;
  /** Every scheme by name, as spelled, for messages. */
  readonly schemes: readonly string[];
}

export interface DigestRequest {
  readonly method: string;
  /** The request target as on the request line, query included. */
  readonly uri: string;
  /** How often the nonce has been used, this time included. */
  readonly count: number;
  readonly cnonce: string;
}

const STRENGTH: readonly DigestHash[] = ["SHA-512-256", "SHA-256", "MD5"];
const NODE_HASH: Readonly<Record<DigestHash, string>> = {
  "SHA-512-256": "sha512-256",
  "SHA-256": "sha256",
  MD5: "md5",
};

/** Reads one or several WWW-Authenticate headers, each with one or several challenges. Junk is skipped, never thrown at. */
export function readChallenges(header: string | readonly string[] | undefined): Challenges {
  const digest: DigestChallenge[] = [];
  const schemes: string[] = [];
  let basic = false;
  for (const line of header === undefined ? [] : typeof header === "string" ? [header] : header) {
    for (const { scheme, params } of splitChallenges(line)) {
      schemes.push(scheme);
      if (scheme.toLowerCase() === "basic") basic = true;
      if (scheme.toLowerCase() !== "digest") continue;
      const challenge = readDigest(params);
      if (challenge) digest.push(challenge);
    }
  }
  digest.sort((a, b) => STRENGTH.indexOf(a.hash) - STRENGTH.indexOf(b.hash) || Number(b.qop) - Number(a.qop));
  return { digest, basic, schemes };
}

/** The nonce a device wants for the next request, from Authentication-Info. */
export function readNextNonce(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const line = typeof header === "string" ? header : header.join(", ");
  // The header is a challenge's parameters without the scheme.
  return splitChallenges(`Info ${line}`)[0]?.params.get("nextnonce") ?? undefined;
}

/** The value of an Authorization header that answers the challenge. */
export function answerDigest(
  challenge: DigestChallenge,
  credentials: Credentials,
  { method, uri, count, cnonce }: DigestRequest,
): string {
  const { realm, nonce, opaque, algorithm } = challenge;
  const { username, password } = credentials;
  const hash = (text: string): string => createHash(NODE_HASH[challenge.hash]).update(text, "utf8").digest("hex");

  const secret = hash(`${username}:${realm}:${password}`);
  const a1 = challenge.session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const a2 = hash(`${method}:${uri}`);
  const nc = count.toString(16).padStart(8, "0");
  const response = challenge.qop ? hash(`${a1}:${nonce}:${nc}:${cnonce}:auth:${a2}`) : hash(`${a1}:${nonce}:${a2}`);

  const parts = [
    userParameter(challenge, username, hash),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
  ];
  if (algorithm !== undefined) parts.push(`algorithm=${algorithm}`);
  if (challenge.qop) parts.push(`qop=auth`, `nc=${nc}`);
  if (challenge.qop || challenge.session) parts.push(`cnonce=${quote(cnonce)}`);
  parts.push(`response="${response}"`);
  if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
  if (challenge.userhash) parts.push("userhash=true");
  return `Digest ${parts.join(", ")}`;
}

/** The value of an Authorization header for Basic: the password readable by anyone on the way. */
export function answerBasic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

/** The challenge's algorithm in words: "Digest SHA-256", "Digest MD5-sess". */
export function describeDigest({ hash, session }: DigestChallenge): string {
  return `Digest ${hash}${session ? "-sess" : ""}`;
}

function readDigest(params: ReadonlyMap<string, string>): DigestChallenge | undefined {
  const nonce = params.get("nonce");
  const algorithm = params.get("algorithm");
  const [, name, session] = /^(.*?)(-sess)?$/i.exec(algorithm ?? "MD5") ?? [];
  const hash = STRENGTH.find((known) => known === name?.toUpperCase());
  const qops = (params.get("qop") ?? "").toLowerCase().split(/[\s,]+/);
  // Only auth-int offered: it would need the whole body before the first byte, and no device is known to insist on it.
  if (!nonce || !hash || (!qops.includes("auth") && qops.some((qop) => qop !== ""))) return undefined;
  const opaque = params.get("opaque");
  return {
    realm: params.get("realm") ?? "",
    nonce,
    ...(opaque === undefined ? {} : { opaque }),
    hash,
    session: session !== undefined,
    ...(algorithm === undefined ? {} : { algorithm }),
    qop: qops.includes("auth"),
    stale: params.get("stale")?.toLowerCase() === "true",
    utf8: params.get("charset")?.toLowerCase() === "utf-8",
    userhash: params.get("userhash")?.toLowerCase() === "true",
  };
}

/** RFC 7616 3.4.4 and RFC 5987. Devices that announce no charset compare the bytes they stored: UTF-8. */
function userParameter(challenge: DigestChallenge, username: string, hash: (text: string) => string): string {
  if (challenge.userhash) return `username="${hash(`${username}:${challenge.realm}`)}"`;
  if (challenge.utf8 && /[^\x20-\x7e]/.test(username)) {
    const escaped = encodeURIComponent(username).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    return `username*=UTF-8''${escaped}`;
  }
  return `username=${quote(username)}`;
}

/** A quoted-string whose UTF-8 bytes survive a header writer that knows only Latin-1. */
function quote(text: string): string {
  return `"${Buffer.from(text.replace(/["\\]/g, "\\$&"), "utf8").toString("latin1")}"`;
}

interface RawChallenge {
  readonly scheme: string;
  /** Lower-case names; the first of equal names wins. */
  readonly params: Map<string, string>;
}

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const EQUALS = /\s*=\s*/y;
/** NTLM and Negotiate carry one opaque token instead of parameters. */
const TOKEN68 = /[ \t]+[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"?/sy;
const UNQUOTED = /[^,]*/y;

/**
 * A comma ends a parameter or a challenge; only what follows tells which: `name=` goes on, a bare word is a new scheme.
 * DS-C66S-H88-CL sends `Digest …, stale="FALSE", Digest …` in one line.
 */
function splitChallenges(line: string): RawChallenge[] {
  const challenges: RawChallenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while ((take(SEPARATORS), at < line.length)) {
    const word = take(TOKEN)?.[0];
    if (word === undefined) {
      at += 1;
    } else if (take(EQUALS)) {
      const quoted = take(QUOTED);
      const value = quoted ? (quoted[1] ?? "").replace(/\\(.)/gs, "$1") : (take(UNQUOTED)?.[0] ?? "").trim();
      const params = challenges.at(-1)?.params;
      if (params && !params.has(word.toLowerCase())) params.set(word.toLowerCase(), value);
    } else {
      challenges.push({ scheme: word, params: new Map() });
      take(TOKEN68);
    }
  }
  return challenges;
}

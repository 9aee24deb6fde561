/**
 * The device's half of HTTP Digest (RFC 7616, and 2069 without qop): issues nonces, checks every field of an answer.
 * An oracle for our client: own code, strict where devices are strict.
 */
import { createHash, randomBytes } from "node:crypto";
import type { DeviceClock } from "./clock";

export type Algorithm = "MD5" | "MD5-sess" | "SHA-256" | "SHA-256-sess" | "SHA-512-256" | "SHA-512-256-sess";

/** Why an answer was refused. "spentNonce" alone is no fault of the caller's. */
export type Refusal =
  | "malformed"
  | "schemeNotOffered"
  | "wrongUsername"
  | "wrongRealm"
  | "unknownNonce"
  | "spentNonce"
  | "wrongAlgorithm"
  | "wrongUri"
  | "wrongQop"
  | "wrongOpaque"
  | "missingCnonce"
  | "badNc"
  | "ncReused"
  | "wrongResponse"
  | "locked";

export interface DigestOptions {
  readonly realm: string;
  readonly opaque: string | undefined;
  /** null: the challenge names no qop, answers follow RFC 2069. */
  readonly qop: "auth" | "auth-int" | "auth,auth-int" | null;
  /** A nonce is good for so many requests. */
  readonly nonceUses: number;
  readonly nonceLifetimeMs: number;
  /** "window": any order within 64, each once; "strict": only upwards. */
  readonly nc: "window" | "strict";
}

export interface DigestRequest {
  readonly method: string;
  /** As on the request line, query included. */
  readonly target: string;
  readonly body: Buffer;
}

interface Nonce {
  readonly algorithm: Algorithm;
  readonly issuedAt: number;
  uses: number;
  highest: number;
  readonly recent: Set<number>;
}

const HASHES = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" } as const;
const WINDOW = 64;
const MAX_NONCES = 4096;

export class DigestCheck {
  readonly #clock: DeviceClock;
  readonly #nonces = new Map<string, Nonce>();

  constructor(
    clock: DeviceClock,
    readonly options: DigestOptions,
  ) {
    this.#clock = clock;
  }

  /** A fresh nonce, bound to the algorithm it is offered with. */
  issue(algorithm: Algorithm): string {
    const nonce = randomBytes(24).toString("hex");
    this.#nonces.set(nonce, { algorithm, issuedAt: this.#clock.elapsed(), uses: 0, highest: 0, recent: new Set() });
    if (this.#nonces.size > MAX_NONCES) {
      for (const oldest of this.#nonces.keys()) {
        this.#nonces.delete(oldest);
        break;
      }
    }
    return nonce;
  }

  /** As after a reboot: no nonce issued so far is known any more. */
  forget(): void {
    this.#nonces.clear();
  }

  /** undefined = let in. The password is checked before the nonce's age: only who knows it hears "spentNonce". */
  check(
    request: DigestRequest,
    answer: ReadonlyMap<string, string>,
    username: string,
    password: string,
  ): Refusal | undefined {
    const { realm, opaque } = this.options;
    const nonce = answer.get("nonce");
    const response = answer.get("response");
    const uri = answer.get("uri");
    if (nonce === undefined || response === undefined || uri === undefined) return "malformed";
    if (answer.get("username") !== username) return "wrongUsername";
    if (answer.get("realm") !== realm) return "wrongRealm";
    if (uri !== request.target) return "wrongUri";
    if (opaque !== undefined && answer.get("opaque") !== opaque) return "wrongOpaque";
    const known = this.#nonces.get(nonce);
    const named = answer.get("algorithm");
    if (known && (named ?? "MD5").toUpperCase() !== known.algorithm.toUpperCase()) return "wrongAlgorithm";
    const algorithm = known?.algorithm ?? canonical(named ?? "MD5");
    if (!algorithm) return "wrongAlgorithm";
    const shape = this.#shape(answer);
    if (shape) return shape;
    const expected = expectedResponse(request, answer, algorithm, { username, realm, password });
    if (response.toLowerCase() !== expected) return "wrongResponse";
    return known ? this.#use(known, answer.get("nc")) : "unknownNonce";
  }

  #shape(answer: ReadonlyMap<string, string>): Refusal | undefined {
    const { qop } = this.options;
    const chosen = answer.get("qop");
    if (qop === null) return chosen === undefined ? undefined : "wrongQop";
    if (chosen === undefined || !qop.split(",").includes(chosen)) return "wrongQop";
    if (!answer.get("cnonce")) return "missingCnonce";
    return /^[0-9a-fA-F]{8}$/.test(answer.get("nc") ?? "") ? undefined : "badNc";
  }

  #use(nonce: Nonce, ncText: string | undefined): Refusal | undefined {
    const age = this.#clock.elapsed() - nonce.issuedAt;
    if (nonce.uses >= this.options.nonceUses || age > this.options.nonceLifetimeMs) return "spentNonce";
    if (this.options.qop !== null) {
      const nc = Number.parseInt(ncText ?? "", 16);
      if (nc === 0) return "badNc";
      const floor = this.options.nc === "strict" ? nonce.highest : nonce.highest - WINDOW;
      if (nc <= floor || nonce.recent.has(nc)) return "ncReused";
      nonce.highest = Math.max(nonce.highest, nc);
      nonce.recent.add(nc);
      for (const old of nonce.recent) if (old <= nonce.highest - WINDOW) nonce.recent.delete(old);
    }
    nonce.uses++;
    return undefined;
  }
}

function canonical(name: string): Algorithm | undefined {
  const upper = name.toUpperCase();
  const base = upper.replace(/-SESS$/, "");
  if (!(base in HASHES)) return undefined;
  return (base + (upper === base ? "" : "-sess")) as Algorithm;
}

function expectedResponse(
  request: DigestRequest,
  answer: ReadonlyMap<string, string>,
  algorithm: Algorithm,
  login: { username: string; realm: string; password: string },
): string {
  const session = algorithm.endsWith("-sess");
  const name = HASHES[algorithm.replace("-sess", "") as keyof typeof HASHES];
  const hash = (data: string | Buffer): string => createHash(name).update(data).digest("hex");
  const [nonce = "", cnonce = "", nc = "", qop] = ["nonce", "cnonce", "nc", "qop"].map((key) => answer.get(key));
  const secret = hash(`${login.username}:${login.realm}:${login.password}`);
  const ha1 = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
  const entity = qop === "auth-int" ? `:${hash(request.body)}` : "";
  const ha2 = hash(`${request.method}:${request.target}${entity}`);
  return hash(qop === undefined ? `${ha1}:${nonce}:${ha2}` : `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);
}

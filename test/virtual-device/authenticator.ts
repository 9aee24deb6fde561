/**
 * Authentication: challenges, digest or Basic, and the lock after too many failures. Shapes as seen on devices:
 * DS-2CD2155FWD-I V5.5 (MD5, no algorithm named), DS-C66S-H88-CL (two challenges in one line), terminals V4.48.40.
 */
import { parseAuthorization, type Answer } from "./authorization";
import type { DeviceClock } from "./clock";
import { DigestCheck, type Algorithm, type DigestOptions, type DigestRequest, type Refusal } from "./digest-check";
import { statusReply } from "./response-status";
import { PROLOG, element, leaf } from "./xml";

export interface AuthOptions extends DigestOptions {
  /** In the order offered. */
  readonly schemes: readonly ("digest" | "basic")[];
  readonly algorithms: readonly Algorithm[];
  /** false: the challenge names no algorithm, which means MD5. */
  readonly nameAlgorithm: boolean;
  /** All challenges in one header line, as the DS-C66S-H88-CL does, or a header each. */
  readonly oneHeaderLine: boolean;
  /** "digest" and "basic" in small letters. */
  readonly lowerCase: boolean;
  /**
   * How a used-up nonce is refused. "stale": challenge with stale="TRUE"; "fresh": challenge with stale="FALSE";
   * "userCheck" and "invalidOperation": 401 with that body and no challenge at all, as access-control terminals do.
   */
  readonly spentNonce: "stale" | "fresh" | "userCheck" | "invalidOperation";
  /** Failures until the account is locked; Infinity: never. */
  readonly lockAfter: number;
  readonly unlockSeconds: number;
  /** Answered with 401 whatever the login: a user without the right, a terminal whose only slot is taken. */
  readonly refusedPath: RegExp | undefined;
  /** Do refusals contain retryLoginTime and lockStatus? Some firmware never sends them. */
  readonly bodyWithTries: boolean;
}

export const DEFAULT_AUTH: AuthOptions = {
  schemes: ["digest"],
  algorithms: ["MD5"],
  nameAlgorithm: false,
  oneHeaderLine: false,
  lowerCase: false,
  realm: "IP Camera(V0001)",
  opaque: undefined,
  qop: "auth",
  nonceUses: Infinity,
  nonceLifetimeMs: Infinity,
  nc: "window",
  spentNonce: "stale",
  lockAfter: 5,
  unlockSeconds: 1800,
  refusedPath: undefined,
  bodyWithTries: true,
};

export interface Credentials {
  username: string;
  password: string;
}

export interface Denial {
  readonly refusal?: Refusal;
  readonly challenges: readonly string[];
  readonly contentType: string;
  readonly body: string;
}

const HTML_401 =
  "<!DOCTYPE html>\r\n<html><head><title>Document Error: Unauthorized</title></head>\r\n" +
  "<body><h2>Access Error: 401 -- Unauthorized</h2>\r\n<p>Authentication Error</p></body></html>\r\n";

export class Authenticator {
  readonly #clock: DeviceClock;
  readonly #credentials: Credentials;
  readonly #digest: DigestCheck;
  #failures = 0;
  #lockedUntil = -Infinity;

  constructor(
    clock: DeviceClock,
    credentials: Credentials,
    readonly options: AuthOptions,
  ) {
    this.#clock = clock;
    this.#credentials = credentials;
    this.#digest = new DigestCheck(clock, options);
  }

  /** Attempts with wrong credentials since the last success. */
  get failures(): number {
    return this.#failures;
  }

  get locked(): boolean {
    return this.#clock.elapsed() < this.#lockedUntil;
  }

  /** A restart forgets nonces, not the lock. */
  forgetNonces(): void {
    this.#digest.forget();
  }

  /** undefined = welcome. */
  admit(request: DigestRequest, header: string | undefined): Denial | undefined {
    if (header === undefined) return this.#challenge({ contentType: "text/html", body: HTML_401 });
    if (this.locked) return this.#refuse("locked");
    const refusal = this.#check(request, parseAuthorization(header));
    if (refusal === undefined) {
      this.#failures = 0;
      return this.options.refusedPath?.test(request.target) === true
        ? this.#challenge({ contentType: "text/html", body: HTML_401 })
        : undefined;
    }
    if (refusal === "spentNonce" || refusal === "unknownNonce" || refusal === "ncReused")
      return this.#spent(refusal, request);
    if (++this.#failures >= this.options.lockAfter) {
      this.#lockedUntil = this.#clock.elapsed() + this.options.unlockSeconds * 1000;
      this.#failures = 0;
    }
    return this.#refuse(refusal);
  }

  #check(request: DigestRequest, answer: Answer): Refusal | undefined {
    const { username, password } = this.#credentials;
    if (answer.scheme === "malformed") return "malformed";
    if (!this.options.schemes.includes(answer.scheme)) return "schemeNotOffered";
    if (answer.scheme === "digest") return this.#digest.check(request, answer.params, username, password);
    if (answer.username !== username) return "wrongUsername";
    return answer.password === password ? undefined : "wrongResponse";
  }

  #spent(refusal: Refusal, request: DigestRequest): Denial {
    const { spentNonce } = this.options;
    if (spentNonce === "userCheck") {
      return { refusal, challenges: [], contentType: "application/xml", body: userCheck(false) };
    }
    if (spentNonce === "invalidOperation") {
      const { contentType, body } = statusReply("invalidOperation", request.target);
      return { refusal, challenges: [], contentType, body };
    }
    const stale = spentNonce === "stale";
    return { refusal, ...this.#challenge({ contentType: "text/html", body: HTML_401 }, stale) };
  }

  #refuse(refusal: Refusal): Denial {
    const { lockAfter, bodyWithTries } = this.options;
    const seconds = Math.ceil((this.#lockedUntil - this.#clock.elapsed()) / 1000);
    const tries: LockState = this.locked
      ? { lockStatus: "lock", unlockTime: seconds, retryLoginTime: 0 }
      : { lockStatus: "unlock", unlockTime: 0, retryLoginTime: lockAfter - this.#failures };
    const told = bodyWithTries && Number.isFinite(lockAfter);
    return {
      refusal,
      ...this.#challenge({ contentType: "application/xml", body: userCheck(false, told ? tries : undefined) }),
    };
  }

  #challenge(page: { contentType: string; body: string }, stale = false): Denial {
    const all = this.options.schemes.flatMap((scheme) => (scheme === "basic" ? [this.#basic()] : this.#digests(stale)));
    return { ...page, challenges: this.options.oneHeaderLine ? [all.join(", ")] : all };
  }

  #basic(): string {
    return `${this.#word("Basic")} realm="${this.options.realm}"`;
  }

  #digests(stale: boolean): string[] {
    const { algorithms, nameAlgorithm, opaque, qop, realm } = this.options;
    return algorithms.map((algorithm) => {
      const fields = [
        ...(qop === null ? [] : [`qop="${qop}"`]),
        `realm="${realm}"`,
        `nonce="${this.#digest.issue(algorithm)}"`,
        ...(nameAlgorithm || algorithm !== "MD5" ? [`algorithm="${algorithm}"`] : []),
        ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
        `stale="${stale ? "TRUE" : "FALSE"}"`,
      ];
      return `${this.#word("Digest")} ${fields.join(", ")}`;
    });
  }

  #word(scheme: string): string {
    return this.options.lowerCase ? scheme.toLowerCase() : scheme;
  }
}

export interface LockState {
  readonly lockStatus: "lock" | "unlock";
  /** Seconds. */
  readonly unlockTime: number;
  /** Tries left. */
  readonly retryLoginTime: number;
}

/** The body of /ISAPI/Security/userCheck, and of most refusals. */
export function userCheck(ok: boolean, lock?: LockState): string {
  const inner =
    leaf("statusValue", ok ? 200 : 401) +
    leaf("statusString", ok ? "OK" : "Unauthorized") +
    (ok ? leaf("isRiskPassword", false) : "") +
    leaf("isActivated", true) +
    (lock
      ? leaf("lockStatus", lock.lockStatus) +
        leaf("unlockTime", lock.unlockTime) +
        leaf("retryLoginTime", lock.retryLoginTime)
      : "");
  return PROLOG + element("userCheck", inner, 'version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"');
}

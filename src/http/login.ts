/**
 * One login at one device, shared by everything that talks to it: the nonce, its count, and a remembered refusal.
 * Decides who may send credentials and when; sends nothing itself (authenticate.ts does) and never keeps the password.
 */
import { createHmac, randomBytes } from "node:crypto";
import { systemChance, systemClock, type Chance, type Clock } from "../lib/clock";
import { Lru } from "../lib/lru";
import type { Attempt } from "./attempt";
import { describeDigest, readNextNonce, type Challenges, type Credentials, type DigestChallenge } from "./digest";
import type { StatedReason } from "./device-status";
import { Nonce } from "./nonce";
import {
  basicForbiddenError,
  downgradeError,
  lockedError,
  notActivatedError,
  parseLoginRefusal,
  refusedError,
  loginPendingError,
  unknownSchemeError,
  type BasicRule,
  type LoginRefusal,
} from "./refusal";
import { SchemeMemory } from "./scheme-memory";

/** What the sender of a request asks of a login. */
export interface LoginRequest {
  /** The request failed with a used nonce: it needs one that nobody used before. */
  readonly fresh: boolean;
  readonly basic: BasicRule;
}

/**
 * What a 401 means for its request. "send": again, with the permit's nonce; "prove": the same at the proof path first;
 * "acquire": the permit has ended, get another; "refused": the login is good, the 401 is about this path.
 */
export type Verdict = "send" | "prove" | "acquire" | "refused";

interface StoredRefusal extends LoginRefusal {
  /** Monotonic ms; undefined: never by itself. */
  readonly retryAt?: number;
  readonly unlockedAt?: number;
}

/** First pause after a login whose outcome is unknown; doubles up to a minute. */
const FIRST_ABANDONED_PAUSE_MS = 5_000;
const FIRST_RETRY_MS = 10 * 60_000;
const MAX_RETRY_MS = 60 * 60_000;
/** Access-control terminals (V4.48.40) let a nonce through twice. */
const SHORT_LIVED_USES = 2;

/** Reasons beside a 401 by which the device shows that it knows the user. */
const ABOUT_THE_USER: ReadonlySet<StatedReason> = new Set(["forbidden", "weakPassword"] as const);
/** Reasons beside a 401 that have nothing to do with the user. */
const ABOUT_THE_PATH: ReadonlySet<StatedReason> = new Set(["noSlots", "busy", "upgrading"] as const);

/** Permission to send one request. Its holder tells the login how the request ended. */
export interface Permit {
  readonly request: LoginRequest;
  /** What it goes out with; undefined: without credentials. */
  nonce: Nonce | undefined;
  /** Everybody else waits until this one has ended. */
  exclusive: boolean;
}

export class Login {
  readonly #clock: Clock;
  readonly #chance: Chance;
  #nonce: Nonce | undefined;
  /** Somebody fetches the challenge or uses a nonce for the first time: all others wait. */
  #busy = false;
  /** The device answered without asking for credentials. */
  #open = false;
  #scheme: string | undefined;
  #refusal: StoredRefusal | undefined;
  #clearings = 0;
  /** Refusals in a row. */
  #refusals = 0;
  /** Logins in a row whose outcome is unknown, and when the next may go (monotonic ms). */
  #abandoned = { count: 0, until: 0 };
  /** These credentials were right once. */
  #succeeded = false;
  /** Nonces in a row that died after a use or two. */
  #shortLived = 0;
  /** A nonce was good for more than that. */
  #lasting = false;
  /** The proof path has asked for a login, so an answer to one proves it. */
  #proofAsks = false;
  readonly #waiting = new Set<() => void>();
  /** Shared by all logins at the device's address. */
  readonly schemes: SchemeMemory;

  constructor(clock: Clock, chance: Chance, schemes = new SchemeMemory()) {
    this.#clock = clock;
    this.#chance = chance;
    this.schemes = schemes;
  }

  /** "Digest SHA-256", "Basic", "none", or undefined before the first answer. */
  get scheme(): string | undefined {
    return this.#scheme;
  }

  /** The answers take the form of RFC 2069: the device names no qop. */
  get withoutQop(): boolean {
    return this.#nonce?.challenge?.qop === false;
  }

  /** These credentials were right once. */
  get succeeded(): boolean {
    return this.#succeeded;
  }

  /** True while a stored refusal fails every request without sending it. */
  get refused(): boolean {
    return this.#refusal !== undefined;
  }

  /** The device's nonces die after a use or two, so that every request takes a new one beforehand. */
  get needsFreshNonces(): boolean {
    return this.#shortLived >= 2;
  }

  /** How often a person has asked to try again. */
  get clearings(): number {
    return this.#clearings;
  }

  /** A person asks to try again. */
  clearRefusal(): void {
    this.#clearings += 1;
    this.#refusal = undefined;
    this.#refusals = 0;
    this.#abandoned = { count: 0, until: 0 };
  }

  /** Waits until a request may go out. Rejects with the refusal (FatalError) or with the signal's reason. */
  async acquire(request: LoginRequest, signal: AbortSignal): Promise<Permit> {
    for (;;) {
      signal.throwIfAborted();
      this.#throwRefusal();
      this.#throwAbandoned();
      const { loading } = this.schemes;
      if (loading) await loading;
      else if (!this.#busy) return this.#issue(request);
      else await this.#untilReleased(signal);
    }
  }

  /** The Authorization header to send; undefined: none. Every call counts as a use of the nonce. */
  authorization(permit: Permit, credentials: Credentials, method: string, uri: string): string | undefined {
    return permit.nonce?.answer(credentials, method, uri);
  }

  /** Throws FatalError where this must not be answered. */
  check(challenge: DigestChallenge | undefined): void {
    if (!this.schemes.allows(challenge)) throw downgradeError(challenge ? describeDigest(challenge) : "Basic");
  }

  /** An Authorization header for a socket of one's own; undefined when no nonce is known to be good. */
  preemptiveHeader(credentials: Credentials, method: string, uri: string): string | undefined {
    this.#throwRefusal();
    if (!this.#nonce?.proven || this.needsFreshNonces) return undefined;
    this.check(this.#nonce.challenge);
    return this.#nonce.answer(credentials, method, uri);
  }

  /** True when the outcome tells whether the credentials are right: it must become known if it can. */
  isDecisive(permit: Permit): boolean {
    return permit.exclusive && permit.nonce !== undefined;
  }

  /** The device answered, and not with 401. */
  answered(permit: Permit, statusCode: number, authenticationInfo: string | readonly string[] | undefined): void {
    // Its own failure says nothing about the credentials.
    if (statusCode >= 500) {
      this.inconclusive(permit);
      return;
    }
    const { nonce } = permit;
    if (nonce) {
      nonce.proven = true;
      nonce.accepted += 1;
      if (nonce.accepted > SHORT_LIVED_USES) this.#lasting = true;
      if (permit.exclusive) this.clearRefusal();
      this.#succeeded = true;
      this.schemes.used(nonce.challenge);
      const next = readNextNonce(authenticationInfo);
      // The credentials were right a moment ago, so its first use need not be exclusive.
      if (next && nonce.challenge && nonce === this.#nonce)
        this.#nonce = new Nonce({ ...nonce.challenge, nonce: next }, true, this.#chance);
    } else if (!this.#succeeded && statusCode < 400) {
      this.#open = true;
      this.#scheme = "none";
    }
    this.#release(permit);
  }

  /** The proof path answered, and not with 401. "good": the credentials are right; "void": that says nothing about them. */
  proofAnswered(
    permit: Permit,
    statusCode: number,
    body: Buffer,
    authenticationInfo: string | readonly string[] | undefined,
  ): "good" | "void" {
    const worked = statusCode >= 200 && statusCode < 300;
    if (worked || permit.nonce === undefined) this.answered(permit, statusCode, authenticationInfo);
    else if (refusesLogin(parseLoginRefusal(body))) this.told(permit, statusCode, body, authenticationInfo);
    // Other servers say 404 before they look at a password.
    else this.inconclusive(permit);
    return worked && permit.nonce !== undefined ? "good" : "void";
  }

  /** There was no answer, or one that says nothing about the credentials. The nonce may be used up: the next takes another. */
  inconclusive(permit: Permit): void {
    this.#release(permit);
  }

  /**
   * The caller gave up before the device said whether credentials that were never right before are right: some take a second
   * for a wrong password (lighttpd does), and five deploys in a row would lock the user.
   */
  abandoned(permit: Permit): void {
    const { count } = this.#abandoned;
    const pauseMs = Math.min(FIRST_ABANDONED_PAUSE_MS * 2 ** count, 60_000);
    if (!this.#succeeded) this.#abandoned = { count: count + 1, until: this.#clock.elapsed() + pauseMs };
    this.inconclusive(permit);
  }

  /**
   * The device answered with something else than 401 whose body may tell that it refused the login all the same: some say so
   * with 403. Otherwise as {@link answered}.
   */
  told(
    permit: Permit,
    statusCode: number,
    body: Buffer,
    authenticationInfo: string | readonly string[] | undefined,
  ): void {
    const facts = parseLoginRefusal(body);
    if (permit.nonce === undefined || !refusesLogin(facts)) {
      this.answered(permit, statusCode, authenticationInfo);
      return;
    }
    // Of a nonce that was good before it may be about something else; the next use of a fresh one tells.
    if (permit.exclusive) this.#storeRefusal(facts);
    else if (permit.nonce === this.#nonce) this.#nonce = undefined;
    this.#release(permit);
  }

  /** The device answered 401. Throws FatalError when credentials must not, or cannot, be sent. */
  challenged(permit: Permit, challenges: Challenges, body: Buffer, attempt: Attempt): Verdict {
    try {
      const facts = parseLoginRefusal(body);
      // Stated before any login: sending the password now would give it away, or prolong the lock.
      if (facts.reason === "notActivated") throw notActivatedError({ statusCode: 401 });
      if (!permit.nonce && facts.locked) throw lockedError(facts.unlockSeconds ?? 0);
      if (permit.nonce && this.#refuses(permit, permit.nonce, challenges, facts, attempt)) {
        this.#release(permit);
        return "refused";
      }
      if (challenges.digest.length === 0 && !challenges.basic) {
        // Terminals (V4.48.40) answer a spent nonce without a challenge: ask again without credentials.
        if (!permit.nonce) throw unknownSchemeError(challenges.schemes);
        this.#release(permit);
        return "acquire";
      }
      if (!permit.exclusive) {
        this.#throwRefusal();
        if (this.#busy) return "acquire";
      }
      if (!permit.nonce && !attempt.provable) this.#proofAsks = true;
      const prove = attempt.wantsProof(this.#succeeded);
      if (prove && !this.#proofAsks) {
        attempt.fresh = true;
        this.#release(permit);
        return "acquire";
      }
      permit.nonce = this.#createNonce(challenges, permit.request);
      permit.exclusive = this.#busy = true;
      this.#nonce = permit.nonce;
      this.#open = false;
      return prove ? "prove" : "send";
    } catch (error) {
      this.#release(permit);
      throw error;
    }
  }

  /**
   * The device refused credentials. True: only this path. False: the nonce is over, or another request has to tell.
   * Throws where the credentials are refused.
   */
  #refuses(permit: Permit, nonce: Nonce, { digest }: Challenges, facts: LoginRefusal, attempt: Attempt): boolean {
    const stale = digest.some((challenge) => challenge.stale);
    if (facts.locked || facts.triesLeft !== undefined || facts.reason === "unauthorized")
      throw this.#storeRefusal(facts);
    if (facts.reason !== undefined && ABOUT_THE_USER.has(facts.reason)) {
      this.answered(permit, 401, undefined);
      return true;
    }
    if (facts.reason !== undefined && ABOUT_THE_PATH.has(facts.reason)) return true;
    const firstUse = permit.exclusive && !stale;
    if (attempt.proof === "good") {
      attempt.refusedSinceProof += 1;
      if (firstUse || this.#lasting || !nonce.challenge || attempt.refusedSinceProof > SHORT_LIVED_USES) return true;
    } else if (firstUse || attempt.repeated || (!nonce.challenge && digest.length === 0)) {
      if (!attempt.provable || attempt.proof === "void" || !this.#succeeded) throw this.#storeRefusal(facts);
      attempt.doubtful = true;
    } else if (!stale) attempt.doubtful = true;
    if (!stale) this.#countShortLived(nonce);
    if (nonce === this.#nonce) this.#nonce = undefined;
    attempt.repeated = attempt.fresh = true;
    return false;
  }

  #issue(request: LoginRequest): Permit {
    const fresh = request.fresh || this.needsFreshNonces;
    // One that was good may have become too weak since: what is remembered of the device may come late, or from another user.
    if (this.#nonce && !this.schemes.allows(this.#nonce.challenge)) this.#nonce = undefined;
    const nonce = this.#nonce?.challenge || request.basic === "allowed" ? this.#nonce : undefined;
    if (!fresh && (nonce?.proven || this.#open)) return { request, nonce, exclusive: false };
    this.#busy = true;
    return { request, nonce: undefined, exclusive: true };
  }

  #createNonce(challenges: Challenges, request: LoginRequest): Nonce {
    const digest = challenges.digest[0];
    this.check(digest);
    if (!digest && request.basic !== "allowed") throw basicForbiddenError(request.basic);
    this.#scheme = digest ? describeDigest(digest) : "Basic";
    return new Nonce(digest, false, this.#chance);
  }

  /** Learns that the device's nonces do not last. */
  #countShortLived(nonce: Nonce): void {
    if (nonce.spent) return;
    nonce.spent = true;
    this.#shortLived = nonce.accepted <= SHORT_LIVED_USES ? this.#shortLived + 1 : 0;
  }

  #storeRefusal(facts: LoginRefusal): Error {
    const now = this.#clock.elapsed();
    const lockMs = (facts.unlockSeconds ?? 0) * 1000;
    const retryMs = Math.max(lockMs, Math.min(FIRST_RETRY_MS * 2 ** this.#refusals, MAX_RETRY_MS));
    this.#refusals += 1;
    this.#nonce = undefined;
    this.#refusal = {
      ...facts,
      ...(facts.locked ? { unlockedAt: now + lockMs } : {}),
      ...(this.#succeeded ? { retryAt: now + retryMs } : {}),
    };
    return this.#refusalError(this.#refusal);
  }

  #throwRefusal(): void {
    if (!this.#refusal) return;
    const { retryAt = Infinity } = this.#refusal;
    if (this.#clock.elapsed() < retryAt) throw this.#refusalError(this.#refusal);
    this.#refusal = undefined;
  }

  #throwAbandoned(): void {
    const seconds = (this.#abandoned.until - this.#clock.elapsed()) / 1000;
    if (seconds > 0) throw loginPendingError(seconds);
  }

  #refusalError({ triesLeft, retryAt, unlockedAt }: StoredRefusal): Error {
    const now = this.#clock.elapsed();
    if (unlockedAt !== undefined && unlockedAt > now) return lockedError((unlockedAt - now) / 1000);
    return refusedError(triesLeft, retryAt === undefined ? undefined : (retryAt - now) / 1000);
  }

  #release(permit: Permit): void {
    if (!permit.exclusive) return;
    permit.exclusive = this.#busy = false;
    for (const wake of [...this.#waiting]) wake();
  }

  #untilReleased(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (end: () => void): void => {
        signal.removeEventListener("abort", onAbort);
        this.#waiting.delete(wake);
        end();
      };
      const wake = (): void => leave(resolve);
      const onAbort = (): void => leave(() => reject(signal.reason as Error));
      this.#waiting.add(wake);
      signal.addEventListener("abort", onAbort);
    });
  }
}

function refusesLogin({ locked, reason }: LoginRefusal): boolean {
  return locked || reason === "unauthorized";
}

/** More than anybody has devices. */
const MAX_LOGINS = 5000;

export class Logins {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #known: Lru<string, Login>;
  readonly #schemes: Lru<string, SchemeMemory>;
  /** The registry outlives deployments: neither a password nor a hash that could be searched for stays in it. */
  readonly #secret = randomBytes(32);

  constructor({ clock = systemClock, chance = systemChance, most = MAX_LOGINS } = {}) {
    this.#clock = clock;
    this.#chance = chance;
    this.#known = new Lru(most);
    this.#schemes = new Lru(most);
  }

  /** The same login for the same host (in any case), port, user and password; another for anything else. */
  get(address: { readonly host: string; readonly port: number }, credentials: Credentials): Login {
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([address.host.toLowerCase(), address.port, credentials.username, credentials.password]))
      .digest("base64");
    const login = this.#known.get(key) ?? new Login(this.#clock, this.#chance, this.#schemesOf(address));
    this.#known.set(key, login);
    return login;
  }

  #schemesOf({ host, port }: { readonly host: string; readonly port: number }): SchemeMemory {
    const key = `${host.toLowerCase()}:${port}`;
    const schemes = this.#schemes.get(key) ?? new SchemeMemory();
    this.#schemes.set(key, schemes);
    return schemes;
  }
}

/** The process-wide registry. */
export const logins = new Logins();

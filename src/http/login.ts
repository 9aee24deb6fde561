/**
 * One login at one device, shared by everything that talks to it: the nonce, its count, and a remembered refusal.
 * Decides who may send credentials and when; sends nothing itself (authenticate.ts does) and never keeps the password.
 */
import { createHmac, randomBytes } from "node:crypto";
import { systemChance, systemClock, type Chance, type Clock } from "../lib/clock";
import { describeDigest, readNextNonce, type Challenges, type Credentials } from "./digest";
import { Nonce } from "./nonce";
import {
  basicForbiddenError,
  lockedError,
  readRefusal,
  refusedError,
  unheardError,
  unknownSchemeError,
  type RefusalFacts,
} from "./refusal";

/** What the sender of a request asks of a login. */
export interface LoginRequest {
  /** The request failed with a used nonce: it needs one that nobody used before. */
  readonly fresh: boolean;
  /** May Basic be answered, if the device offers nothing better? */
  readonly basic: boolean;
}

interface Refusal extends RefusalFacts {
  /** Monotonic ms; undefined: never by itself. */
  readonly retryAt?: number;
  readonly unlockedAt?: number;
}

/** First pause after a login that nobody waited for; doubles up to a minute. */
const UNHEARD_PAUSE_MS = 5_000;
const FIRST_RETRY_MS = 10 * 60_000;
const LONGEST_RETRY_MS = 60 * 60_000;
/** Access-control terminals (V4.48.40) let a nonce through twice. */
const FEW_USES = 2;

/** Leave to send one request. Opaque: whoever got it tells the login how the request ended. */
export interface Permit {
  readonly wish: LoginRequest;
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
  /** The device answered without asking who we are. */
  #open = false;
  #scheme: string | undefined;
  #refusal: Refusal | undefined;
  /** Refusals in a row. */
  #refusals = 0;
  /** Logins in a row whose verdict nobody waited for, and when the next may go (monotonic ms). */
  #unheard = { count: 0, until: 0 };
  /** These credentials were right once. */
  #succeeded = false;
  /** Nonces in a row that died after a use or two. */
  #shortLived = 0;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** "Digest SHA-256", "Basic", "none", or undefined before the first answer. */
  get scheme(): string | undefined {
    return this.#scheme;
  }

  /** True while a remembered refusal answers every request in the device's place. */
  get refused(): boolean {
    return this.#refusal !== undefined;
  }

  /** The device's nonces die after a use or two, so that every request takes a new one beforehand. */
  get needsFreshNonces(): boolean {
    return this.#shortLived >= 2;
  }

  /** A person asks to try again: forgets the refusal. */
  forgive(): void {
    this.#refusal = undefined;
    this.#refusals = 0;
    this.#unheard = { count: 0, until: 0 };
  }

  /** Waits until a request may go out. Rejects with the refusal (FatalError) or with the signal's reason. */
  async enter(wish: LoginRequest, signal: AbortSignal): Promise<Permit> {
    for (;;) {
      signal.throwIfAborted();
      this.#throwRefusal();
      this.#throwUnheard();
      if (!this.#busy) return this.#take(wish);
      await this.#change(signal);
    }
  }

  /** The Authorization header to send; undefined: none. Every call counts as a use of the nonce. */
  authorization(turn: Permit, credentials: Credentials, method: string, uri: string): string | undefined {
    return turn.nonce?.answer(credentials, method, uri);
  }

  /** An Authorization header for a socket of one's own; undefined when no nonce is known to be good. */
  spare(credentials: Credentials, method: string, uri: string): string | undefined {
    this.#throwRefusal();
    return this.#nonce?.proven && !this.needsFreshNonces ? this.#nonce.answer(credentials, method, uri) : undefined;
  }

  /** True when the outcome decides over the credentials: it must become known if it can. */
  proving(turn: Permit): boolean {
    return turn.exclusive && turn.nonce !== undefined;
  }

  /** The device answered, and not with 401. */
  answered(turn: Permit, statusCode: number, authenticationInfo: string | readonly string[] | undefined): void {
    // Its own failure says nothing about the credentials.
    if (statusCode >= 500) {
      this.unjudged(turn);
      return;
    }
    const { nonce } = turn;
    if (nonce) {
      nonce.proven = true;
      nonce.accepted += 1;
      if (turn.exclusive) this.forgive();
      this.#succeeded = true;
      const next = readNextNonce(authenticationInfo);
      // The credentials were right a moment ago, so its first use need not be exclusive.
      if (next && nonce.challenge && nonce === this.#nonce)
        this.#nonce = new Nonce({ ...nonce.challenge, nonce: next }, true, this.#chance);
    } else if (!this.#succeeded && statusCode < 400) {
      this.#open = true;
      this.#scheme = "none";
    }
    this.#release(turn);
  }

  /** There was no answer, or one that says nothing about the credentials. The nonce may be used up: the next takes another. */
  unjudged(turn: Permit): void {
    this.#release(turn);
  }

  /**
   * The caller gave up before the device said whether credentials that were never right before are right: some take a second
   * for a wrong password (lighttpd does), and five impatient deploys would lock the user.
   */
  unheard(turn: Permit): void {
    const { count } = this.#unheard;
    const pauseMs = Math.min(UNHEARD_PAUSE_MS * 2 ** count, 60_000);
    if (!this.#succeeded) this.#unheard = { count: count + 1, until: this.#clock.elapsed() + pauseMs };
    this.unjudged(turn);
  }

  /**
   * The device answered 401. "send": the same turn goes out again, with a nonce; "enter": it is over, take another, fresh one.
   * `repeated`: credentials had been refused to this request before. Throws FatalError when they must not, or cannot, be sent.
   */
  challenged(turn: Permit, challenges: Challenges, body: Buffer, repeated: boolean): "send" | "enter" {
    try {
      const { nonce } = turn;
      const facts = readRefusal(body);
      if (nonce) {
        const stale = challenges.digest.some((challenge) => challenge.stale);
        const told = facts.locked || facts.triesLeft !== undefined;
        const onlyBasic = !nonce.challenge && challenges.digest.length === 0;
        if (told || repeated || onlyBasic || (turn.exclusive && !stale)) throw this.#refuse(facts);
        if (!stale) this.#spend(nonce);
        if (nonce === this.#nonce) this.#nonce = undefined;
      } else if (facts.locked) {
        // Told without having been asked: sending the password now could only prolong it.
        throw lockedError(facts.unlockSeconds ?? 0);
      }
      if (challenges.digest.length === 0 && !challenges.basic) {
        // Terminals (V4.48.40) answer a spent nonce without a challenge: ask again without credentials.
        if (!nonce) throw unknownSchemeError(challenges.schemes);
        return "enter";
      }
      if (!turn.exclusive) {
        this.#throwRefusal();
        if (this.#busy) return "enter";
      }
      turn.nonce = this.#choose(challenges, turn.wish);
      turn.exclusive = this.#busy = true;
      this.#nonce = turn.nonce;
      this.#open = false;
      return "send";
    } catch (error) {
      this.#release(turn);
      throw error;
    }
  }

  #take(wish: LoginRequest): Permit {
    const fresh = wish.fresh || this.needsFreshNonces;
    const nonce = this.#nonce?.challenge || wish.basic ? this.#nonce : undefined;
    if (!fresh && (nonce?.proven || this.#open)) return { wish, nonce, exclusive: false };
    this.#busy = true;
    return { wish, nonce: undefined, exclusive: true };
  }

  #choose(challenges: Challenges, wish: LoginRequest): Nonce {
    const digest = challenges.digest[0];
    if (!digest && !wish.basic) throw basicForbiddenError();
    this.#scheme = digest ? describeDigest(digest) : "Basic";
    return new Nonce(digest, false, this.#chance);
  }

  /** Learns that the device's nonces do not last. */
  #spend(nonce: Nonce): void {
    if (nonce.spent) return;
    nonce.spent = true;
    this.#shortLived = nonce.accepted <= FEW_USES ? this.#shortLived + 1 : 0;
  }

  #refuse(facts: RefusalFacts): Error {
    const now = this.#clock.elapsed();
    const lockMs = (facts.unlockSeconds ?? 0) * 1000;
    const retryMs = Math.max(lockMs, Math.min(FIRST_RETRY_MS * 2 ** this.#refusals, LONGEST_RETRY_MS));
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

  #throwUnheard(): void {
    const seconds = (this.#unheard.until - this.#clock.elapsed()) / 1000;
    if (seconds > 0) throw unheardError(seconds);
  }

  #refusalError({ triesLeft, retryAt, unlockedAt }: Refusal): Error {
    const now = this.#clock.elapsed();
    if (unlockedAt !== undefined && unlockedAt > now) return lockedError((unlockedAt - now) / 1000);
    return refusedError(triesLeft, retryAt === undefined ? undefined : (retryAt - now) / 1000);
  }

  #release(turn: Permit): void {
    if (!turn.exclusive) return;
    turn.exclusive = this.#busy = false;
    for (const wake of [...this.#waiting]) wake();
  }

  #change(signal: AbortSignal): Promise<void> {
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

/** More than anybody has devices; the least recently asked for is forgotten first. */
const MOST = 5000;

export class Logins {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #most: number;
  readonly #known = new Map<string, Login>();
  /** The registry outlives deployments: neither a password nor a hash that could be searched for stays in it. */
  readonly #secret = randomBytes(32);

  constructor({ clock = systemClock, chance = systemChance, most = MOST } = {}) {
    this.#clock = clock;
    this.#chance = chance;
    this.#most = most;
  }

  /** The same login for the same host (in any case), port, user and password; another for anything else. */
  get(address: { readonly host: string; readonly port: number }, credentials: Credentials): Login {
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([address.host.toLowerCase(), address.port, credentials.username, credentials.password]))
      .digest("base64");
    const login = this.#known.get(key) ?? new Login(this.#clock, this.#chance);
    this.#known.delete(key);
    this.#known.set(key, login);
    if (this.#known.size > this.#most) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    return login;
  }
}

/** The process-wide registry. */
export const logins = new Logins();

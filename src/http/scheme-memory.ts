/**
 * Whether a device has logged us in with SHA-256 before. From then on a weaker scheme from its address is refused until a person
 * confirms it: whoever stands in between could ask for one to learn the password (RFC 7616, 5.8). Kept by its owner over restarts.
 */
import type { Clock } from "../lib/clock";
import type { DigestChallenge } from "./digest";

/** A store that does not answer must not keep a device silent for longer. */
const LOAD_MS = 2_000;

export class SchemeMemory {
  readonly #listeners = new Set<(strong: boolean) => void>();
  readonly #loading = new Set<Promise<void>>();
  #strong = false;
  #weakened = false;

  /** SHA-256 was used: nothing weaker is answered. */
  get strong(): boolean {
    return this.#strong;
  }

  /** A person has confirmed something weaker, and SHA-256 has not been used since. */
  get weakened(): boolean {
    return this.#weakened;
  }

  /** May this be answered? Undefined: Basic. */
  allows(challenge: DigestChallenge | undefined): boolean {
    return !this.#strong || isStrong(challenge);
  }

  /** The device has accepted a login made with it. */
  used(challenge: DigestChallenge | undefined): void {
    if (!isStrong(challenge)) return;
    this.#weakened = false;
    this.#set(true);
  }

  /** A person takes what the device offers now. */
  confirm(): void {
    if (!this.#strong) return;
    this.#weakened = true;
    this.#set(false);
  }

  /** `stored`: what an owner has kept, as it comes; requests wait for it. Must not reject. */
  restore(stored: Promise<boolean>, clock: Clock): void {
    const late = new AbortController();
    const loaded = Promise.race([
      stored.then((strong) => {
        if (strong) this.#strong = true;
      }),
      clock.wait(LOAD_MS, late.signal).catch(() => undefined),
    ]).finally(() => {
      late.abort();
      this.#loading.delete(loaded);
    });
    this.#loading.add(loaded);
  }

  /** Resolves when nothing is being restored any more; undefined where nothing is. */
  get loading(): Promise<unknown> | undefined {
    return this.#loading.size === 0 ? undefined : Promise.all(this.#loading);
  }

  /** Tells every change; the result ends that. */
  onChange(listener: (strong: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #set(strong: boolean): void {
    if (this.#strong === strong) return;
    this.#strong = strong;
    for (const listener of this.#listeners) listener(strong);
  }
}

/** SHA-256 or better, with qop: RFC 2069 lacks the client's nonce. */
function isStrong(challenge: DigestChallenge | undefined): boolean {
  return challenge !== undefined && challenge.hash !== "MD5" && challenge.qop;
}

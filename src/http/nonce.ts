/** One nonce of one login: its count, its cnonce, and whether the device accepted it. */
import type { Chance } from "../lib/clock";
import { answerBasic, answerDigest, type Credentials, type DigestChallenge } from "./digest";

/** A nonce, or Basic, and its state. */
export class Nonce {
  readonly cnonce: string;
  count = 0;
  /** Requests that the device let through. */
  accepted = 0;
  spent = false;

  constructor(
    /** Undefined for Basic. */
    readonly challenge: DigestChallenge | undefined,
    /** False: the device has not yet checked the credentials with it. */
    public proven: boolean,
    chance: Chance,
  ) {
    this.cnonce = chance.token(16);
  }

  answer(credentials: Credentials, method: string, uri: string): string {
    this.count += 1;
    if (!this.challenge) return answerBasic(credentials);
    return answerDigest(this.challenge, credentials, { method, uri, count: this.count, cnonce: this.cnonce });
  }
}

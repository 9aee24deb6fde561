/** The login of one RTSP connection: Digest, Basic only where it is allowed. A password that was refused is not sent again. */
import { answerBasic, answerDigest, readChallenges, type Credentials, type DigestChallenge } from "../http/digest";
import type { Chance } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";

export interface RtspLoginOptions {
  readonly credentials: Credentials;
  /** May the password go to this device in clear? */
  readonly basic: boolean;
  readonly chance: Pick<Chance, "token">;
  /** Throws where this must not be answered; undefined stands for Basic. */
  readonly check?: (challenge: DigestChallenge | undefined) => void;
  /** A request was let in with an answer to it. */
  readonly onAccepted?: (challenge: DigestChallenge | undefined) => void;
}

export class RtspLogin {
  readonly #options: RtspLoginOptions;
  #digest: { readonly challenge: DigestChallenge; uses: number } | undefined;
  #usesBasic = false;
  /** A request was let in with the present answer. */
  #proven = false;

  constructor(options: RtspLoginOptions) {
    this.#options = options;
  }

  /** The Authorization header of the next request; undefined before the device has asked for one. */
  header(method: string, uri: string): string | undefined {
    const { credentials, chance } = this.#options;
    if (this.#usesBasic) return answerBasic(credentials);
    if (!this.#digest) return undefined;
    const count = (this.#digest.uses += 1);
    return answerDigest(this.#digest.challenge, credentials, { method, uri, count, cnonce: chance.token(16) });
  }

  accepted(): void {
    const sent = this.#digest !== undefined || this.#usesBasic;
    if (sent && !this.#proven) this.#options.onAccepted?.(this.#digest?.challenge);
    this.#proven = sent;
  }

  /** A 401 came. Returns when the request may be repeated; throws `unauthorized` when the password was refused. */
  refused(challenges: readonly string[]): void {
    const { digest, basic } = readChallenges(challenges);
    const [strongest] = digest;
    const sent = this.#digest !== undefined || this.#usesBasic;
    const expired = this.#digest !== undefined && (this.#proven || strongest?.stale === true);
    if (sent && !expired) throw wrongPassword();
    this.#proven = false;
    if (strongest || basic) this.#options.check?.(strongest);
    if (strongest) this.#digest = { challenge: strongest, uses: 0 };
    else if (basic && this.#options.basic && !sent) this.#usesBasic = true;
    else throw basic ? onlyBasic() : wrongPassword();
  }
}

function wrongPassword(): FatalError {
  return new FatalError(
    "unauthorized",
    say`The device refused user name or password for its video (RTSP). Check them, and the user's right to watch this channel.`,
  );
}

function onlyBasic(): FatalError {
  return new FatalError(
    "unauthorized",
    say`For its video (RTSP) the device asks for the password in clear text (Basic). Choose Digest for RTSP authentication on its web page, or allow Basic in the settings of the device node.`,
  );
}

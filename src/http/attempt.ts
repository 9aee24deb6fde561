/** What one request has found out about its login so far: decides what its next 401 means. */

/** Asked with the same login where a 401 could be about the path alone: every device has it, and it needs a login. */
export const PROOF_PATH = "/ISAPI/System/deviceInfo";

/** Talk answers 401 also while somebody else is talking, or a session was left open. */
const OWN_401 = /\/TwoWayAudio\//i;

export class Attempt {
  readonly #proveFirst: boolean;
  /** Its 401 may be about its path: {@link PROOF_PATH} can tell. */
  readonly provable: boolean;
  /** The device refused credentials to it once already. */
  repeated = false;
  /** Its credentials need a nonce that nobody used before. */
  fresh = false;
  /** A 401 that may be about the path or about the login. */
  doubtful = false;
  /** "good": the login was accepted at {@link PROOF_PATH} meanwhile; "void": that told nothing. */
  proof: "none" | "good" | "void" = "none";
  /** 401s since the proof. */
  refusedSinceProof = 0;

  constructor(path: string) {
    this.provable = path.split("?", 1)[0] !== PROOF_PATH;
    this.#proveFirst = OWN_401.test(path);
  }

  /**
   * The login is to be tried at {@link PROOF_PATH}: refused there, it is refused for all. Where it was never accepted the first
   * use decides, wherever it is: a second one could be the second with a wrong password.
   */
  wantsProof(everAccepted: boolean): boolean {
    return this.provable && this.proof === "none" && (this.doubtful || (!everAccepted && this.#proveFirst));
  }

  /** What the proof has told. */
  proved(proof: "good" | "void"): void {
    this.proof = proof;
    this.fresh = proof === "void" && this.repeated;
  }
}

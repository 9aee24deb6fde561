/**
 * The undici interceptor that logs in: asks the login for a permit, sends, reads the 401, repeats as the login says, if need be
 * after a cheap request that tells a refused path from a refused password. Retries nothing else. It also owns the request's abort, because a login whose outcome is open is not cut at once (see #linger).
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Clock } from "../lib/clock";
import { readChallenges, type Credentials } from "./digest";
import type { Login, Permit, Verdict } from "./login";
import { Attempt, PROOF_PATH } from "./attempt";
import { noUserError, type BasicRule } from "./refusal";

export interface AuthenticateOptions {
  readonly login: Login;
  readonly credentials: Credentials;
  /** May Basic be answered, if the device offers nothing better? */
  readonly basic: BasicRule;
  /** Aborts the request in every phase, its body included; its reason becomes the error. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Turns a transport's error into the one the caller gets. */
  readonly explain: (error: unknown) => Error;
  /** Called when an aborted request stays on the wire to learn whether its credentials are right. */
  readonly onLinger: (done: Promise<void>) => void;
}

/** The 401 of a device that accepts the same login elsewhere. Never leaves src/http: it becomes a reply. */
export class RefusedPath extends Error {
  constructor(
    readonly headers: IncomingHttpHeaders,
    readonly body: Buffer,
  ) {
    super("the path is refused");
  }
}

/** At most this much of a 401's body is read; the tries left and the lock fit in far less. */
const MAX_401_BYTES = 64 * 1024;
/** A ResponseStatus is shorter. */
const MAX_STATUS_BYTES = 1024;
/** A device answers a login within milliseconds; a redeploy waits no longer than this for it. */
const LINGER_MS = 800;

/** For one request: `dispatcher.compose(authenticate({ … })).request(…)`. */
export function authenticate(options: AuthenticateOptions): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (request, handler) => {
    void new AuthenticatedRequest(options, dispatch, request, handler).start();
    return true;
  };
}

/** Stands in until undici gives us the connection's own. */
const NOT_CONNECTED: Dispatcher.DispatchController = {
  aborted: false,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

class AuthenticatedRequest implements Dispatcher.DispatchHandler {
  readonly #options: AuthenticateOptions;
  readonly #dispatch: Dispatcher.Dispatch;
  readonly #request: Dispatcher.DispatchOptions;
  readonly #handler: Dispatcher.DispatchHandler;
  #phase: "waiting" | "sent" | "challenged" | "proving" | "answering" | "over" = "waiting";
  #permit: Permit | undefined;
  #controller = NOT_CONNECTED;
  readonly #attempt: Attempt;
  /** While the login is tried at the proof path, for this request. */
  #proof: Attempt | undefined;
  #head: { statusCode: number; headers: IncomingHttpHeaders } = { statusCode: 0, headers: {} };
  /** The answer's body may tell that the login was refused. */
  #mayRefuse = false;
  /** The caller has its error; the rest of the exchange only informs the login. */
  #callerDone = false;
  #challenges = readChallenges(undefined);
  #body: Buffer[] = [];
  #bodySize = 0;
  #endLinger: (() => void) | undefined;

  constructor(
    options: AuthenticateOptions,
    dispatch: Dispatcher.Dispatch,
    request: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ) {
    this.#options = options;
    this.#dispatch = dispatch;
    this.#request = request;
    this.#handler = handler;
    this.#attempt = new Attempt(request.path);
  }

  async start(): Promise<void> {
    const { login, signal, basic } = this.#options;
    signal.addEventListener("abort", this.#onAbort);
    this.#phase = "waiting";
    try {
      const { fresh } = this.#proof ?? this.#attempt;
      const permit = (this.#permit = await login.acquire({ fresh, basic }, signal));
      signal.throwIfAborted();
      const cold = permit.exclusive && permit.nonce === undefined;
      if (cold && this.#attempt.wantsProof(login.succeeded)) this.#proof ??= new Attempt(PROOF_PATH);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#send(this.#permit);
  }

  #send(permit: Permit): void {
    const { login, credentials } = this.#options;
    this.#phase = "sent";
    this.#controller = NOT_CONNECTED;
    this.#body = [];
    this.#bodySize = 0;
    const request = this.#proof ? { ...this.#request, ...PROOF } : this.#request;
    const { method, path } = request;
    try {
      const authorization = login.authorization(permit, credentials, method, path);
      const headers = { ...(request.headers as Record<string, string>), ...(authorization && { authorization }) };
      this.#dispatch({ ...request, headers }, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#controller = controller;
    if (this.#phase === "over") controller.abort(this.#options.signal.reason as Error);
    else if (!this.#proof) this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    const { login } = this.#options;
    if (statusCode < 200 || !this.#permit) return;
    this.#head = { statusCode, headers };
    if (statusCode === 401) {
      this.#phase = "challenged";
      this.#challenges = readChallenges(headers["www-authenticate"]);
      return;
    }
    if (this.#proof) {
      this.#phase = "proving";
      return;
    }
    this.#mayRefuse = mayRefuseLogin(statusCode, headers);
    if (!this.#mayRefuse) login.answered(this.#permit, statusCode, headers["authentication-info"]);
    if (this.#callerDone) {
      controller.abort(this.#options.signal.reason as Error);
      return;
    }
    this.#phase = "answering";
    this.#handler.onResponseStart?.(controller, statusCode, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase === "answering") {
      if (this.#mayRefuse && this.#bodySize < MAX_401_BYTES) this.#keep(chunk);
      this.#handler.onResponseData?.(controller, chunk);
      return;
    }
    this.#keep(chunk);
    if (this.#bodySize >= MAX_401_BYTES) controller.abort(new Error("enough of a 401"));
  }

  #keep(chunk: Buffer): void {
    this.#body.push(chunk);
    this.#bodySize += chunk.length;
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#phase === "challenged" || this.#phase === "proving") {
      this.#onDecided();
      return;
    }
    if (this.#mayRefuse && this.#permit) {
      const { statusCode, headers } = this.#head;
      this.#options.login.told(this.#permit, statusCode, Buffer.concat(this.#body), headers["authentication-info"]);
    }
    this.#finish();
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // A 401 is a 401, also when its body was cut or too long; and so is an answer to the proof.
    if (this.#phase === "challenged" || this.#phase === "proving") this.#onDecided();
    else this.#fail(error);
  }

  /** A 401, or the answer to the proof, is read: go on, or fail. */
  #onDecided(): void {
    const { signal } = this.#options;
    const permit = this.#permit;
    if (!permit) return;
    let next: Verdict;
    try {
      next = this.#phase === "proving" ? this.#onProof(permit) : this.#onChallenge(permit);
      signal.throwIfAborted();
    } catch (error) {
      this.#fail(signal.aborted ? signal.reason : error);
      return;
    }
    if (next === "refused") this.#fail(new RefusedPath(this.#head.headers, Buffer.concat(this.#body)));
    else if (next === "acquire") void this.start();
    else {
      if (next === "prove") this.#proof = new Attempt(PROOF_PATH);
      this.#send(permit);
    }
  }

  #onChallenge(permit: Permit): Verdict {
    const { login, credentials } = this.#options;
    if (credentials.username === "") throw noUserError();
    const attempt = this.#proof ?? this.#attempt;
    const verdict = login.challenged(permit, this.#challenges, Buffer.concat(this.#body), attempt);
    if (!this.#proof || verdict !== "refused") return verdict;
    // The device knows the user, and does not let it read even this.
    return this.#endProof("good");
  }

  #onProof(permit: Permit): Verdict {
    const { statusCode, headers } = this.#head;
    const body = Buffer.concat(this.#body);
    return this.#endProof(this.#options.login.proofAnswered(permit, statusCode, body, headers["authentication-info"]));
  }

  #endProof(proof: "good" | "void"): Verdict {
    this.#proof = undefined;
    this.#attempt.proved(proof);
    return "acquire";
  }

  readonly #onAbort = (): void => {
    const reason = this.#options.signal.reason as Error;
    if (this.#phase === "waiting" || this.#phase === "over") return; // login.acquire handles the signal itself
    const onTheWire = this.#phase === "sent" && this.#controller !== NOT_CONNECTED;
    if (onTheWire && this.#permit && this.#options.login.isDecisive(this.#permit)) {
      this.#linger(reason);
      return;
    }
    this.#controller.abort(reason); // comes back as onResponseError, which still handles a 401 whose body was being read
    this.#fail(reason);
  };

  /**
   * The credentials are on their way and nobody knows yet whether they are right. Cutting here would send them again with
   * the next request: a wrong password and five quick redeploys would lock the user. So the caller gets its error while the request goes on.
   */
  #linger(reason: Error): void {
    this.#callerDone = true;
    const { clock, login, onLinger, explain } = this.#options;
    const timer = clock.after(LINGER_MS, () => {
      if (this.#permit && this.#phase === "sent") login.abandoned(this.#permit);
      this.#controller.abort(reason);
    });
    onLinger(
      new Promise((resolve) => {
        this.#endLinger = () => {
          timer.cancel();
          resolve();
        };
      }),
    );
    this.#handler.onResponseError?.(this.#controller, explain(reason));
  }

  #fail(error: unknown): void {
    if (this.#phase === "over") return;
    const callerDone = this.#callerDone;
    this.#finish();
    const reason = error instanceof RefusedPath ? error : this.#options.explain(error);
    if (!callerDone) this.#handler.onResponseError?.(this.#controller, reason);
  }

  #finish(): void {
    const { login } = this.#options;
    this.#phase = "over";
    this.#callerDone = true;
    if (this.#permit) login.inconclusive(this.#permit);
    this.#endLinger?.();
  }
}

/** Replaces the request's own. */
const PROOF = { method: "GET", path: PROOF_PATH, headers: {}, body: null } as const;

/** Some devices refuse a login with 403, or with 200 and a status that says no. */
function mayRefuseLogin(statusCode: number, headers: IncomingHttpHeaders): boolean {
  if (statusCode >= 400 && statusCode < 500) return true;
  return (
    statusCode < 300 &&
    Number(headers["content-length"] ?? Infinity) < MAX_STATUS_BYTES &&
    /xml|json/i.test(headers["content-type"] ?? "")
  );
}

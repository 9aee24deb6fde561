/**
 * The undici interceptor that logs in: asks the login for a permit, sends, reads the 401, repeats as the login says.
 * Retries nothing else. It also owns the request's abort, because a login whose outcome is open is not cut at once (see #linger).
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Clock } from "../lib/clock";
import { readChallenges, type Credentials } from "./digest";
import type { Login, Permit } from "./login";
import { noUserError } from "./refusal";

export interface AuthenticateOptions {
  readonly login: Login;
  readonly credentials: Credentials;
  /** May Basic be answered, if the device offers nothing better? */
  readonly basic: boolean;
  /** Aborts the request in every phase, its body included; its reason becomes the error. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Turns a transport's error into the one the caller gets. */
  readonly explain: (error: unknown) => Error;
  /** Called when an aborted request stays on the wire to learn whether its credentials are right. */
  readonly onLinger: (done: Promise<void>) => void;
}

/** At most this much of a 401's body is read; the tries left and the lock fit in far less. */
const MAX_401_BYTES = 64 * 1024;
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
  #phase: "waiting" | "sent" | "challenged" | "answering" | "over" = "waiting";
  #permit: Permit | undefined;
  #controller = NOT_CONNECTED;
  /** The device refused this request's credentials once already. */
  #repeated = false;
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
  }

  async start(): Promise<void> {
    const { login, signal, basic } = this.#options;
    signal.addEventListener("abort", this.#onAbort);
    this.#phase = "waiting";
    try {
      this.#permit = await login.acquire({ fresh: this.#repeated, basic }, signal);
      signal.throwIfAborted();
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
    const { method, path } = this.#request;
    try {
      const authorization = login.authorization(permit, credentials, method, path);
      const headers = { ...(this.#request.headers as Record<string, string>), ...(authorization && { authorization }) };
      this.#dispatch({ ...this.#request, headers }, this);
    } catch (error) {
      this.#fail(error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#controller = controller;
    if (this.#phase === "over") controller.abort(this.#options.signal.reason as Error);
    else this.#handler.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    const { login } = this.#options;
    if (statusCode < 200 || !this.#permit) return;
    if (statusCode === 401) {
      this.#phase = "challenged";
      this.#challenges = readChallenges(headers["www-authenticate"]);
      return;
    }
    login.answered(this.#permit, statusCode, headers["authentication-info"]);
    if (this.#callerDone) {
      controller.abort(this.#options.signal.reason as Error);
      return;
    }
    this.#phase = "answering";
    this.#handler.onResponseStart?.(controller, statusCode, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase === "answering") {
      this.#handler.onResponseData?.(controller, chunk);
      return;
    }
    this.#body.push(chunk);
    this.#bodySize += chunk.length;
    if (this.#bodySize >= MAX_401_BYTES) controller.abort(new Error("enough of a 401"));
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    if (this.#phase === "challenged") {
      this.#onChallenge();
      return;
    }
    this.#finish();
    this.#handler.onResponseEnd?.(controller, trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // A 401 is a 401, also when its body was cut or too long.
    if (this.#phase === "challenged") this.#onChallenge();
    else this.#fail(error);
  }

  /** The 401 is read: repeat the request, or fail. */
  #onChallenge(): void {
    const { login, credentials, signal } = this.#options;
    const permit = this.#permit;
    if (!permit) return;
    const sentCredentials = permit.nonce !== undefined;
    let next: "send" | "acquire";
    try {
      if (credentials.username === "") throw noUserError();
      next = login.challenged(permit, this.#challenges, Buffer.concat(this.#body), this.#repeated);
      signal.throwIfAborted();
    } catch (error) {
      this.#fail(signal.aborted ? signal.reason : error);
      return;
    }
    this.#repeated ||= sentCredentials;
    if (next === "send") this.#send(permit);
    else void this.start();
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
    if (!callerDone) this.#handler.onResponseError?.(this.#controller, this.#options.explain(error));
  }

  #finish(): void {
    const { login } = this.#options;
    this.#phase = "over";
    this.#callerDone = true;
    if (this.#permit) login.inconclusive(this.#permit);
    this.#endLinger?.();
  }
}

/** What may end a request before its answer does: its caller, its deadline, or the end of everything. */
import type { Clock, Timer } from "../lib/clock";
import { AbortedError } from "../lib/errors";

export interface RequestScope {
  /** Its reason is the error the caller gets. */
  readonly signal: AbortSignal;
  /** Another deadline from here on, in place of what is left. */
  setDeadline(ms: number): void;
  /** No deadline from here on. */
  clearDeadline(): void;
  /** The request is over; frees timer and listener. Repeatable. */
  end(): void;
}

/** All requests under way of one owner. */
export class RequestScopes {
  readonly #clock: Clock;
  readonly #controllers = new Set<AbortController>();
  #aborted = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `timeoutError` makes the error of a missed deadline. A scope begun after {@link abortAll} is aborted at once. */
  begin(caller: AbortSignal | undefined, timeoutMs: number, timeoutError: (ms: number) => Error): RequestScope {
    const controller = new AbortController();
    const onCaller = (): void => controller.abort(new AbortedError());
    const deadline = (ms: number): Timer => this.#clock.after(ms, () => controller.abort(timeoutError(ms)));
    let timer = deadline(timeoutMs);
    caller?.addEventListener("abort", onCaller);
    this.#controllers.add(controller);
    if (this.#aborted || caller?.aborted) onCaller();
    return {
      signal: controller.signal,
      setDeadline: (ms) => {
        timer.cancel();
        timer = deadline(ms);
      },
      clearDeadline: () => timer.cancel(),
      end: () => {
        timer.cancel();
        caller?.removeEventListener("abort", onCaller);
        this.#controllers.delete(controller);
      },
    };
  }

  /** Ends all, for good. */
  abortAll(): void {
    this.#aborted = true;
    for (const controller of [...this.#controllers]) controller.abort(new AbortedError());
  }
}

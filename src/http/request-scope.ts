/** What may end a request before its answer does: its caller, its deadline, or the end of everything. */
import type { Clock } from "../lib/clock";
import { AbortedError } from "../lib/errors";

export interface RequestScope {
  /** Its reason is the error the caller gets. */
  readonly signal: AbortSignal;
  /** No deadline from here on. */
  untimed(): void;
  /** The request is over; frees timer and listener. Repeatable. */
  end(): void;
}

/** All requests under way of one owner. */
export class RequestScopes {
  readonly #clock: Clock;
  readonly #under = new Set<AbortController>();
  #cut = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `tooLate` makes the error of a missed deadline. A life begun after {@link cut} is over at once. */
  begin(caller: AbortSignal | undefined, timeoutMs: number, tooLate: () => Error): RequestScope {
    const controller = new AbortController();
    const onCaller = (): void => controller.abort(new AbortedError());
    const timer = this.#clock.after(timeoutMs, () => controller.abort(tooLate()));
    caller?.addEventListener("abort", onCaller);
    this.#under.add(controller);
    if (this.#cut || caller?.aborted) onCaller();
    return {
      signal: controller.signal,
      untimed: () => timer.cancel(),
      end: () => {
        timer.cancel();
        caller?.removeEventListener("abort", onCaller);
        this.#under.delete(controller);
      },
    };
  }

  /** Ends all, for good. */
  cut(): void {
    this.#cut = true;
    for (const controller of [...this.#under]) controller.abort(new AbortedError());
  }
}

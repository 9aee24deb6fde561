/** What alters one device goes one after another: two changes of one document at once would undo each other. */
import { RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import { Semaphore } from "../lib/semaphore";

/** More are a flow that asks faster than the device can answer. */
const MAX_WAITING = 100;

export class WriteQueue {
  readonly #one = new Semaphore(1);
  #waiting = 0;

  /** Throws `busy` when too many wait already. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#waiting >= MAX_WAITING)
      throw new RetryableError(
        "busy",
        say`${MAX_WAITING} changes wait for this device already. Send fewer, or slower.`,
        { retryAfter: 10 },
      );
    this.#waiting += 1;
    try {
      return await this.#one.run(task, signal);
    } finally {
      this.#waiting -= 1;
    }
  }
}

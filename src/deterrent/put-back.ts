/** What was changed for a while is put back: in turn with other writes, past them when it is urgent, and tried again when it fails. */
import type { WriteQueue } from "../control/write-queue";
import type { Clock } from "../lib/clock";
import { FatalError, isRetryable, RetryableError } from "../lib/errors";
import { say, type Sentence } from "../lib/sentence";

const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

export interface PutBackOptions {
  readonly writes: WriteQueue;
  readonly clock: Clock;
  /** From when on it may wait for nothing: its node or the device is being closed. */
  readonly hurry: AbortSignal;
  /** What is left changed when it fails. */
  readonly left: Sentence;
}

/** Throws the last error, saying what is left. */
export async function putBack(
  task: (urgent: boolean) => Promise<void>,
  { writes, clock, hurry, left }: PutBackOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const urgent = hurry.aborted;
    try {
      let begun = false;
      const inTurn = (): Promise<void> => {
        begun = true;
        return task(false);
      };
      if (urgent) await task(true);
      else
        await writes.run(inTurn, hurry).catch((error: unknown) => {
          if (begun || !hurry.aborted) throw error;
          return task(true);
        });
      return;
    } catch (error) {
      if (!isRetryable(error) || attempt === TRIES || urgent) throw isLeft(left, error);
      // When it has to be soon meanwhile: once more, at once.
      await clock.wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), hurry).catch(() => undefined);
    }
  }
}

/** The same error, saying what is left. */
export function isLeft(left: Sentence, error: unknown): unknown {
  if (error instanceof RetryableError)
    return new RetryableError(error.code, say`${left} ${error.sentence}`, error.cause);
  return error instanceof FatalError ? new FatalError(error.code, say`${left} ${error.sentence}`, error.cause) : error;
}

/** "Go to" is answered when it is accepted, not when it is done: this waits until the camera holds still. */
import type { Clock } from "../lib/clock";
import { RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import { isSame, type Position } from "./position";

const LOOK_EVERY_MS = 500;
/** Looks alike in a row that count as still: one alone may be before it starts. */
const ALIKE = 3;
const PATIENCE_MS = 60_000;

/** Where it came to rest. Throws `timeout` after a minute. */
export async function waitUntilStill(
  look: () => Promise<Position>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Position> {
  const end = clock.elapsed() + PATIENCE_MS;
  let rest: Position | undefined;
  let alike = 0;
  while (clock.elapsed() < end) {
    await clock.wait(LOOK_EVERY_MS, signal);
    const position = await look();
    // Compared with where it came to rest: slow is not still.
    if (rest && isSame(rest, position)) alike += 1;
    else [rest, alike] = [position, 1];
    if (alike === ALIKE) return position;
  }
  throw new RetryableError(
    "timeout",
    say`The camera was still moving a minute after it was sent there. Is something else moving it, a patrol or tracking?`,
  );
}

/** Devices answer "goto" when they accept it, not when the move is done: this waits until the camera is still. */
import type { Clock } from "../lib/clock";
import { RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import { isSame, type Position } from "./position";

const POLL_MS = 500;
/** Equal positions in a row that count as still: fewer may be before it starts. */
const SAME_POSITIONS = 3;
const TIMEOUT_MS = 60_000;

/** The final position. Throws `timeout` after a minute. */
export async function waitUntilStill(
  readPosition: () => Promise<Position>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Position> {
  const end = clock.elapsed() + TIMEOUT_MS;
  let rest: Position | undefined;
  let same = 0;
  while (clock.elapsed() < end) {
    await clock.wait(POLL_MS, signal);
    const position = await readPosition();
    // Compared with the first of them, so that a slow move is not still.
    if (rest && isSame(rest, position)) same += 1;
    else [rest, same] = [position, 1];
    if (same === SAME_POSITIONS) return position;
  }
  throw new RetryableError(
    "timeout",
    say`The camera was still moving a minute after it was sent there. Is something else moving it, a patrol or tracking?`,
  );
}

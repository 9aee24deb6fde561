/**
 * One search of content or of the log at a time per device: at a recorder two at once reset each other, and may answer MORE for ever
 * (DS-7732NI-M4); others say that they do one (`maxConcurrentSearches` 1).
 */
import { RetryableError } from "../lib/errors";
import { type Lane, Semaphore } from "../lib/semaphore";
import { say } from "../lib/sentence";

const SEARCHES: Lane = {
  order: 0,
  longest: 50,
  full: (waiting) =>
    new RetryableError(
      "busy",
      say`${waiting} searches wait for this device already, which does one at a time. Ask it less often.`,
      { retryAfter: 30 },
    ),
};

/** By the client of the device. */
const turns = new WeakMap<object, Semaphore>();

/** Runs `task` when no other search is under way at that device; it must not ask for a turn itself. Throws `busy` where too many wait. */
export function inSearchTurn<T>(isapi: object, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  let turn = turns.get(isapi);
  if (!turn) {
    turn = new Semaphore(1);
    turns.set(isapi, turn);
  }
  return turn.run(task, signal, SEARCHES);
}

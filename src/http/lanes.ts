/** Which request of a device goes first, and how many may wait. What stops something never waits: see device-http.ts. */
import { RetryableError } from "../lib/errors";
import type { Lane } from "../lib/semaphore";
import { say } from "../lib/sentence";

/**
 * "stop": ends a move, a pulse, a recording, a talk; goes at once. "change": moves, outputs, settings. "read": what somebody waits
 * for. "picture": snapshots. "background": what nobody asked for in this moment; never takes the last connection.
 */
export type LaneName = "stop" | "change" | "read" | "picture" | "background";

/** At a device that does not answer, each takes its deadline: longer queues would be answers that nobody waits for. */
const MOST_WAITING = 200;
const MOST_PICTURES = 50;
/** Longer than the pauses that are waited out: a full queue is told at once. */
const RETRY_AFTER_S = 30;

export function lanesOf(connections: number): Readonly<Record<LaneName, Lane>> {
  const spared = Math.max(1, connections - 1);
  const lane = (order: number, longest: number, more: Partial<Lane> = {}): Lane => ({
    ...{ order, longest, full: tooManyWaiting },
    ...more,
  });
  return {
    stop: lane(0, Infinity),
    change: lane(1, MOST_WAITING),
    read: lane(2, MOST_WAITING),
    picture: lane(3, MOST_PICTURES, { most: spared }),
    background: lane(4, MOST_WAITING, { leaves: connections - spared }),
  };
}

/** For every queue of a device. */
export function tooManyWaiting(waiting: number): RetryableError {
  return new RetryableError(
    "busy",
    say`${waiting} requests of this kind wait for the device already, so this one was not added. Send fewer at once, or check why the device is slow.`,
    { retryAfter: RETRY_AFTER_S },
  );
}

/** Which failures concern one item and which everything, and how an item's failure is told. */
import { eventType } from "../events/event-types";
import {
  AbortedError,
  codeOf,
  FatalError,
  type FatalCode,
  type HikvisionError,
  isHikvisionError,
  isRetryable,
  RetryableError,
  type RetryableCode,
} from "../lib/errors";
import { say, translatableName, type Sentence } from "../lib/sentence";
import type { ArmAction, ArmPlace } from "./types";

const OF_ALL: ReadonlySet<string> = new Set(["unauthorized", "locked", "notActivated", "tls", "aborted"]);

/** Would every other request fail likewise? A camera that is off behind its recorder is said with an HTTP status. */
export function concernsAll(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined || !isHikvisionError(error)) return true;
  return OF_ALL.has(code) || (code === "offline" && error.cause.statusCode === undefined);
}

/** The same failure in other words. */
export function reworded(error: HikvisionError, sentence: Sentence): HikvisionError {
  if (error.code === "aborted") return new AbortedError(sentence, error.cause);
  return isRetryable(error)
    ? new RetryableError(error.code as RetryableCode, sentence, error.cause)
    : new FatalError(error.code as FatalCode, sentence, error.cause);
}

/** "Motion on channel 3", "Alarm input 2", "Disk full". */
export function placeName({ channel, type, inputPort }: ArmPlace): Sentence {
  const label = type === "disturb" ? say`One-touch disarming` : translatableName(eventType(type).label);
  if (inputPort !== undefined) return say`${label} ${inputPort}`;
  return channel === null ? label : say`${label} on channel ${channel}`;
}

export function failureOf(place: ArmPlace, action: ArmAction, error: HikvisionError): HikvisionError {
  const [what, reason] = [placeName(place), error.sentence];
  switch (action) {
    case "on":
      return reworded(error, say`${what} could not be armed: ${reason}`);
    case "off":
      return reworded(error, say`${what} could not be disarmed: ${reason}`);
    case "status":
      return reworded(error, say`The state of ${what} could not be read: ${reason}`);
  }
}

export function keptError(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device said OK, but left it as it was. Look at it on the device's web page.`,
  );
}

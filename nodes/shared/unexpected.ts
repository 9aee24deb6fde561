/** A defect of this package as one of its errors: reported as such, with its stack. */
import { FatalError, type HikvisionError, isHikvisionError, say } from "../../src";

/** Whatever was thrown, as a typed error. */
export function typedError(reason: unknown): HikvisionError {
  if (isHikvisionError(reason)) return reason;
  const error = new FatalError(
    "badRequest",
    say`This should not happen: ${reason instanceof Error ? reason.message : say`unknown reason`}. Please report it.`,
  );
  if (reason instanceof Error && reason.stack !== undefined) error.stack = reason.stack;
  return error;
}

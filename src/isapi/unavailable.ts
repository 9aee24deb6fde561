/** Questions that may stay open: their answer is nice to have, and nobody fails for the lack of it. */
import { codeOf } from "../lib/errors";

const WITHHELD: ReadonlySet<string> = new Set(["forbidden", "notSupported", "notFound", "badRequest", "protocol"]);

/**
 * True when the device has no such service, or keeps it from this user. False when it cannot be talked to at all: the next request would
 * fail just so.
 */
export function isUnavailable(error: unknown): boolean {
  return WITHHELD.has(codeOf(error) ?? "");
}

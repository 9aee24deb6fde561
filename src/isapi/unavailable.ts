/** The one definition of "the device does not have this, or not for this user", for questions that may stay unanswered. */
import { codeOf, isHikvisionError } from "../lib/errors";

const NOT_OFFERED: ReadonlySet<string> = new Set(["forbidden", "notSupported", "notFound", "notIsapi", "badRequest"]);
const UNREACHABLE: ReadonlySet<string> = new Set([
  "offline",
  "timeout",
  "tls",
  "unauthorized",
  "locked",
  "notActivated",
  "aborted",
]);

/** The device has no such service, or keeps it from this user: asked again, it would say the same. */
export function isNotOffered(error: unknown): boolean {
  return NOT_OFFERED.has(codeOf(error) ?? "");
}

/** As {@link isNotOffered}, or its answer cannot be used. False when it cannot be talked to: the next request would fail, too. */
export function isUnavailable(error: unknown): boolean {
  return isNotOffered(error) || codeOf(error) === "protocol";
}

/** The device cannot be talked to at all, whatever is asked. */
export function isUnreachable(error: unknown): boolean {
  return UNREACHABLE.has(codeOf(error) ?? "");
}

/** Not on this path; another may do. "Unsupported" is 400, 403 or 404 (dumps of maciej-or/hikvision_next). */
export function isRefusedPath(error: unknown): boolean {
  if (!isNotOffered(error)) return false;
  // A 403 that names a reason is about the user.
  return !isHikvisionError(error) || error.code !== "forbidden" || error.cause.subStatusCode === undefined;
}

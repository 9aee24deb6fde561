/**
 * What a device says when it refuses a login, and the sentence the user reads.
 * Bodies: `userCheck` and ResponseStatus, XML or JSON; most cameras send plain HTML and say nothing.
 */
import { FatalError, RetryableError } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";

export interface LoginRefusal {
  /** Tries left before the account is locked. */
  readonly triesLeft?: number;
  readonly locked: boolean;
  /** How long the device keeps the account locked, s. */
  readonly unlockSeconds?: number;
}

/** Devices lock for 30 minutes when they do not say for how long. */
const DEFAULT_LOCK_SECONDS = 1800;

/** Reads the body of a 401 (access-control terminals and newer cameras tell tries and lock). */
export function parseLoginRefusal(body: Buffer): LoginRefusal {
  const text = body.toString("utf8");
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}"?\\s*[>:]\\s*"?(\\w+)`, "i").exec(text)?.[1]?.toLowerCase();
  const count = (name: string): number | undefined => {
    const digits = value(name);
    return digits !== undefined && /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
  };

  const locked = value("lockStatus") === "lock" || value("subStatusCode") === "userlocked";
  const triesLeft = count("retryLoginTime");
  return {
    locked,
    ...(triesLeft === undefined ? {} : { triesLeft }),
    ...(locked ? { unlockSeconds: count("unlockTime") ?? DEFAULT_LOCK_SECONDS } : {}),
  };
}

/** The account is locked for another `seconds`. */
export function lockedError(seconds: number): FatalError {
  return new FatalError(
    "locked",
    say`The device has locked this user for ${duration(seconds)} after too many failed logins.
      Wait, check the user name and password, then press Test connection.`,
    { statusCode: 401, retryAfter: Math.ceil(seconds) },
  );
}

/** The device refused the credentials; `retrySeconds` when we try them again by ourselves. */
export function refusedError(triesLeft: number | undefined, retrySeconds: number | undefined): FatalError {
  const refused =
    triesLeft === undefined
      ? say`The device refuses the user name or password.`
      : triesLeft === 1
        ? say`The device refuses the user name or password (1 try left before it locks the user).`
        : say`The device refuses the user name or password (${triesLeft} tries left before it locks the user).`;
  const remedy =
    retrySeconds === undefined
      ? say`Nothing more is sent, so that the user does not get locked. Correct them in the device's settings,
        or press Test connection to try once more.`
      : say`They were right before, so they are tried again in ${duration(retrySeconds)};
        if the password was changed, enter the new one in the device's settings.`;
  return new FatalError("unauthorized", say`${refused} ${remedy}`, {
    statusCode: 401,
    ...(retrySeconds === undefined ? {} : { retryAfter: Math.ceil(retrySeconds) }),
  });
}

/** A login was aborted before the device had answered; the next may go in `seconds`. */
export function loginPendingError(seconds: number): RetryableError {
  return new RetryableError(
    "timeout",
    say`The device has not yet said whether user name and password are right. They are sent again in ${duration(seconds)},
      not earlier, so that the user does not get locked.`,
    { retryAfter: Math.ceil(seconds) },
  );
}

/** The device wants a login and none is set. */
export function noUserError(): FatalError {
  return new FatalError(
    "unauthorized",
    say`The device asks for a login, but no user name is set. Enter user name and password in the device's settings.`,
    { statusCode: 401 },
  );
}

/** The device offers only Basic, and that is not allowed over plain HTTP. */
export function basicForbiddenError(): FatalError {
  return new FatalError(
    "unauthorized",
    say`The device offers only Basic authentication, which would send the password readable over plain HTTP.
      Turn on Digest on the device (Security, Authentication), use HTTPS, or allow Basic in the device's settings here.`,
    { statusCode: 401 },
  );
}

/** The device offers nothing that we know. */
export function unknownSchemeError(schemes: readonly string[]): FatalError {
  const offer =
    schemes.length === 0
      ? say`The device asks for a login but offers no way to log in.`
      : say`The device asks for a login but offers only ${enumerate([...new Set(schemes)])}.`;
  return new FatalError(
    "unauthorized",
    say`${offer} Turn on Digest authentication on the device
      (Security, Authentication), and check that host and port are those of a Hikvision device.`,
    { statusCode: 401 },
  );
}

function duration(seconds: number): Sentence {
  if (seconds < 90) return say`${Math.max(1, Math.ceil(seconds))} seconds`;
  return say`about ${Math.ceil(seconds / 60)} minutes`;
}

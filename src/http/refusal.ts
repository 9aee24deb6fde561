/**
 * What a device says when it refuses a login, and the sentence the user reads.
 * Bodies: `userCheck` and ResponseStatus, XML or JSON; most cameras send plain HTML and say nothing.
 */
import { FatalError, RetryableError, type ErrorDetail } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";
import {
  ACTIVATED,
  errorNumber,
  isMuteIn401,
  saysNotActivated,
  statedReason,
  type StatedReason,
} from "./device-status";

export interface LoginRefusal {
  /** What the device names as reason; undefined: no more than that it refuses. */
  readonly reason?: StatedReason;
  /** Tries left before the account is locked. */
  readonly triesLeft?: number;
  readonly locked: boolean;
  /** How long the device keeps the account locked, s. */
  readonly unlockSeconds?: number;
}

/** Devices lock for 30 minutes when they do not say for how long. */
const DEFAULT_LOCK_SECONDS = 1800;

/** Reads the body of a refusal (access-control terminals and newer cameras tell tries and lock), also one that is cut off. */
export function parseLoginRefusal(body: Buffer): LoginRefusal {
  const text = body.toString("utf8");
  const value = (name: string): string | undefined =>
    new RegExp(`\\b${name}(?:"|\\s[^<>]{0,100})?\\s*[>:]\\s*"?(\\w{1,60}(?: \\w{1,30}){0,4})`, "i").exec(text)?.[1];
  const count = (name: string): number | undefined => {
    const digits = value(name);
    return digits !== undefined && /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
  };

  const sub = value("subStatusCode");
  const error = errorNumber(value("errorCode") ?? value("MErrCode"));
  const stated = ACTIVATED.some((name) => saysNotActivated(value(name)))
    ? "notActivated"
    : isMuteIn401(sub)
      ? undefined
      : statedReason({ sub, error, words: value("statusString") ?? value("errorMsg") });
  const reason = stated === "invalidOperation" ? undefined : stated;
  const locked = /^lock(?:ed)?$/i.test(value("lockStatus") ?? "") || reason === "locked";
  const triesLeft = count("retryLoginTime") ?? count("retryTimes");
  return {
    ...(reason === undefined ? {} : { reason }),
    locked,
    ...(triesLeft === undefined ? {} : { triesLeft }),
    ...(locked ? { unlockSeconds: count("unlockTime") ?? count("resLockTime") ?? DEFAULT_LOCK_SECONDS } : {}),
  };
}

/** The device has no password yet, and gets none from here. */
export function notActivatedError(detail: ErrorDetail): FatalError {
  return new FatalError(
    "notActivated",
    say`The device is not activated: it has no password yet. Set one on its web page or with the SADP tool,
        then enter it in the device node.`,
    detail,
  );
}

/** Once SHA-256, now something that gives the password away more easily. */
export function downgradeError(offered: string): FatalError {
  return new FatalError(
    "unauthorized",
    say`The device has logged in with SHA-256 before and now offers only ${offered}, so nothing was sent: something else may answer
      in its place. If you changed the authentication on the device, press Test connection in its settings here to accept it.`,
    { statusCode: 401 },
  );
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

/** May Basic be answered, if the device offers nothing better? Not over plain HTTP, nor where nobody checks who answers. */
export type BasicRule = "allowed" | "plain" | "unchecked";

/** The device offers only Basic, and that is not allowed. */
export function basicForbiddenError(rule: Exclude<BasicRule, "allowed">): FatalError {
  return new FatalError(
    "unauthorized",
    rule === "plain"
      ? say`The device offers only Basic authentication, which would send the password readable over plain HTTP.
      Turn on Digest on the device (Security, Authentication), use HTTPS, or allow Basic in the device's settings here.`
      : say`The device offers only Basic authentication, which would send the password to whoever answers, because its certificate is
      not checked. Turn on Digest on the device (Security, Authentication), or trust its certificate in the device's settings here.`,
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

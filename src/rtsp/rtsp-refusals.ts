/**
 * Logins that a device refused for its video. They are not sent again for ten minutes, across redeploys, so that no account is locked;
 * a person who tests the connection lifts that. Once SHA-256 was used, nothing weaker is.
 */
import type { Login } from "../http/login";
import type { DigestChallenge } from "../http/digest";
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";

/** What is needed of the device's login: the same object for the same address and credentials, over deploys. */
export type RtspLoginKey = Pick<Login, "clearings">;

interface Memory {
  readonly clearings: number;
  /** Monotonic ms. */
  refusedUntil?: number;
  strong?: boolean;
}

const RETRY_MS = 10 * 60_000;
const memories = new WeakMap<RtspLoginKey, Memory>();

/** Throws `unauthorized` while a refusal is remembered. */
export function throwRefusal(login: RtspLoginKey, clock: Pick<Clock, "elapsed">): void {
  const until = memoryOf(login).refusedUntil;
  if (until === undefined || clock.elapsed() >= until) return;
  throw new FatalError(
    "unauthorized",
    say`The device refused user name or password for its video (RTSP) a short while ago. They are not sent again for ten minutes, so that it does not lock the account. Check them and the user's rights, then press Test connection.`,
    { retryAfter: Math.ceil((until - clock.elapsed()) / 1000) },
  );
}

export function rememberRefusal(login: RtspLoginKey, clock: Pick<Clock, "elapsed">): void {
  memoryOf(login).refusedUntil = clock.elapsed() + RETRY_MS;
}

/** Throws `unauthorized` for a challenge that is weaker than one that was answered before. Undefined: Basic. */
export function checkStrength(login: RtspLoginKey, challenge: DigestChallenge | undefined): void {
  if (!memoryOf(login).strong || isStrong(challenge)) return;
  throw new FatalError(
    "unauthorized",
    say`For its video (RTSP) the device asks for a weaker login than before. Somebody may be listening in between: the password was not sent. If you have changed the device's settings, press Test connection.`,
  );
}

export function rememberAccepted(login: RtspLoginKey, challenge: DigestChallenge | undefined): void {
  const memory = memoryOf(login);
  delete memory.refusedUntil;
  if (isStrong(challenge)) memory.strong = true;
}

function isStrong(challenge: DigestChallenge | undefined): boolean {
  return challenge !== undefined && challenge.hash !== "MD5";
}

function memoryOf(login: RtspLoginKey): Memory {
  const known = memories.get(login);
  if (known?.clearings === login.clearings) return known;
  const fresh: Memory = { clearings: login.clearings };
  memories.set(login, fresh);
  return fresh;
}

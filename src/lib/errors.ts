/**
 * Every failure a user can meet. The class says whether a retry can help (RetryableError) or not (FatalError); an abort is neither.
 * A Catch node sees `message`, and `code`, `cause`, `stack` because they are own properties (docs/contract.md).
 */
import { say, type Sentence } from "./sentence";

/** The device a failure belongs to, as shown to the user. Never holds credentials. */
export interface DeviceIdentity {
  /** Id of the config node. */
  readonly id: string;
  /** Name of the config node, else the host. */
  readonly name: string;
  readonly host: string;
}

/** Plain data next to the sentence; safe to log, send and store. */
export interface ErrorDetail {
  /** HTTP status the device answered with. */
  statusCode?: number;
  /** `subStatusCode` of an ISAPI ResponseStatus, as the device spelled it. */
  subStatusCode?: string;
  /** Seconds after which another try makes sense. */
  retryAfter?: number;
  /** The answer to a command got lost: nobody knows whether the device has done it. */
  unclear?: true;
  device?: DeviceIdentity;
}

export type RetryableCode = "busy" | "noSlots" | "offline" | "timeout" | "protocol";
export type FatalCode =
  | "unauthorized"
  | "locked"
  | "forbidden"
  | "notActivated"
  | "notSupported"
  | "notIsapi"
  | "badRequest"
  | "tls"
  | "disk"
  | "ffmpeg"
  | "notFound";
export type ErrorCode = RetryableCode | FatalCode | "aborted";

/**
 * Base of all errors of this package. `code` is stable; `message` is a sentence a camera owner understands, in English until
 * somebody who knows a better language sets it from `sentence`.
 */
export abstract class HikvisionError extends Error {
  abstract readonly code: ErrorCode;
  override readonly cause: ErrorDetail;
  /** Private, and so never among what a Catch node or JSON shows. */
  readonly #sentence: Sentence;

  protected constructor(sentence: Sentence, detail: ErrorDetail = {}) {
    super(sentence.toString());
    this.#sentence = sentence;
    this.cause = { ...detail };
  }

  get sentence(): Sentence {
    return this.#sentence;
  }

  /** Says which device failed, unless that is known already. */
  at(device: DeviceIdentity): this {
    this.cause.device ??= { id: device.id, name: device.name, host: device.host };
    return this;
  }

  /** The sentence alone: Node-RED hands `err.toString()` to Catch nodes. */
  override toString(): string {
    return this.message;
  }
}

/** Trying again later can help. */
export class RetryableError extends HikvisionError {
  override readonly code: RetryableCode;
  constructor(code: RetryableCode, sentence: Sentence, detail?: ErrorDetail) {
    super(sentence, detail);
    this.code = code;
  }
}

/** Somebody has to change something first; trying again would give the same answer, or lock the account. */
export class FatalError extends HikvisionError {
  override readonly code: FatalCode;
  constructor(code: FatalCode, sentence: Sentence, detail?: ErrorDetail) {
    super(sentence, detail);
    this.code = code;
  }
}

/** We stopped it ourselves: redeploy, close, cancel. */
export class AbortedError extends HikvisionError {
  override readonly code = "aborted";
  constructor(sentence = say`Stopped before it was done.`, detail?: ErrorDetail) {
    super(sentence, detail);
  }
}

/** True for every error of this package, also one that another installed copy of it made. */
export function isHikvisionError(error: unknown): error is HikvisionError {
  return (
    error instanceof Error &&
    typeof (error as { code?: unknown }).code === "string" &&
    CODES.has((error as { code?: unknown }).code as string) &&
    typeof (error as Partial<HikvisionError>).at === "function"
  );
}

/** The error's stable code, or undefined if it is none of ours. */
export function codeOf(error: unknown): ErrorCode | undefined {
  return isHikvisionError(error) ? error.code : undefined;
}

/** True when trying again later can help. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && RETRY.has(code);
}

const RETRY: ReadonlySet<string> = new Set<RetryableCode>(["busy", "noSlots", "offline", "timeout", "protocol"]);
const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  "busy",
  "noSlots",
  "offline",
  "timeout",
  "protocol",
  "unauthorized",
  "locked",
  "forbidden",
  "notActivated",
  "notSupported",
  "notIsapi",
  "badRequest",
  "tls",
  "disk",
  "ffmpeg",
  "notFound",
  "aborted",
]);

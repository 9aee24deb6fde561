/** One finding about a device, in words, with what to do about it. */
import { codeOf, isHikvisionError, type ErrorCode } from "../errors";
import type { DeviceInfo } from "../isapi/device-info";
import type { Sentence } from "../words";

export interface Check {
  /** "name", "port", "tls", "isapi", "login", "activated", "device", "channels", "clock", "storage", "stream", "heartbeat" … */
  readonly id: string;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly code?: ErrorCode;
  readonly text: Sentence;
  readonly remedy?: Sentence;
}

export interface Report {
  /** Nothing is known to be wrong. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly device?: DeviceInfo;
}

export function good(id: string, text: Sentence): Check {
  return { id, ok: true, text };
}

export function unknown(id: string, text: Sentence, remedy?: Sentence): Check {
  return { id, ok: null, text, ...(remedy !== undefined && { remedy }) };
}

export function bad(id: string, text: Sentence, remedy?: Sentence, code?: ErrorCode): Check {
  return { id, ok: false, ...(code && { code }), text, ...(remedy !== undefined && { remedy }) };
}

/** What an error means for a check; its sentence says what to do. Rethrows what is no failure of the device. */
export function failed(id: string, error: unknown): Check {
  if (!isHikvisionError(error) || error.code === "aborted") throw error;
  return { id, ok: false, code: error.code, text: error.sentence };
}

/** A question that this device, or this user, need not be able to answer. */
const OPEN: ReadonlySet<string> = new Set(["forbidden", "notSupported", "notFound", "badRequest"]);

/** As {@link failed}, but "not known" where the device has no such service or keeps it from this user. */
export function unanswered(id: string, error: unknown): Check {
  const check = failed(id, error);
  return OPEN.has(codeOf(error) ?? "") ? { ...check, ok: null } : check;
}

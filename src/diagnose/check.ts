/** One finding about a device, as a sentence, with what to do about it. */
import { isHikvisionError, type ErrorCode } from "../lib/errors";
import { isNotOffered } from "../isapi/unavailable";
import type { DeviceInfo } from "../isapi/device-info";
import type { Sentence } from "../lib/sentence";

/** What is checked, in about this order. Stable: flows and dashboards use the ids, the editor translates each. */
export const CHECK_IDS = [
  "name",
  "port",
  "tls",
  "isapi",
  "login",
  "activated",
  "device",
  "channels",
  "online",
  "clock",
  "storage",
  "zone",
  "rights",
  "stream",
  "heartbeat",
  "supported",
  "detection",
  "linkage",
  "schedule",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** What a check is about, where not the whole device: the checks of several events share an id. */
export interface CheckScope {
  /** Canonical event type. */
  readonly event?: string;
  /** From 1. */
  readonly channels?: readonly number[];
}

export interface Check extends CheckScope {
  readonly id: CheckId;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly code?: ErrorCode;
  readonly text: Sentence;
  readonly remedy?: Sentence;
  /** Ids of triggers whose events are not sent: src/linkage can change that. */
  readonly triggers?: readonly string[];
}

export interface Report {
  /** No check failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly device?: DeviceInfo;
}

export function passed(id: CheckId, text: Sentence, about: CheckScope = {}): Check {
  return { id, ok: true, ...about, text };
}

export function undetermined(id: CheckId, text: Sentence, remedy?: Sentence, about: CheckScope = {}): Check {
  return { id, ok: null, ...about, text, ...(remedy !== undefined && { remedy }) };
}

/** `about` may carry a code, too. */
export function faulty(
  id: CheckId,
  text: Sentence,
  remedy: Sentence,
  about: CheckScope & { readonly code?: ErrorCode } = {},
): Check {
  return { id, ok: false, ...about, text, remedy };
}

/** A failed check from an error, whose sentence says what to do. Rethrows what is not a failure of the device. */
export function failed(id: CheckId, error: unknown): Check {
  if (!isHikvisionError(error) || error.code === "aborted") throw error;
  return { id, ok: false, code: error.code, text: error.sentence };
}

/** As {@link failed}, but "not known" where the device has no such service or keeps it from this user. */
export function unanswered(id: CheckId, error: unknown): Check {
  const check = failed(id, error);
  return isNotOffered(error) ? { ...check, ok: null } : check;
}

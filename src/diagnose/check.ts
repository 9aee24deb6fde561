/** One finding about a device, in words, with what to do about it. */
import { isHikvisionError, type ErrorCode } from "../lib/errors";
import { isNotOffered } from "../isapi/unavailable";
import type { DeviceInfo } from "../isapi/device-info";
import type { Sentence } from "../lib/sentence";

/** What is looked at, in about this order. Stable: flows and dashboards go by it, the editor has words for each. */
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
  "rights",
  "stream",
  "heartbeat",
  "supported",
  "detection",
  "linkage",
  "schedule",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** What a finding is about, where it is not the device as a whole: the checks of several events share an id. */
export interface About {
  /** Canonical event type. */
  readonly event?: string;
  /** From 1. */
  readonly channels?: readonly number[];
}

export interface Check extends About {
  readonly id: CheckId;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly code?: ErrorCode;
  readonly text: Sentence;
  readonly remedy?: Sentence;
  /** Ids of triggers that keep their events to themselves: src/linkage can change that. */
  readonly triggers?: readonly string[];
}

export interface Report {
  /** Nothing is known to be wrong. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly device?: DeviceInfo;
}

export function good(id: CheckId, text: Sentence, about: About = {}): Check {
  return { id, ok: true, ...about, text };
}

export function unknown(id: CheckId, text: Sentence, remedy?: Sentence, about: About = {}): Check {
  return { id, ok: null, ...about, text, ...(remedy !== undefined && { remedy }) };
}

/** `about` may say with which code, too. */
export function problem(
  id: CheckId,
  text: Sentence,
  remedy: Sentence,
  about: About & { readonly code?: ErrorCode } = {},
): Check {
  return { id, ok: false, ...about, text, remedy };
}

/** What an error means for a check; its sentence says what to do. Rethrows what is no failure of the device. */
export function failed(id: CheckId, error: unknown): Check {
  if (!isHikvisionError(error) || error.code === "aborted") throw error;
  return { id, ok: false, code: error.code, text: error.sentence };
}

/** As {@link failed}, but "not known" where the device has no such service or keeps it from this user. */
export function unanswered(id: CheckId, error: unknown): Check {
  const check = failed(id, error);
  return isNotOffered(error) ? { ...check, ok: null } : check;
}

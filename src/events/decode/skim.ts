/**
 * What an alert is about, by a look at its first bytes, for alerts that nobody wants: they need not be parsed. Only where the answer is
 * the one that {@link ./decode} would give: the root is an alert's, and nothing but flat elements stands before the type.
 */
import type { Part } from "../../multipart/part-reader";

export interface Skimmed {
  /** As sent. */
  readonly type: string;
  /** `channelID` as sent, where it is one; undefined: not known. */
  readonly channel: number | undefined;
}

const MOST_BYTES = 1024;
const HEAD =
  /\s*(?:<\?xml version="1\.0" encoding="(?:UTF|utf)-8"\s*\?>\s*)?<EventNotificationAlert(?:\s+[\w:.-]+\s*=\s*"[^"<>]*")*\s*>\s*/y;
const FLAT = /(?:<([A-Za-z]\w*)>[^<>&]*<\/\1>\s*)*/y;
const TYPE = "<eventtype>";
const TYPE_TAGS = ["<eventType", "<eventtype", "<EventType"];
const CHANNEL = "<channelid>";
const TYPE_VALUE = /([A-Za-z][\w-]{0,60})<\/eventType>/iy;
const CHANNEL_VALUE = /(\d{1,5})</y;
/** Says whether an alert without it is history: every one has to be seen. */
const SAYS_CURRENT = "currentEvent";

/** Of two types the decoder may take the other one, where what stands between them is not well-formed. */
function namesTypeAgain(body: Buffer, from: number): boolean {
  return TYPE_TAGS.some((tag) => body.includes(tag, from));
}

/** Undefined: it has to be parsed. */
export function skimAlert({ body }: Part): Skimmed | undefined {
  const text = body.toString("latin1", 0, MOST_BYTES);
  HEAD.lastIndex = 0;
  if (!HEAD.test(text)) return undefined;
  const lower = text.toLowerCase();
  const at = lower.indexOf(TYPE, HEAD.lastIndex);
  if (at < 0) return undefined;
  FLAT.lastIndex = HEAD.lastIndex;
  FLAT.test(text);
  // It goes as far as it can: over the type's own element, too.
  if (FLAT.lastIndex <= at) return undefined;
  TYPE_VALUE.lastIndex = at + TYPE.length;
  const type = TYPE_VALUE.exec(text)?.[1];
  if (type === undefined || body.includes(SAYS_CURRENT) || namesTypeAgain(body, at + TYPE.length)) return undefined;
  const channelAt = lower.indexOf(CHANNEL, HEAD.lastIndex);
  if (channelAt < 0 || channelAt > at) return { type, channel: undefined };
  CHANNEL_VALUE.lastIndex = channelAt + CHANNEL.length;
  const channel = Number(CHANNEL_VALUE.exec(text)?.[1] ?? 0);
  return { type, channel: channel > 0 ? channel : undefined };
}

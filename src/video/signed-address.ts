/** What an address for a browser carries, and the signature that shows where it is from (HMAC-SHA256). Pure; never throws. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Video } from "./videos";

export interface AddressContent {
  /** Id of the node that has made it. */
  readonly node: string;
  /** Id of the device node. */
  readonly device: string;
  readonly video: Video;
  /** Ms since 1970. */
  readonly expires: number;
}

const MAX_TOKEN = 4096;
const PATTERN = /^([\w-]{1,4000})\.([\w-]{43})$/;

/** One segment of a path. */
export function signAddress(content: AddressContent, key: Buffer): string {
  const body = Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${body}.${signature(body, key).toString("base64url")}`;
}

/** Undefined: not signed with this key. "expired": it was, and its time is over. */
export function readAddress(token: string, key: Buffer, now: number): AddressContent | "expired" | undefined {
  if (token.length > MAX_TOKEN) return undefined;
  const [, body, given] = PATTERN.exec(token) ?? [];
  if (body === undefined || given === undefined) return undefined;
  const sent = Buffer.from(given, "base64url");
  const right = signature(body, key);
  if (sent.length !== right.length || !timingSafeEqual(sent, right)) return undefined;
  const content = JSON.parse(Buffer.from(body, "base64url").toString()) as AddressContent;
  return content.expires > now ? content : "expired";
}

function signature(body: string, key: Buffer): Buffer {
  return createHmac("sha256", key).update(body).digest();
}

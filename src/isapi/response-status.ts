/**
 * What a reply means: it worked, or the reason why not. Reads ResponseStatus, userCheck and AuthenticationFailed in XML and
 * JSON, also under HTTP 200, as some firmware answers; what their words mean is in http/device-status.ts.
 */
import {
  ACTIVATED,
  errorNumber,
  isMuteIn401,
  saysNotActivated,
  statedReason,
  type DeviceStatus,
  type LoginStatus,
} from "../http/device-status";
import { isHikvisionError, type HikvisionError } from "../lib/errors";
import { parseJson } from "../lib/json";
import { refusal, type RequestContext, type RefusalDetails, type RefusalReason } from "./refusals";
import { number, parseXml, text } from "./xml";

/** A whole reply of a device. */
export interface Reply {
  /** HTTP status. */
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** A 401 of a device that accepts the same login elsewhere: it is about this path. */
  readonly loginAccepted?: true;
}

/** The error that a reply stands for; undefined when it worked, also when it worked but needs a reboot (status 7). */
export function replyError(reply: Reply, request: RequestContext = {}): HikvisionError | undefined {
  const status = readStatus(reply.body);
  const reason = reasonOf(reply, status, request.path);
  if (reason === undefined) return undefined;
  const { sub, url, login } = status ?? {};
  const facts: RefusalDetails = {
    statusCode: reply.statusCode,
    sub,
    url,
    unlockS: login?.unlockS,
    tries: login?.tries,
    retryAfter: retryAfter(reply),
    origin: origin(reply.headers["location"]),
  };
  return refusal(reason, facts, request);
}

/** True for what {@link replyError} makes of a device's internal error: the only `protocol` error with a time to try again. */
export function isDeviceError(error: unknown): boolean {
  return isHikvisionError(error) && error.code === "protocol" && error.cause.retryAfter !== undefined;
}

/** Done, but in effect only after a restart (statusCode 7). */
export function needsReboot({ body }: Pick<Reply, "body">): boolean {
  return readStatus(body)?.code === REBOOT_REQUIRED;
}

/** True where the body says in ISAPI's own form that it did not work. */
export function hasStatus(body: Buffer): boolean {
  return readStatus(body) !== undefined;
}

/** True for what begins as XML does, whatever its Content-Type says; also for XHTML. */
export function isXml(body: Buffer): boolean {
  return /^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)?[\s\0]*</.test(body.toString("latin1", 0, 64));
}

/** True for a web page, whatever its Content-Type says. */
export function isHtml(body: Buffer): boolean {
  return /^(?:\xEF\xBB\xBF)?\s*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(head(body));
}

interface Status extends DeviceStatus {
  readonly url?: string | undefined;
}

/** Undefined when the body is no status at all: a picture, a list, a page, nothing. */
function readStatus(body: Buffer): Status | undefined {
  const start = head(body);
  if (/^(?:\xEF\xBB\xBF)?\s*\{/.test(start)) return body.length <= MAX_STATUS_BYTES ? jsonStatus(body) : undefined;
  if (!STATUS_ROOT.test(start)) return undefined;
  try {
    const { root, value } = parseXml(body);
    const name = root.toLowerCase();
    if (name === "authenticationfailed") return failureStatus(inLowerCase(value));
    return name === "usercheck" ? loginStatus(inLowerCase(value)) : statusOf(inLowerCase(value));
  } catch {
    return {};
  }
}

/** The first element is one of a status, whatever stands before it. */
const STATUS_ROOT =
  /^[^<]{0,64}(?:<[?!][^>]*>[^<]{0,64})*<(?:[\w.-]+:)?(?:ResponseStatus|userCheck|AuthenticationFailed)[\s>/]/i;

/** By names in lower case: `StatusCode` and `substatuscode` occur. Of several the first counts. */
function inLowerCase(node: unknown): Readonly<Record<string, unknown>> {
  const fields = Object.create(null) as Record<string, unknown>;
  if (typeof node !== "object" || node === null || Array.isArray(node)) return fields;
  for (const [name, value] of Object.entries(node)) fields[name.toLowerCase()] ??= value;
  return fields;
}

function jsonStatus(body: Buffer): Status | undefined {
  let value: unknown;
  try {
    value = parseJson(body.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  const fields = inLowerCase(value);
  if (fields["usercheck"] !== undefined) return loginStatus(inLowerCase(fields["usercheck"]));
  if (fields["authenticationfailed"] !== undefined) return failureStatus(inLowerCase(fields["authenticationfailed"]));
  const status = fields["responsestatus"] === undefined ? fields : inLowerCase(fields["responsestatus"]);
  const read = statusOf(status);
  // Other answers in JSON may have a statusCode of their own, but not beside these two; and an errorCode that means nothing here.
  const certain = status["statusstring"] !== undefined || status["substatuscode"] !== undefined;
  return certain || statedReason({ ...read, code: undefined }) !== undefined ? read : undefined;
}

/** Each of these gets the fields of {@link inLowerCase}. */
function statusOf(node: unknown): Status {
  const words = text(node, "statusstring") ?? text(node, "errormsg");
  return {
    code: number(node, "statuscode") ?? (words?.trim().toLowerCase() === "ok" ? 1 : undefined),
    sub: text(node, "substatuscode")?.trim(),
    error: errorNumber(text(node, "errorcode") ?? text(node, "merrcode")),
    words,
    url: text(node, "requesturl"),
  };
}

/** A factory-new device says 200, and in the same document that it has no password yet. */
function loginStatus(node: unknown): Status {
  const active = !ACTIVATED.some((name) => saysNotActivated(text(node, name.toLowerCase())));
  if (number(node, "statusvalue") === 200 && active) return { code: 1 };
  return refusedLogin(node, active, number(node, "unlocktime"), number(node, "retrylogintime"));
}

function failureStatus(node: unknown): Status {
  return refusedLogin(node, true, number(node, "reslocktime"), number(node, "retrytimes"));
}

function refusedLogin(
  node: unknown,
  active: boolean,
  unlockS: number | undefined,
  tries: number | undefined,
): { login: LoginStatus } {
  const locked = /^lock(?:ed)?$/i.test(text(node, "lockstatus")?.trim() ?? "");
  return { login: { active, locked, unlockS: unlockS === 0 ? undefined : unlockS, tries } };
}

/** Undefined: it worked. What the device says counts most, then HTTP. */
function reasonOf(reply: Reply, status: Status | undefined, path: string | undefined): RefusalReason | undefined {
  const http = reply.statusCode;
  const stated = status && statedReason(status);
  if (http >= 200 && http < 300 && stated !== "notActivated") {
    if (status === undefined) return isHtml(reply.body) ? "notIsapi" : undefined;
    if (status.code !== undefined && WORKED.has(status.code)) return undefined;
  }
  if (http === 401) return reasonOf401(reply, status, stated);
  return stated ?? byHttp(reply, status !== undefined, path);
}

function reasonOf401(
  { loginAccepted }: Reply,
  status: Status | undefined,
  stated: RefusalReason | undefined,
): RefusalReason {
  // "userNotExist" in a 401 is about the login.
  const precise =
    stated !== undefined && stated !== "invalidOperation" && stated !== "notFound" && !isMuteIn401(status?.sub);
  if (precise && !(loginAccepted && stated === "unauthorized")) return stated;
  return loginAccepted ? "forbidden" : "unauthorized";
}

function byHttp({ statusCode, body }: Reply, explained: boolean, path = ""): RefusalReason {
  if (statusCode >= 300 && statusCode < 400) return "redirect";
  // Every ISAPI device has these two, so a bare 404 there comes from something else.
  if (statusCode === 404 && !explained && /^\/ISAPI\/(?:System\/deviceInfo|Security\/userCheck)$/.test(path)) {
    return "notIsapi";
  }
  switch (statusCode) {
    case 400:
    case 413:
    case 414:
    case 415:
      return "badRequest";
    case 403:
      return "denied";
    case 404:
    case 405:
    case 501:
      return "notSupported";
    case 503:
      return "busy";
    default:
      return statusCode >= 500 && !isHtml(body) ? "deviceError" : "unexplained";
  }
}

const REBOOT_REQUIRED = 7;
const WORKED: ReadonlySet<number> = new Set([0, 1, REBOOT_REQUIRED]);

const MAX_STATUS_BYTES = 64 * 1024;

/** Seconds, at most an hour. The form with a date is not used by devices. */
function retryAfter({ headers }: Reply): number | undefined {
  const value = headers["retry-after"];
  return typeof value === "string" && /^\s*\d{1,6}\s*$/.test(value) ? Math.min(Number(value), 3600) : undefined;
}

/** `https://host:port` of a Location; its path and query may hold anything. */
function origin(location: string | string[] | undefined): string | undefined {
  const found = typeof location === "string" && URL.canParse(location) ? new URL(location).origin : "null";
  return found === "null" ? undefined : found;
}

function head(body: Buffer): string {
  return body.toString("latin1", 0, 512);
}

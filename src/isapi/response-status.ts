/**
 * What a reply means: it worked, or the reason why not. The only place that maps a device's status to a typed error.
 * Reads ResponseStatus and userCheck in XML and JSON, also under HTTP 200, as some firmware answers.
 */
import { isHikvisionError, type HikvisionError } from "../lib/errors";
import { refusal, type RequestContext, type RefusalDetails, type RefusalReason } from "./refusals";
import { boolean, child, number, parseXml, text } from "./xml";
import { table } from "../lib/table";

/** A whole reply of a device. */
export interface Reply {
  /** HTTP status. */
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
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

/** True for a web page, whatever its Content-Type says. */
export function isHtml(body: Buffer): boolean {
  return /^(?:\xEF\xBB\xBF)?\s*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(head(body));
}

/** ResponseStatus or userCheck, as far as it could be read. */
interface Status {
  readonly code?: number | undefined;
  readonly sub?: string | undefined;
  readonly url?: string | undefined;
  /** Of a userCheck that says no. */
  readonly login?: {
    readonly active: boolean;
    readonly locked: boolean;
    readonly unlockS: number | undefined;
    readonly tries: number | undefined;
  };
}

/** Undefined when the body is no status at all: a picture, a list, a page, nothing. */
function readStatus(body: Buffer): Status | undefined {
  const start = head(body);
  if (/^(?:\xEF\xBB\xBF)?\s*\{/.test(start)) return body.length <= MAX_STATUS_BYTES ? jsonStatus(body) : undefined;
  if (!/<(?:[\w.-]+:)?(?:ResponseStatus|userCheck)[\s>/]/.test(start)) return undefined;
  try {
    const { root, value } = parseXml(body);
    return root === "userCheck" ? loginStatus(value) : statusOf(value);
  } catch {
    return {};
  }
}

function jsonStatus(body: Buffer): Status | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  const check = child(value, "userCheck");
  if (check !== undefined) return loginStatus(check);
  const status = child(value, "ResponseStatus") ?? value;
  // Other answers in JSON may have a statusCode of their own, but not beside these.
  const known = child(status, "statusString") ?? child(status, "subStatusCode");
  return known === undefined ? undefined : statusOf(status);
}

function statusOf(node: unknown): Status {
  const ok = text(node, "statusString")?.toLowerCase() === "ok";
  return {
    code: number(node, "statusCode") ?? (ok ? 1 : undefined),
    sub: text(node, "subStatusCode"),
    url: text(node, "requestURL"),
  };
}

function loginStatus(node: unknown): Status {
  if (number(node, "statusValue") === 200) return { code: 1 };
  const unlockS = number(node, "unlockTime");
  return {
    login: {
      active: boolean(node, "isActivated") !== false,
      locked: text(node, "lockStatus")?.toLowerCase() === "lock",
      unlockS: unlockS === 0 ? undefined : unlockS,
      tries: number(node, "retryLoginTime"),
    },
  };
}

/** Undefined: it worked. A subStatusCode says most, then the statusCode, then HTTP. */
function reasonOf(reply: Reply, status: Status | undefined, path: string | undefined): RefusalReason | undefined {
  const http = reply.statusCode;
  if (http >= 200 && http < 300) {
    if (status === undefined) return isHtml(reply.body) ? "notIsapi" : undefined;
    if (status.code !== undefined && WORKED.has(status.code)) return undefined;
  }
  const { code, sub = "", login } = status ?? {};
  if (login) {
    if (!login.active) return "notActivated";
    return login.locked ? "locked" : "unauthorized";
  }
  const word = sub.toLowerCase();
  // Terminals say "invalidOperation" to a spent nonce.
  if (http === 401 && (word === "badauthorization" || word === "invalidoperation")) return "unauthorized";
  const bySub = BY_SUB[word] ?? (/not_?(?:found|exist)/.test(word) ? "notFound" : undefined);
  if (bySub !== undefined) return bySub;
  if (http === 401) return "unauthorized";
  return (code === undefined ? undefined : BY_CODE[code]) ?? byHttp(reply, status !== undefined, path);
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

const WORKED: ReadonlySet<number> = new Set([0, 1, 7]);

const BY_CODE: Readonly<Record<number, RefusalReason>> = {
  2: "busy",
  3: "deviceError",
  4: "invalidOperation",
  5: "badRequest",
  6: "badRequest",
};

/** In lower case: the spelling varies. Values seen in code and threads of hikvision_next, pyHik, go2rtc, scrypted. */
const BY_SUB = table<RefusalReason>({
  notsupport: "notSupported",
  notsupported: "notSupported",
  eventnotsupport: "notSupported",
  methodnotallowed: "notSupported",
  invalidoperation: "invalidOperation",
  lowprivilege: "forbidden",
  insufficientpermission: "forbidden",
  badauthorization: "forbidden",
  riskpassword: "weakPassword",
  notactivated: "notActivated",
  userlocked: "locked",
  userfloor: "locked",
  incorrectusernameorpassword: "unauthorized",
  devicebusy: "busy",
  serviceunavailable: "busy",
  nomemory: "busy",
  reconnectipc: "busy",
  upgrading: "upgrading",
  deployexceedmax: "noSlots",
  ipcoffline: "cameraOffline",
  deviceerror: "deviceError",
  badxmlformat: "badRequest",
  invalidxmlformat: "badRequest",
  badxmlcontent: "badRequest",
  badparameters: "badRequest",
  messageparameterslack: "badRequest",
});

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

/**
 * What devices say when they refuse → the reason: one table for login, commands, event stream and diagnosis, wherever it is said
 * (ResponseStatus, userCheck, AuthenticationFailed, at any HTTP status). Reads nothing itself.
 */

/** Reasons that a device can state. */
export type StatedReason =
  | "busy"
  | "upgrading"
  | "noSlots"
  | "cameraOffline"
  | "deviceError"
  | "notSupported"
  | "invalidOperation"
  | "forbidden"
  | "weakPassword"
  | "notActivated"
  | "locked"
  | "unauthorized"
  | "badRequest"
  /** Another function has to be switched off first. */
  | "exclusive"
  | "notFound";

/** A refusal as far as it could be read. */
export interface DeviceStatus {
  readonly code?: number | undefined;
  /** `subStatusCode`, as the device spelled it. */
  readonly sub?: string | undefined;
  /** `errorCode` or `MErrCode`. */
  readonly error?: number | undefined;
  /** `statusString` or `errorMsg`: says it where there is no `subStatusCode`. */
  readonly words?: string | undefined;
  /** Of a userCheck or AuthenticationFailed that says no. */
  readonly login?: LoginStatus | undefined;
}

export interface LoginStatus {
  /** False: the device has no password yet. */
  readonly active: boolean;
  readonly locked: boolean;
  /** Seconds until a locked user may try again. */
  readonly unlockS?: number | undefined;
  /** Logins left before the user is locked. */
  readonly tries?: number | undefined;
}

/** Undefined: nothing that is known. The most precise word counts; "invalid operation" is the least. */
export function statedReason({ login, sub = "", error, words = "", code }: DeviceStatus): StatedReason | undefined {
  if (login) {
    if (!login.active) return "notActivated";
    return login.locked ? "locked" : "unauthorized";
  }
  const bySub = reasonOfWord(sub, code);
  if (bySub !== undefined && bySub !== "invalidOperation") return bySub;
  const byError = error === undefined ? undefined : BY_ERROR.get(error);
  if (byError !== undefined) return byError;
  const byWords = PHRASES_OF_401.test(words) ? undefined : reasonOfWord(words, code);
  if (byWords !== undefined && byWords !== "invalidOperation") return byWords;
  return bySub ?? (code === undefined ? undefined : BY_CODE.get(code)) ?? byWords;
}

/** What any 401 is called, also that to a nonce that is over: nothing is said of the password. */
const PHRASES_OF_401 = /^\s*(?:unauthori[sz]ed|authentication[ _]?(?:failed|failure|error|required))\s*$/i;

/** Whatever the letter case, and with spaces or without. */
function reasonOfWord(sent: string, code: number | undefined): StatedReason | undefined {
  if (sent.length > MAX_WORD_LENGTH) return undefined;
  const word = sent.toLowerCase().replace(/[\s_-]/g, "");
  if (word === "") return undefined;
  const known = BY_SUB.get(word);
  if (known !== undefined) return known;
  const byPart = BY_PART.find(([pattern]) => pattern.test(word))?.[1];
  // Of what was sent a value may be too much, too.
  return byPart === "noSlots" && (code === 5 || code === 6) ? undefined : byPart;
}

/** No word of a device is longer. */
const MAX_WORD_LENGTH = 80;

/** What a userCheck says of whether the device has a password, under each name of it. */
export const ACTIVATED = [
  "isActivated",
  "isActived",
  "isActive",
  "activated",
  "activeStatus",
  "activateStatus",
] as const;

/** Does its value say that the device has no password yet? */
export function saysNotActivated(value: string | undefined): boolean {
  return value !== undefined && /^(?:false|0|no|inactive|(?:not|un) ?activated?)$/i.test(value.trim());
}

/** Words beside a 401 that say no more than the 401 itself: terminals say "invalidOperation" to a spent nonce. */
export function isMuteIn401(sub = ""): boolean {
  return MUTE_IN_401.has(sub.toLowerCase());
}

/** `errorCode` is decimal, `MErrCode` hexadecimal text. */
export function errorNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : undefined;
}

/**
 * In lower case: the spelling varies. Values seen in code and threads of hikvision_next, pyHik, go2rtc, scrypted, and in the
 * error list of the ISAPI guide.
 */
const BY_SUB: ReadonlyMap<string, StatedReason> = new Map<string, StatedReason>([
  ["notsupport", "notSupported"],
  ["notsupported", "notSupported"],
  ["eventnotsupport", "notSupported"],
  ["methodnotallowed", "notSupported"],
  ["invalidoperation", "invalidOperation"],
  ["lowprivilege", "forbidden"],
  ["badauthorization", "forbidden"],
  ["riskpassword", "weakPassword"],
  ["userlocked", "locked"],
  ["userlock", "locked"],
  ["userfloor", "locked"],
  ["accountlocked", "locked"],
  ["incorrectusernameorpassword", "unauthorized"],
  ["loginpassworderror", "unauthorized"],
  ["usernameorpassworderror", "unauthorized"],
  ["devicebusy", "busy"],
  // A 403 that is no question of rights (JoeyGE0/hikvision_isapi).
  ["audioisplayingpleasewait", "busy"],
  ["serviceunavailable", "busy"],
  ["nomemory", "busy"],
  ["reconnectipc", "busy"],
  ["upgrading", "upgrading"],
  ["deployexceedmax", "noSlots"],
  ["loginnumexceedlimit", "noSlots"],
  ["ipcoffline", "cameraOffline"],
  ["deviceerror", "deviceError"],
  ["badxmlformat", "badRequest"],
  ["invalidxmlformat", "badRequest"],
  ["badxmlcontent", "badRequest"],
  ["badparameters", "badRequest"],
  ["messageparameterslack", "badRequest"],
]);

/** Families of words, after the table. */
const BY_PART: readonly (readonly [RegExp, StatedReason])[] = [
  [/notactiv(?:e|ate)|unactivate|^(?:the)?(?:device|user|account)?(?:is)?inactive$/, "notActivated"],
  [
    /^(?:no|low|insufficient|lack|lackof|without|notenough)(?:user|operation|remote|access)?(?:permission|privilege|authority|right)s?$/,
    "forbidden",
  ],
  [/^(?:permission|access|privilege|authority)(?:is)?(?:denied|low|limited|insufficient)$/, "forbidden"],
  [/^(?:user|operation)?(?:is)?(?:not(?:permitted|authori[sz]ed)|forbidden)$/, "forbidden"],
  // Doors, files and domes are locked, too.
  [/^(?:the)?(?:user|account|ip|login|admin)(?:name|address)?(?:is|hasbeen)?b?lock(?:ed)?$/, "locked"],
  [
    /^(?:the)?(?:login|user|account)?(?:name)?(?:or|and)?(?:password|pwd)(?:is)?(?:error|wrong|incorrect|invalid|mismatch)$/,
    "unauthorized",
  ],
  [
    /^(?:error|wrong|incorrect|invalid|bad)(?:login|user|account)?(?:name)?(?:or|and)?(?:password|pwd)$/,
    "unauthorized",
  ],
  [/^(?:login|authentication)(?:fail(?:ed|ure)?|error)$/, "unauthorized"],
  [
    /(?:deploy|subscri(?:be|ption)|link(?!age)|connect|session|stream(?!type)|login|(?<!al)arm(?:ing)?)[a-z]{0,20}(?:exceed|max|limit|full)/,
    "noSlots",
  ],
  [
    /(?:exceed|max|toomany|full)[a-z]{0,20}(?:deploy|subscri|link(?!age)|connect|session|stream(?!type)|login)/,
    "noSlots",
  ],
  [/not(?:found|exist)/, "notFound"],
  // "MutexWithWDR", "HLCNotDisable" (JoshADC/hikvision_isapi).
  [/^mutexwith|notdisabled?$/, "exclusive"],
];

/** Of the ISAPI guide's error list. */
const BY_ERROR: ReadonlyMap<number, StatedReason> = new Map<number, StatedReason>([
  [0x20000004, "busy"],
  [0x40000001, "notSupported"],
  [0x40000002, "forbidden"],
  [0x40000003, "forbidden"],
  [0x40000004, "notSupported"],
  [0x40000006, "invalidOperation"],
  [0x40000007, "notActivated"],
  [0x4000203f, "noSlots"],
  [0x60000001, "badRequest"],
  [0x60000003, "badRequest"],
  [0x60000027, "badRequest"],
  [0x60000086, "badRequest"],
  [0x60001018, "notSupported"],
  [0x60001024, "notSupported"],
]);

const BY_CODE: ReadonlyMap<number, StatedReason> = new Map<number, StatedReason>([
  [2, "busy"],
  [3, "deviceError"],
  [4, "invalidOperation"],
  [5, "badRequest"],
  [6, "badRequest"],
]);

const MUTE_IN_401: ReadonlySet<string> = new Set([
  "badauthorization",
  "invalidoperation",
  "unauthorized",
  "authenticationfailed",
  "authenticationerror",
]);

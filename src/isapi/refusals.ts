/**
 * The sentences for a device's refusal: one per reason, saying what is wrong and what to do about it.
 * Which reason a reply stands for is decided in response-status.ts.
 */
import type { StatedReason } from "../http/device-status";
import { notActivatedError } from "../http/refusal";
import { FatalError, RetryableError, type ErrorDetail, type HikvisionError } from "../lib/errors";
import { say, type Sentence, type SentenceValue } from "../lib/sentence";

/** What was requested; makes a sentence precise. All optional. */
export interface RequestContext {
  /** A noun phrase: "PTZ", "the snapshot of channel 3". Default: the path. */
  readonly purpose?: Sentence | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  /** The device's model, when known. */
  readonly model?: string | undefined;
}

export type RefusalReason = StatedReason | "denied" | "notIsapi" | "redirect" | "unexplained";

/** What else the reply said. */
export interface RefusalDetails {
  /** HTTP status. */
  readonly statusCode: number;
  /** `subStatusCode`, as the device spelled it. */
  readonly sub?: string | undefined;
  /** `requestURL` of the ResponseStatus. */
  readonly url?: string | undefined;
  /** Seconds until a locked user may try again. */
  readonly unlockS?: number | undefined;
  /** Logins left before the user is locked. */
  readonly tries?: number | undefined;
  /** Seconds, of a Retry-After header. */
  readonly retryAfter?: number | undefined;
  /** Where a redirect leads: `https://host:port`. */
  readonly origin?: string | undefined;
}

/** The typed error for a refusal; it does not know its device yet. */
export function refusal(reason: RefusalReason, facts: RefusalDetails, request: RequestContext): HikvisionError {
  return REFUSALS[reason]({
    ...facts,
    request,
    what: request.purpose ?? request.path?.replace(/\?.*/s, "") ?? say`this`,
  });
}

interface RefusalContext extends RefusalDetails {
  readonly request: RequestContext;
  readonly what: SentenceValue;
}

const REFUSALS: Readonly<Record<RefusalReason, (context: RefusalContext) => HikvisionError>> = {
  busy: (context) =>
    new RetryableError(
      "busy",
      say`The device is too busy for ${context.what}. Try again in a few seconds, or ask it less often.`,
      detail(context, context.retryAfter ?? 1),
    ),
  upgrading: (context) =>
    new RetryableError(
      "busy",
      say`The device is updating its firmware. Try again when it has restarted.`,
      detail(context, context.retryAfter ?? 60),
    ),
  noSlots: (context) =>
    new RetryableError(
      "noSlots",
      say`All event connections of the device are taken. End other programs that listen to it
        (recorders, iVMS, other home automation), or restart the device.`,
      detail(context),
    ),
  cameraOffline: (context) =>
    new RetryableError(
      "offline",
      say`The camera behind the recorder is offline, so ${context.what} is not possible. Check the camera's power and network.`,
      detail(context),
    ),
  deviceError: (context) =>
    new RetryableError(
      "protocol",
      say`The device reports an internal error at ${context.what}. Try again; if this goes on, restart the device.`,
      detail(context, context.retryAfter ?? 1),
    ),
  notSupported: (context) =>
    new FatalError(
      "notSupported",
      say`${model(context)} does not offer ${context.what}. Check that the channel exists, and what this model and firmware can do.`,
      detail(context),
    ),
  invalidOperation: (context) =>
    new FatalError(
      "notSupported",
      say`${model(context)} refuses ${context.what} as an invalid operation: model or channel cannot do it, or not in their
        present state. Check the function on the device's web page.`,
      detail(context),
    ),
  forbidden: (context) => {
    const right = rightFor(context.request.method, context.request.path ?? context.url);
    const grant = right === undefined ? say`grant the right for it` : say`grant the right "${right}"`;
    return new FatalError(
      "forbidden",
      say`The user may not use ${context.what}. On the device's web page, under user management, ${grant} to this user
        (for the channel, too), or enter an administrator in the device node.`,
      detail(context),
    );
  },
  denied: (context) => {
    const right = rightFor(context.request.method, context.request.path);
    return new FatalError(
      "forbidden",
      right === undefined
        ? say`The device denies ${context.what} without a reason: the user lacks the right for it, or the model cannot do it.
            Try with an administrator in the device node.`
        : say`The device denies ${context.what} without a reason: the user lacks the right for it ("${right}"), or the model
            cannot do it. Try with an administrator in the device node.`,
      detail(context),
    );
  },
  weakPassword: (context) =>
    new FatalError(
      "forbidden",
      say`The device wants a stronger password before it allows ${context.what}. Change it on the device's web page,
        then in the device node.`,
      detail(context),
    ),
  notActivated: (context) => notActivatedError(detail(context)),
  locked: (context) => {
    const wait = context.unlockS === undefined ? say`up to 30 minutes` : say`${Math.ceil(context.unlockS / 60)} min`;
    return new FatalError(
      "locked",
      say`The device has locked this user after too many failed logins. Wait ${wait} or restart the device,
        and check the password in the device node.`,
      detail(context, context.unlockS),
    );
  },
  unauthorized: (context) => {
    const refused = say`The device refuses the user name or password. Correct them in the device node.`;
    return new FatalError(
      "unauthorized",
      context.tries === undefined ? refused : say`${refused} Tries left before it locks the user: ${context.tries}.`,
      detail(context),
    );
  },
  badRequest: (context) =>
    new FatalError(
      "badRequest",
      say`The device does not accept the values sent for ${context.what}. Check channel, numbers and texts against what it allows.`,
      detail(context),
    ),
  exclusive: (context) =>
    new FatalError(
      "badRequest",
      say`The device does not allow ${context.what} while another function is on (${(context.sub ?? "").slice(0, 60)}).
        Turn that one off first.`,
      detail(context),
    ),
  notFound: (context) =>
    new FatalError(
      "notFound",
      say`The device has nothing with the name or number given for ${context.what}. Check it in the device's own list.`,
      detail(context),
    ),
  notIsapi: (context) =>
    new FatalError(
      "notIsapi",
      say`Something answers at this address, but not as a Hikvision device does (ISAPI). Check host, port and protocol,
        and that ISAPI is enabled on the device's web page.`,
      detail(context),
    ),
  redirect: (context) =>
    new FatalError(
      "notIsapi",
      context.origin === undefined
        ? say`The device redirects to another address. Set protocol and port of the device node accordingly.`
        : say`The device redirects to ${context.origin}.
            Set protocol and port of the device node accordingly.`,
      detail(context),
    ),
  unexplained: (context) => {
    const answer = `HTTP ${context.statusCode}${context.sub === undefined ? "" : `, ${context.sub.slice(0, 60)}`}`;
    return new RetryableError(
      "protocol",
      say`The device refuses ${context.what} without a known reason (${answer}).
        Try again; if this goes on, look into the device's log.`,
      detail(context),
    );
  },
};

function detail({ statusCode, sub }: RefusalDetails, retryAfter?: number): ErrorDetail {
  return {
    statusCode,
    ...(sub !== undefined && { subStatusCode: sub }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function model({ request }: RefusalContext): SentenceValue {
  return request.model ?? say`The device`;
}

/** Rights as the user page of the devices calls them, by what a path is for. */
const RIGHTS: readonly (readonly [path: RegExp, right: Sentence])[] = [
  [/\/PTZCtrl/i, say`Remote: PTZ Control`],
  [/\/TwoWayAudio/i, say`Remote: Two-way Audio`],
  [/\/Serial/i, say`Remote: Serial Port Control`],
  [/\/record\/control\/manual/i, say`Remote: Manual Record`],
  [/\/SearchByTargetType/i, say`Remote: Parameter Configuration`],
  [/\/ContentMgmt\/(?:search|download|record)|\/tracks\//i, say`Remote: Playback`],
  [
    /\/alertStream|\/subscribeEvent|\/outputs\/[^/]*\/trigger/i,
    say`Remote: Notify Surveillance Center / Trigger Alarm Output`,
  ],
  [/\/Streaming(?:Proxy)?\/channels\/\d+\/picture/i, say`Remote: Live View`],
  [/\/System\/reboot/i, say`Remote: Shutdown / Reboot`],
  [/\/logSearch|\/workingStatus/i, say`Remote: Log Search / Interrogate Working Status`],
];

function rightFor(method = "GET", path = ""): Sentence | undefined {
  const known = RIGHTS.find(([pattern]) => pattern.test(path))?.[1];
  return known ?? (method === "GET" ? undefined : say`Remote: Parameters Settings`);
}

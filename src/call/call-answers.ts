/** Asks a device whether it is called, and by whom: `callStatus`, or `callerInfo` of those that have that alone. JSON, or XML in its place. */
import { defined } from "../lib/defined";
import { RetryableError } from "../lib/errors";
import { parseJson } from "../lib/json";
import { say } from "../lib/sentence";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { boolean, child, number, parseXml, text } from "../isapi/xml";
import { callStatus, type CallStatus, type Caller, stationType } from "./call-words";

const INTERCOM = "/ISAPI/VideoIntercom";
export const CALL_SIGNAL = `${INTERCOM}/callSignal?format=json`;
/** Its list of callers is longer than that on no device. */
const MAX_BYTES = 64 * 1024;

export interface CallReading {
  readonly status: CallStatus;
  readonly caller?: Caller | undefined;
}

export type CallWay = "callStatus" | "callerInfo";

export async function readCall(isapi: Isapi, way: CallWay, options: CallOptions): Promise<CallReading> {
  const node = way === "callStatus" ? await ask(isapi, way, "CallStatus", options) : await info(isapi, options);
  const status = callStatus(text(node, "status"));
  if (status === undefined) throw unreadable(isapi);
  return { status, ...(way === "callerInfo" && { caller: callerOf(node) }) };
}

/** Who rings; undefined where the device names nobody. */
export async function readCaller(isapi: Isapi, options: CallOptions): Promise<Caller | undefined> {
  return callerOf(await info(isapi, options));
}

/** False: the device says that it cannot tell whether it is called. Throws what the device refuses with. */
export async function tellsOfCalls(isapi: Isapi, options: CallOptions): Promise<boolean> {
  const abilities = await ask(isapi, "capabilities", "VideoIntercomCap", options);
  return boolean(abilities, "isSupportCallStatus") !== false || boolean(abilities, "isSupportCallerInfo") === true;
}

function info(isapi: Isapi, options: CallOptions): Promise<unknown> {
  return ask(isapi, "callerInfo", "CallerInfo", options);
}

async function ask(isapi: Isapi, what: string, root: string, options: CallOptions): Promise<unknown> {
  const { body } = await isapi.reply("GET", `${INTERCOM}/${what}?format=json`, { maxBytes: MAX_BYTES, ...options });
  const source = body.toString("utf8").replace(/^\uFEFF/, "");
  if (/^\s*</.test(source)) return parseXml(body).value;
  try {
    return child(parseJson(source), root);
  } catch {
    throw unreadable(isapi);
  }
}

function callerOf(node: unknown): Caller | undefined {
  const caller: Caller = defined({
    type: stationType(text(node, "devType")),
    building: number(node, "buildingNo"),
    zone: number(node, "zoneNo"),
    unit: number(node, "unitNo"),
    floor: number(node, "floorNo"),
    number: number(node, "devNo"),
  });
  return Object.keys(caller).length > 0 ? caller : undefined;
}

function unreadable(isapi: Isapi): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device does not tell in a way that can be understood whether somebody rings.`,
  ).at(isapi.http.identity);
}

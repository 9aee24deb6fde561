/**
 * Calls of door stations and indoor stations. Not there by default. Words are taken in the vendor's letter case alone, and what is taken
 * is answered with OK whether or not it has an effect.
 */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";

type Status = "idle" | "ring" | "onCall";

export class Station {
  status: Status = "idle";
  /** How callStatus answers; "no": not at all. */
  tells: "json" | "xml" | "no" = "no";
  /** What callerInfo says beside the status; undefined: there is no such path. */
  caller: Readonly<Record<string, number | string>> | undefined;
  /** VideoIntercom/capabilities; undefined: there is no such path. */
  capabilities: Readonly<Record<string, boolean>> | undefined;
  /** `cmdType` that it takes; none: there is no callSignal. */
  takes: readonly string[] = [];
  /** False: OK, and nothing happens, as without an indoor station or Hik-Connect. */
  obeys = true;
  /** What it has taken. */
  readonly signals: string[] = [];

  /** As a DS-KD8003 with an indoor station. */
  fit(): this {
    this.tells = "json";
    this.takes = ["answer", "reject", "bellTimeout", "hangUp", "deviceOnCall"];
    this.caller = { buildingNo: 1, floorNo: 2, zoneNo: 1, unitNo: 3, devNo: 7, devType: 1, lockNum: 2, voipNo: "" };
    return this;
  }

  /** Now; a flow may have changed it meanwhile. */
  is(status: Status): boolean {
    return this.status === status;
  }

  signal(word: string): void {
    this.signals.push(word);
    if (!this.obeys) return;
    if (word === "answer" && this.status === "ring") this.status = "onCall";
    if (word === "reject" && this.status === "ring") this.status = "idle";
    if (word === "hangUp") this.status = "idle";
  }
}

export const callsOf = perDevice(() => new Station());

function callStatus(exchange: Exchange): void {
  const { tells, status } = callsOf(exchange.device);
  if (tells === "no") exchange.status("notSupport");
  else if (tells === "json" && asksJson(exchange)) exchange.json({ CallStatus: { status } });
  else exchange.xml(element("CallStatus", leaf("status", status)));
}

function callerInfo(exchange: Exchange): void {
  const { caller, status } = callsOf(exchange.device);
  if (!caller || !asksJson(exchange)) exchange.status("notSupport");
  else exchange.json({ CallerInfo: { ...caller, status } });
}

function capabilities(exchange: Exchange): void {
  const station = callsOf(exchange.device);
  if (station.capabilities) exchange.json({ VideoIntercomCap: station.capabilities });
  else exchange.status("notSupport");
}

function callSignal(exchange: Exchange): void {
  const station = callsOf(exchange.device);
  if (station.takes.length === 0) {
    exchange.status("notSupport");
    return;
  }
  const word = asksJson(exchange) ? wordOf(exchange.body) : undefined;
  if (word === undefined) exchange.status("badParameters");
  else if (!station.takes.includes(word)) exchange.status("invalidOperation");
  else {
    station.signal(word);
    exchange.status("ok");
  }
}

function asksJson({ query }: Exchange): boolean {
  return query.get("format") === "json";
}

/** Of `{"CallSignal":{"cmdType":…}}` and nothing else. */
function wordOf(body: Buffer): string | undefined {
  try {
    const sent = JSON.parse(body.toString("utf8")) as { CallSignal?: { cmdType?: unknown } };
    const word = sent.CallSignal?.cmdType;
    return typeof word === "string" && Object.keys(sent).length === 1 ? word : undefined;
  } catch {
    return undefined;
  }
}

export const calls: readonly Route[] = [
  route("GET", "/ISAPI/VideoIntercom/callStatus", callStatus),
  route("GET", "/ISAPI/VideoIntercom/callerInfo", callerInfo),
  route("GET", "/ISAPI/VideoIntercom/capabilities", capabilities),
  route("PUT", "/ISAPI/VideoIntercom/callSignal", callSignal),
];

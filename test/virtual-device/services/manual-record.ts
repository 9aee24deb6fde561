/** Manual recording: /ISAPI/ContentMgmt/record/control/manual, by track. Nothing ends it but a stop. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import type { SubStatus } from "../response-status";
import { route, type Method, type Route } from "../router";

export interface ManualRecord {
  /** Cameras and recorders seen in public code take PUT, the vendor's guide says POST. */
  method: Method;
  /** Channels that are being recorded. */
  readonly recording: Set<number>;
  /** All that was done, oldest first: "start 1". */
  readonly log: string[];
}

export const manualRecordOf = perDevice((): ManualRecord => ({ method: "PUT", recording: new Set(), log: [] }));

function control(exchange: Exchange): void {
  exchange.status(act(exchange));
}

function act(exchange: Exchange): SubStatus {
  const { device, method, body } = exchange;
  const state = manualRecordOf(device);
  const channel = Number(/^([1-9]\d?)01$/.exec(exchange.param("track"))?.[1]);
  if (method !== state.method) return "methodNotAllowed";
  if (!device.profile.channels.some(({ number }) => number === channel)) return "badParameters";
  if (body.length > 0) return "badXmlFormat";
  const verb = exchange.param("verb");
  if (verb === "start") state.recording.add(channel);
  else if (verb === "stop") state.recording.delete(channel);
  else return "notSupport";
  state.log.push(`${verb} ${channel}`);
  return "ok";
}

const PATTERN = "/ISAPI/ContentMgmt/record/control/manual/:verb/tracks/:track";

export const manualRecord: readonly Route[] = [route("PUT", PATTERN, control), route("POST", PATTERN, control)];

/** A recorder's one-touch disarming, `disturbParams` (maciej-or/hikvision_next#326). That it can be read is not known: a test decides. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";

export interface OneTouch {
  /** Channels that report nothing. */
  readonly disturbed: Set<number>;
  readable: boolean;
  /** OK, and kept as it was. */
  readonly stubborn: Set<number>;
}

/** For tests to look into and to change. */
export const oneTouchOf = perDevice((): OneTouch => ({ disturbed: new Set(), readable: true, stubborn: new Set() }));

const PATH = "/ISAPI/System/status/disturbParams";
const METHODS = ["center", "beep", "monitorAlarm", "email", "IO"];

/** Only JSON recorders have it, and only under `?format=json`. */
function offered(exchange: Exchange): boolean {
  const { model } = exchange.device.profile;
  const good = model !== "camera" && exchange.query.get("format") === "json";
  if (!good) exchange.status("notSupport");
  return good;
}

function show(exchange: Exchange): void {
  if (!offered(exchange)) return;
  const { device } = exchange;
  const { readable, disturbed } = oneTouchOf(device);
  if (!readable) exchange.status("methodNotAllowed");
  else
    exchange.json({
      disturbChannelList: device.profile.channels.map(({ number }) => ({
        channelID: number,
        disturbEnabled: disturbed.has(number),
        disturbNotificationList: [{ notificationMethod: "center" }, { notificationMethod: "beep" }],
      })),
    });
}

function write(exchange: Exchange): void {
  if (!offered(exchange)) return;
  const { device } = exchange;
  const list = channelsOf(exchange.body.toString("utf8"));
  const numbers = device.profile.channels.map(({ number }) => number);
  if (!list?.every((entry) => isChannel(entry) && numbers.includes(entry.channelID))) {
    exchange.status("MessageParametersLack");
    return;
  }
  const { disturbed, stubborn } = oneTouchOf(device);
  for (const { channelID, disturbEnabled } of list as Channel[]) {
    if (stubborn.has(channelID)) continue;
    if (disturbEnabled) disturbed.add(channelID);
    else disturbed.delete(channelID);
  }
  exchange.status("ok");
}

interface Channel {
  readonly channelID: number;
  readonly disturbEnabled: boolean;
  readonly disturbNotificationList: readonly { readonly notificationMethod: string }[];
}

function channelsOf(body: string): readonly unknown[] | undefined {
  try {
    const { disturbChannelList } = JSON.parse(body) as { disturbChannelList?: unknown };
    return Array.isArray(disturbChannelList) ? (disturbChannelList as unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

function isChannel(value: unknown): value is Channel {
  if (typeof value !== "object" || value === null) return false;
  const { channelID, disturbEnabled, disturbNotificationList: list } = value as Partial<Channel>;
  const methods = Array.isArray(list) && (list as { notificationMethod: string }[]).every(isMethod);
  return typeof channelID === "number" && typeof disturbEnabled === "boolean" && methods;
}

function isMethod({ notificationMethod }: { readonly notificationMethod: string }): boolean {
  return METHODS.includes(notificationMethod);
}

export const oneTouch: readonly Route[] = [route("GET", PATH, show), route("PUT", PATH, write)];

/**
 * Which channel an alert means. `portNo` is never one: devices put there their own port or that of the listening server.
 */
import type { Fields } from "./fields";

/** Turns a number of the alert into the channel that a person knows; isapi/channels.ts makes it. */
export type ChannelMap = (sent: number) => number;

/**
 * NVR alerts of version 1.0 carry only `dynChannelID`, those of 2.0 both; 0 and empty mean the device itself.
 */
export function readChannel(alert: Fields, map: ChannelMap = (sent) => sent): number | null {
  const sent = positive(alert.number("channelid")) ?? positive(alert.number("dynchannelid"));
  return sent === undefined ? null : map(sent);
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : undefined;
}

/**
 * Which channel an alert means. `portNo` is never one: devices put there their own port or that of the listening server.
 */
import type { Fields } from "./fields";

/** Turns a number of the alert into the channel that a person knows; see {@link recorderChannels}. */
export type ChannelMap = (sent: number) => number;

/**
 * NVR alerts of version 1.0 carry only `dynChannelID`, those of 2.0 both; 0 and empty mean the device itself.
 */
export function readChannel(alert: Fields, map: ChannelMap = (sent) => sent): number | null {
  const sent = positive(alert.number("channelid")) ?? positive(alert.number("dynchannelid"));
  return sent === undefined ? null : map(sent);
}

/**
 * Old recorders number IP cameras from 33 on, hybrid DVRs too, where the first IP camera comes after the analogue ones.
 * @param ids of the recorder's InputProxy list. A number that is in it is meant as it stands.
 */
export function recorderChannels(ids: readonly number[]): ChannelMap {
  const known = new Set(ids);
  const sorted = [...known].sort((a, b) => a - b);
  return (sent) => (sent <= 32 || known.has(sent) ? sent : (sorted[sent - 33] ?? sent));
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : undefined;
}

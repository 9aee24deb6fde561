/**
 * "Try it" of the forms: does once what the open form holds, saved or not, on the deployed device or on the one of the form. The nodes'
 * own reading of a form, without a message: what only a flow can tell is refused in words.
 */
import { AbortedError, channelNumber, type Device, type PtzCommand, withLimit } from "../../src";
import { type Properties, propertiesOf } from "../shared/unknown-values";
import type { Fields } from "../shared/fields";
import { fields as playbackUrlFields } from "../playback-url/fields";
import { playbackAddress } from "../playback-url/input";
import { ptzCommands } from "../ptz/input";
import { fields as snapshotFields } from "../snapshot/fields";
import { snapshotRequest, snapshotTime, takeSnapshot } from "../snapshot/input";
import { fields as videoFields } from "../video/fields";
import { videoRequest } from "../video/input";
import { NO_MESSAGE, type ValueReader } from "../shared/typed-values";

/** An open form. */
export interface OpenForm {
  /** Its properties, as its node would be saved. */
  readonly saved: Properties;
  /** Reads properties that are saved as a node's are. */
  readonly reader: (saved: object, fields: Fields) => ValueReader;
}

export type TryAnswer = (device: Device, form: OpenForm, signal: AbortSignal) => Promise<object>;

/** What goes on by itself is stopped after that time. */
const GOES_ON_MS = 10_000;
/** A longer command is tried for {@link GOES_ON_MS} only: nobody waits at a form for an hour. */
const LONGEST_S = 60;
const STOP_WITHIN_MS = 10_000;
/** A camera that moves when the form closes is told to stop; the others end by themselves or stand still. */
const MOVING: ReadonlySet<string> = new Set(["move", "momentary", "autoPan"]);

/** The command's result; `stopped` where it would have gone on. When `signal` aborts, what moves is stopped. */
export const tryPtz: TryAnswer = async (device, { saved, reader }, signal) => {
  const command = await ptzCommands({ ...saved, values: propertiesOf(saved["values"]) }, reader)(NO_MESSAGE);
  const { duration } = command.values;
  const tooLong = Number(duration) > LONGEST_S;
  const values = tooLong ? { ...command.values, duration: GOES_ON_MS / 1000 } : command.values;
  const stop = (): Promise<object> =>
    withLimit({ clock: device.clock, ms: STOP_WITHIN_MS, late: () => new AbortedError() }, (soon) =>
      device.ptz.run({ ...command, action: "stop", values: {} }, soon),
    );
  try {
    const result = await device.ptz.run({ ...command, values }, signal);
    if (!goesOn(command, result)) return tooLong ? { ...result, stopped: true } : result;
    await device.clock.wait(GOES_ON_MS, signal);
    await stop();
    return { ...result, stopped: true };
  } catch (error) {
    if (signal.aborted && MOVING.has(command.action)) await stop();
    throw error;
  }
};

function goesOn({ action }: PtzCommand, result: object): boolean {
  const { pan, tilt, zoom, speed, duration, superseded } = result as Readonly<Record<string, unknown>>;
  if (superseded === true) return false;
  if (action === "autoPan") return speed !== 0;
  return action === "move" && duration === undefined && [pan, tilt, zoom].some((value) => value !== 0);
}

/** The picture in base64; its size in pixels is told by the browser that shows it. */
export const trySnapshot: TryAnswer = async (device, { saved, reader }, signal) => {
  const read = reader(saved, snapshotFields);
  const channel = channelNumber(await read("channel", NO_MESSAGE));
  const request = await snapshotRequest(read, NO_MESSAGE);
  const moment = await snapshotTime(read, NO_MESSAGE, device, signal);
  const { picture, timeMs, past } = await takeSnapshot(device, channel, moment, request, signal);
  const time = new Date(timeMs).toISOString();
  return {
    ...{ picture: picture.toString("base64"), bytes: picture.length, time },
    ...(past && { past: true, notices: past.notices }),
  };
};

/** Never with user name and password, whatever the form wants. */
export const tryPlaybackUrl: TryAnswer = async (device, { saved, reader }, signal) => {
  const { url, codec, notices } = await playbackAddress(
    device,
    { ...saved, withCredentials: false },
    reader(saved, playbackUrlFields),
    NO_MESSAGE,
    signal,
  );
  return { url, notices, ...(codec !== undefined && { codec }) };
};

/** What a browser would get, played up to its first picture. */
export const tryVideo: TryAnswer = async (device, { saved, reader }, signal) => {
  const request = await videoRequest(device, saved, reader(saved, videoFields), NO_MESSAGE, signal);
  const { video, mime, duration, notices } = await device.videos.find(request, signal);
  const first = await device.videos.firstPicture(video, signal);
  return { ...first, mime, notices, stream: video.stream, ...(duration !== undefined && { duration }) };
};

/** What a player would get of the address. Over TCP, whatever the form wants. */
export const tryPlayback: TryAnswer = async (device, { saved, reader }, signal) => {
  const request = await videoRequest(device, saved, reader(saved, playbackUrlFields), NO_MESSAGE, signal);
  const { video, duration, deviceNotices } = await device.videos.find(request, signal);
  const first = await device.videos.firstPicture(video, signal);
  return { ...first, notices: deviceNotices, ...(duration !== undefined && { duration }) };
};

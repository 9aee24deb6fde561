/** The device's two-way audio channels: codec, volumes, noise reduction (`/ISAPI/System/TwoWayAudio/channels`). */
import { FatalError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { boolean, list, number, text, type XmlNode } from "../isapi/xml";
import { hasLeaf, withLeaf } from "../isapi/xml-editor";
import { enumerate, say } from "../lib/sentence";

export interface AudioChannel {
  readonly channel: number;
  /** As the device names it: "G.711ulaw", "G.711alaw", "G.722.1", "G.726", "AAC", "MP2L2", "PCM". */
  readonly codec?: string;
  /** On some devices: in use right now. */
  readonly enabled?: boolean;
  /** 0…100. */
  readonly speakerVolume?: number;
  /** 0…100. */
  readonly microphoneVolume?: number;
  readonly noiseReduction?: boolean;
  /** kbit/s. */
  readonly bitRate?: number;
  /** kHz. */
  readonly samplingRate?: number;
}

export interface AudioChanges {
  readonly enabled?: boolean;
  readonly speakerVolume?: number;
  readonly microphoneVolume?: number;
  readonly noiseReduction?: boolean;
}

export const AUDIO_PATH = "/ISAPI/System/TwoWayAudio/channels";

/** How a setting is called on the wire. */
const ELEMENTS = {
  enabled: "enabled",
  speakerVolume: "speakerVolume",
  microphoneVolume: "microphoneVolume",
  noiseReduction: "noisereduce",
} as const satisfies Record<keyof AudioChanges, string>;

export async function listAudioChannels(isapi: Pick<Isapi, "get">, signal?: AbortSignal): Promise<AudioChannel[]> {
  const { value } = await isapi.get(AUDIO_PATH, {
    purpose: say`the list of audio channels`,
    ...(signal && { signal }),
  });
  return list(value, "TwoWayAudioChannel").flatMap((node) => parseChannel(node) ?? []);
}

export async function readAudioChannel(
  isapi: Pick<Isapi, "get">,
  channel: number,
  signal?: AbortSignal,
): Promise<AudioChannel> {
  const { value } = await isapi.get(`${AUDIO_PATH}/${channel}`, {
    purpose: say`audio channel ${channel}`,
    ...(signal && { signal }),
  });
  return { ...(typeof value === "string" ? {} : parseChannel(value)), channel };
}

/**
 * Changes what is named, keeps the device's other bytes, and reads back. Throws `badRequest` for a volume out of 0…100 and
 * `notSupported` for a setting that this channel does not have.
 */
export async function changeAudioChannel(
  isapi: Pick<Isapi, "get" | "bytes" | "put">,
  channel: number,
  changes: AudioChanges,
  signal?: AbortSignal,
): Promise<AudioChannel> {
  const path = `${AUDIO_PATH}/${channel}`;
  const options = { purpose: say`audio channel ${channel}`, ...(signal && { signal }) };
  const wanted = Object.entries(changes) as [keyof AudioChanges, boolean | number][];
  if (wanted.length === 0)
    throw new FatalError("badRequest", say`Nothing to change: give a volume, noise reduction or enabled.`);
  const { data } = await isapi.bytes(path, options);
  let document = data.toString("utf8");
  for (const [name, value] of wanted) {
    const element = ELEMENTS[name];
    if (!hasLeaf(document, element)) {
      throw new FatalError("notSupported", say`Audio channel ${channel} of this device has no setting "${name}".`);
    }
    document = withLeaf(document, element, String(value));
  }
  await isapi.put(path, document, options);
  return readAudioChannel(isapi, channel, signal);
}

/** What a user gives as changes. Throws `badRequest` naming the value; empty ones are left out. */
export function audioChanges(values: Readonly<Record<string, unknown>>): AudioChanges {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const unknown = given.find(([name]) => !(name in ELEMENTS));
  if (unknown)
    throw new FatalError(
      "badRequest",
      say`"${unknown[0]}" is no audio setting: give ${enumerate(Object.keys(ELEMENTS))}.`,
    );
  return Object.fromEntries(
    given.map(([name, value]) => [name, name.endsWith("Volume") ? volume(name, value) : flag(name, value)]),
  );
}

function parseChannel(node: XmlNode): AudioChannel | undefined {
  const channel = number(node, "id");
  if (channel === undefined) return undefined;
  const codec = text(node, "audioCompressionType");
  const enabled = boolean(node, "enabled");
  const speakerVolume = number(node, "speakerVolume");
  const microphoneVolume = number(node, "microphoneVolume");
  const noiseReduction = boolean(node, "noisereduce");
  const bitRate = number(node, "audioBitRate");
  const samplingRate = number(node, "audioSamplingRate");
  return {
    channel,
    ...(codec !== undefined && { codec }),
    ...(enabled !== undefined && { enabled }),
    ...(speakerVolume !== undefined && { speakerVolume }),
    ...(microphoneVolume !== undefined && { microphoneVolume }),
    ...(noiseReduction !== undefined && { noiseReduction }),
    ...(bitRate !== undefined && { bitRate }),
    ...(samplingRate !== undefined && { samplingRate }),
  };
}

function volume(name: string, value: unknown): number {
  const level = typeof value === "string" ? Number(value) : value;
  if (typeof level === "number" && Number.isInteger(level) && level >= 0 && level <= 100) return level;
  throw new FatalError("badRequest", say`"${name}" must be a whole number from 0 to 100.`);
}

function flag(name: string, value: unknown): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw new FatalError("badRequest", say`"${name}" must be true or false.`);
}

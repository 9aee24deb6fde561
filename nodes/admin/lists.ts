/** Lists for the forms: what the device has, as value and name. Names come from the device and are text. */
import {
  AbortedError,
  channelNumber,
  type Device,
  DoorList,
  eventType,
  FatalError,
  listAudioChannels,
  type ListedDoor,
  type OutputState,
  type Patrol,
  type Preset,
  Ptz,
  type PtzOptions,
  readChannels,
  readOfferedPaths,
  readOutputs,
  readStreams,
  readTriggers,
  say,
  table,
  type VideoStream,
  withLimit,
} from "../../src";
import { propertiesOf, textIn } from "../shared/unknown-values";

export interface Item {
  /** What the form saves. */
  readonly value: string;
  readonly label?: string;
  readonly online?: boolean;
  /** Of an output. */
  readonly state?: OutputState;
  /** Of what can be opened. */
  readonly kind?: ListedDoor["kind"];
}

/** What narrows the question, for example the channel whose presets are wanted. */
type About = Readonly<Record<string, unknown>>;
type List = (device: Device, about: About, signal: AbortSignal) => Promise<readonly Item[]>;

/** As the forms save them. */
const STREAM_NAMES: Readonly<Record<number, string>> = { 1: "main", 2: "sub", 3: "third" };

/** One request each. */
const MOST_STATES = 8;
const STATES_WITHIN_MS = 3_000;

const LISTS = table<List>({
  channels: async ({ isapi }, _about, signal) => {
    const { channels } = await readChannels(isapi, { signal });
    return channels.map(({ number, name, online }) => item(String(number), name, online));
  },
  streams: async ({ isapi }, about, signal) => {
    const channel = channelNumber(about["channel"] ?? 1);
    const streams = (await readStreams(isapi, signal)).filter((stream) => stream.channel === channel);
    // Some recorders list the streams of no camera: no reason to call a saved one gone.
    if (streams.length === 0)
      throw new FatalError("notSupported", say`The device does not list the streams of channel ${channel}.`);
    return streams.flatMap((stream) => {
      const name = STREAM_NAMES[stream.stream];
      return name === undefined || stream.enabled === false ? [] : [item(name, described(stream), undefined)];
    });
  },
  audioChannels: async ({ isapi }, _about, signal) =>
    (await listAudioChannels(isapi, signal)).map(({ channel, codec }) => item(String(channel), codec, undefined)),
  /** The types of the one table, or the device's own word. */
  events: async ({ isapi }, _about, signal) => {
    const types = (await readTriggers(isapi, signal)).map(({ type }) => eventType(type).type);
    return [...new Set(types)].map((type) => item(type, undefined, undefined));
  },
  outputs: async (device, _about, signal) => {
    const outputs = await readOutputs(device.isapi, signal);
    const states = await statesOf(
      device,
      outputs.map(({ number }) => number),
      signal,
    );
    return outputs.map(({ number, name }, index) => {
      const state = states[index];
      return { ...item(String(number), name, undefined), ...(state !== undefined && { state }) };
    });
  },
  /** Siren and voice clips, by the camera's own texts. */
  sounds: async ({ deterrents }, about, signal) => {
    const sounds = await deterrents.sounds(channelNumber(about["channel"] ?? 1), signal);
    return sounds.map(({ id, name }) => item(String(id), name, undefined));
  },
  /** Of the form's kind, asked anew: a door may have been added just now. */
  doors: async ({ isapi, clock }, { kind }, signal) => {
    const wanted = kind === "door" || kind === "barrier" ? kind : "auto";
    const listed = await new DoorList(isapi, clock).list(wanted, signal);
    return listed.map((door) => ({ ...item(String(door.number), door.name, undefined), kind: door.kind }));
  },
  /** Which of its memories the device says it has. */
  historySources: async ({ history }, _about, signal) =>
    (await history.offered(signal)).map((source) => item(source, undefined, undefined)),
  /** Of the device's own capabilities. */
  paths: async ({ isapi }, _about, signal) =>
    (await readOfferedPaths(isapi, signal)).map(({ path, name }) => item(path, name, undefined)),
  presets: async (device, about, signal) => {
    const presets = (await askPtz("listPresets", device, about, signal)) as readonly Preset[];
    return presets.map(({ preset, name }) => item(String(preset), name, undefined));
  },
  patrols: async (device, about, signal) => {
    const patrols = (await askPtz("listPatrols", device, about, signal)) as readonly Patrol[];
    return patrols.map(({ patrol, name }) => item(String(patrol), name, undefined));
  },
});

/** Throws `badRequest` for a list that does not exist. */
export async function listItems(
  device: Device,
  body: unknown,
  signal: AbortSignal,
): Promise<{ items: readonly Item[] }> {
  const about = propertiesOf(body);
  const name = textIn(about["list"]) ?? "";
  const list = LISTS[name];
  if (!list) throw new FatalError("badRequest", say`There is no list "${name}".`);
  return { items: await list(device, about, signal) };
}

/** Of the form's channel. By itself: it neither waits for what others have asked, nor remembers what may not be deployed. */
function askPtz(action: string, device: Device, about: About, signal: AbortSignal): Promise<object> {
  const { isapi, changes, clock, facts } = device;
  const kindOf: PtzOptions["kindOf"] = (channel, until) => facts.kindOf(channel, until);
  const ptz = new Ptz({ isapi, changes, kindOf, clock, beforeClose: (words) => device.beforeClose(words) });
  return ptz.run({ channel: channelNumber(about["channel"] ?? 1), action, values: {} }, signal);
}

/** As far as the device tells soon; a list is worth more than its details. */
async function statesOf(
  { outputs, clock }: Device,
  numbers: readonly number[],
  signal: AbortSignal,
): Promise<readonly (OutputState | undefined)[]> {
  const limit = { clock, ms: STATES_WITHIN_MS, signal, late: () => new AbortedError() };
  const state = (number: number, soon: AbortSignal): Promise<OutputState | undefined> =>
    outputs.status(number, soon).then(
      (status) => status.state,
      () => undefined,
    );
  return withLimit(limit, (soon) => Promise.all(numbers.slice(0, MOST_STATES).map((number) => state(number, soon))));
}

/** "H.265 2560 × 1440", as far as the device says. */
function described({ codec, width, height }: VideoStream): string | undefined {
  const size = width === undefined || height === undefined ? [] : [`${width} × ${height}`];
  const words = [...(codec === undefined ? [] : [codec]), ...size].join(" ");
  return words === "" ? undefined : words;
}

function item(value: string, label: string | undefined, online: boolean | undefined): Item {
  return { value, ...(label !== undefined && { label }), ...(online !== undefined && { online }) };
}

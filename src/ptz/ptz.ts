/** PTZ of one device: every action by its name. Channels, their paths and capabilities are cached. */
import type { DocumentChanges } from "../control/document-changes";
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { PTZ_BOUNDS, PTZ_DEFAULTS } from "./bounds";
import { PtzChannel } from "./channel";
import * as moves from "./moves";
import type { ChannelKind } from "./paths";
import { SerialPorts } from "./serial";
import { autoTrack, limits, lock, park, type Setting } from "./settings";
import * as stored from "./stored";
import * as targets from "./targets";
import { invalidValue, valueText, Values, type GivenValues } from "./values";
import { table } from "../lib/table";

export interface PtzOptions {
  readonly isapi: Pick<Isapi, "get" | "put" | "delete">;
  readonly changes: Pick<DocumentChanges, "change">;
  /** A camera's own lens, a coaxial input, an IP camera behind a recorder; undefined when not known. */
  readonly kindOf: (channel: number, signal: AbortSignal) => Promise<ChannelKind | undefined>;
  readonly clock: Clock;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

export interface PtzCommand {
  readonly channel: number;
  readonly action: string;
  /** By name, as a flow gives them; see {@link PTZ_ACTIONS} for the names. */
  readonly values: GivenValues;
  /** Bring numbers into their range instead of refusing them. */
  readonly clamp?: boolean;
}

type PtzAction = (channel: PtzChannel, values: Values, signal: AbortSignal) => Promise<object>;

/** These return what was read; all others what was done. */
const QUERIES = table<PtzAction>({
  status: (channel, _values, signal) => channel.position(signal),
  listPresets: (channel, _values, signal) => channel.presets.list(signal),
  listPatrols: stored.listPatrols,
});

const COMMANDS = table<PtzAction>({
  move: moves.move,
  momentary: moves.momentary,
  stop: moves.stop,
  relative: moves.relative,
  absolute: moves.absolute,
  zoomToBox: targets.zoomToBox,
  track: targets.track,
  regionFocus: targets.regionFocus,
  autoPan: moves.autoPan,
  focus: moves.focus,
  iris: moves.iris,
  onePushFocus: moves.onePushFocus,
  gotoPreset: stored.gotoPreset,
  setPreset: stored.setPreset,
  deletePreset: stored.deletePreset,
  setPatrol: stored.setPatrol,
  startPatrol: stored.startPatrol,
  pausePatrol: stored.pausePatrol,
  stopPatrol: stored.stopPatrol,
  deletePatrol: stored.deletePatrol,
  startPatternRecording: stored.startPatternRecording,
  stopPatternRecording: stored.stopPatternRecording,
  runPattern: stored.runPattern,
  stopPattern: stored.stopPattern,
  deletePattern: stored.deletePattern,
  gotoHome: stored.gotoHome,
  setHome: stored.setHome,
  clearHome: stored.clearHome,
  aux: stored.aux,
  capabilities: (channel, _values, signal) => channel.capabilities(signal),
});

/** With values they write, without they read. */
const SETTINGS = table<Setting>({ park, autoTrack, limits, lock });

/** Of the device, not of a channel. */
const SERIAL = "serial";

export const PTZ_ACTIONS: readonly string[] = [
  ...[COMMANDS, SETTINGS, QUERIES].flatMap((actions) => Object.keys(actions)),
  SERIAL,
];

export class Ptz {
  readonly #options: PtzOptions;
  readonly #channels = new Map<number, PtzChannel>();
  readonly #serial: SerialPorts;

  constructor(options: PtzOptions) {
    this.#options = options;
    this.#serial = new SerialPorts(options.isapi, options.beforeClose);
  }

  /**
   * Does it. Resolves with a list, with `{ azimuth, elevation, zoom }` for `status`, with what a setting is, else with `{ done: action, … }` and
   * the values used; `superseded: true` when another command replaced a move before its time.
   * `signal` stops a motion that it started, also long after. Throws `badRequest` naming a wrong value.
   */
  async run({ channel, action, values: given, clamp }: PtzCommand, signal: AbortSignal): Promise<object> {
    const values = new Values(given, clamp);
    if (action === SERIAL) return { done: action, ...(await this.#transmit(values, signal)) };
    const query = entryOf(QUERIES, action);
    if (query) return query(await this.#channel(channel, signal), values, signal);
    const setting = entryOf(SETTINGS, action);
    if (setting) return this.#set(action, setting, values, await this.#channel(channel, signal), signal);
    const command = entryOf(COMMANDS, action);
    if (!command)
      throw new FatalError("badRequest", say`There is no PTZ action ${valueText(action)}. ${suggestion(action)}`);
    return { done: action, ...(await command(await this.#channel(channel, signal), values, signal)) };
  }

  /** Stops every running motion. The device calls it before it closes. */
  async stop(): Promise<void> {
    const running = this.#motions().filter((motion) => motion.isRunning);
    await Promise.allSettled(running.map((motion) => motion.stop()));
  }

  /** Ends all retries of stops. */
  close(): void {
    for (const motion of this.#motions()) motion.close();
  }

  async #set(
    action: string,
    setting: Setting,
    values: Values,
    channel: PtzChannel,
    signal: AbortSignal,
  ): Promise<object> {
    if (!setting.values.some((name) => values.has(name))) return setting.read(channel, values, signal);
    return { done: action, ...(await setting.write(channel, values, signal)) };
  }

  #motions(): PtzChannel["motions"] {
    return [...this.#channels.values()].flatMap(({ motions }) => motions);
  }

  async #channel(number: number, signal: AbortSignal): Promise<PtzChannel> {
    const known = this.#channels.get(number);
    if (known) return known;
    const kind = await this.#options.kindOf(number, signal);
    // Another call may have added it meanwhile.
    const channel = this.#channels.get(number) ?? new PtzChannel({ ...this.#options, number, kind });
    this.#channels.set(number, channel);
    return channel;
  }

  async #transmit(values: Values, signal: AbortSignal): Promise<{ port: number; bytes: number }> {
    const port = values.has("port") ? values.whole("port", PTZ_BOUNDS.serialPort) : PTZ_DEFAULTS.serialPort;
    const data = bytesOf(values.raw("data"));
    await this.#serial.send(port, data, signal);
    return { port, bytes: data.length };
  }
}

function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function suggestion(action: string): Sentence {
  const match = PTZ_ACTIONS.find((name) => name.toLowerCase() === action.trim().toLowerCase());
  return match === undefined ? say`There are ${enumerate(PTZ_ACTIONS)}.` : say`Do you mean "${match}"?`;
}

function bytesOf(given: unknown): Buffer {
  const data = typeof given === "string" || given instanceof Uint8Array ? Buffer.from(given) : Buffer.alloc(0);
  if (data.length === 0) throw invalidValue(say`"data" is ${valueText(given)}: give a Buffer with the bytes to send.`);
  return data;
}

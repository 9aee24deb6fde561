/** PTZ of one device: every action by its name. Channels, their paths and what they can do are remembered. */
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { PtzChannel } from "./channel";
import * as moves from "./moves";
import type { ChannelKind } from "./paths";
import { SerialPorts } from "./serial";
import * as stored from "./stored";
import { invalidValue, shown, Values, type Given } from "./values";

export interface PtzOptions {
  readonly isapi: Pick<Isapi, "get" | "put" | "delete">;
  /** A camera's own lens, a coaxial input, an IP camera behind a recorder; undefined when the device does not tell. */
  readonly kindOf: (channel: number, signal: AbortSignal) => Promise<ChannelKind | undefined>;
  readonly clock: Clock;
  /** See Device.beforeClose. */
  readonly beforeClose: (words: Promise<unknown>) => void;
}

export interface PtzCommand {
  readonly channel: number;
  readonly action: string;
  /** By name, as a flow gives them; see {@link PTZ_ACTIONS} for the names. */
  readonly values: Given;
  /** Bring numbers into their range instead of refusing them. */
  readonly clamp?: boolean;
}

type Action = (channel: PtzChannel, values: Values, signal: AbortSignal) => Promise<object>;

/** These answer with what was asked for; all others say what was done. */
const ASKING: Readonly<Record<string, Action>> = {
  status: (channel, _values, signal) => channel.position(signal),
  listPresets: (channel, _values, signal) => channel.presets.list(signal),
  listPatrols: stored.listPatrols,
};

const DOING: Readonly<Record<string, Action>> = {
  move: moves.move,
  momentary: moves.momentary,
  stop: moves.stop,
  relative: moves.relative,
  absolute: moves.absolute,
  zoomToBox: moves.zoomToBox,
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
};

/** The device's, not a channel's. */
const SERIAL = "serial";

export const PTZ_ACTIONS: readonly string[] = [...Object.keys(DOING), ...Object.keys(ASKING), SERIAL];

export class Ptz {
  readonly #options: PtzOptions;
  readonly #channels = new Map<number, PtzChannel>();
  readonly #serial: SerialPorts;

  constructor(options: PtzOptions) {
    this.#options = options;
    this.#serial = new SerialPorts(options.isapi, options.beforeClose);
  }

  /**
   * Does it. Resolves with a list, with `{ azimuth, elevation, zoom }` for `status`, else with `{ done: action, … }` and
   * the values used; `superseded: true` when something else took a move's place before its time.
   * While what it has started goes on, `signal` stops it, also long after. Throws `badRequest` for values in words.
   */
  async run({ channel, action, values: given, clamp }: PtzCommand, signal: AbortSignal): Promise<object> {
    const values = new Values(given, clamp);
    if (action === SERIAL) return { done: action, ...(await this.#transmit(values, signal)) };
    const asking = own(ASKING, action);
    if (asking) return asking(await this.#channel(channel, signal), values, signal);
    const doing = own(DOING, action);
    if (!doing) throw new FatalError("badRequest", say`There is no PTZ action ${shown(action)}. ${suggestion(action)}`);
    return { done: action, ...(await doing(await this.#channel(channel, signal), values, signal)) };
  }

  /** Stops what goes on. The device calls it before it closes. */
  async stop(): Promise<void> {
    const going = this.#drives().filter((drive) => drive.going);
    await Promise.allSettled(going.map((drive) => drive.stop()));
  }

  /** Ends all waiting. */
  close(): void {
    for (const drive of this.#drives()) drive.close();
  }

  #drives(): PtzChannel["drives"] {
    return [...this.#channels.values()].flatMap(({ drives }) => drives);
  }

  async #channel(number: number, signal: AbortSignal): Promise<PtzChannel> {
    const known = this.#channels.get(number);
    if (known) return known;
    const kind = await this.#options.kindOf(number, signal);
    // Somebody else may have been as fast.
    const channel = this.#channels.get(number) ?? new PtzChannel({ ...this.#options, number, kind });
    this.#channels.set(number, channel);
    return channel;
  }

  async #transmit(values: Values, signal: AbortSignal): Promise<{ port: number; bytes: number }> {
    const port = values.has("port") ? values.whole("port", { min: 1, max: 64 }) : 1;
    const data = bytesOf(values.raw("data"));
    await this.#serial.send(port, data, signal);
    return { port, bytes: data.length };
  }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function suggestion(action: string): Sentence {
  const alike = PTZ_ACTIONS.find((name) => name.toLowerCase() === action.trim().toLowerCase());
  return alike === undefined ? say`There are ${enumerate(PTZ_ACTIONS)}.` : say`Do you mean "${alike}"?`;
}

function bytesOf(given: unknown): Buffer {
  const data = typeof given === "string" || given instanceof Uint8Array ? Buffer.from(given) : Buffer.alloc(0);
  if (data.length === 0) throw invalidValue(say`"data" is ${shown(given)}: give a Buffer with the bytes to send.`);
  return data;
}

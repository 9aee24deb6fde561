/** hikvision-snapshot: a picture per message, or a sequence of one per channel and moment. Knows RED; src/snapshot knows the device. */
import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import {
  channelNumber,
  codeOf,
  type Device,
  FatalError,
  type HikvisionError,
  isHikvisionError,
  readChannels,
  RetryableError,
  say,
  type Sentence,
  snapshotFilename,
} from "../../src";
import { type InputContext, onInput } from "../shared/on-input";
import { resultProperty } from "../shared/result-property";
import { sequence } from "../shared/sequence";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { render, renderError } from "../shared/render";
import { fields } from "./fields";
import { RECORDED_STREAM, snapshotRequest, type SnapshotRequest, snapshotTime, takeSnapshot } from "./input";

interface SnapshotDef extends NodeDef {
  readonly device?: string;
  readonly returns?: (typeof fields.returns.options)[number];
  readonly property?: string;
}

export = function (RED: NodeAPI): void {
  function Snapshot(this: Node, def: SnapshotDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const warned = new Set<string>();
    /** What the device says of a recording: at the node once, and in the message. */
    const tell = (sentence: Sentence): string => {
      const notice = render(RED, sentence);
      if (!warned.has(notice)) this.warn(notice);
      warned.add(notice);
      return notice;
    };

    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, context) => {
      const place = resultProperty(RED, settings.property);
      const fill = (filled: NodeMessage, { picture, ...others }: Taken): NodeMessage => {
        Object.assign(filled, others);
        place.put(filled, picture && settings.returns === "dataUrl" ? dataUrl(picture) : picture);
        return filled;
      };
      const channel = await read("channel", message);
      const time = await snapshotTime(read, message, context.device, context.signal);
      const request = await snapshotRequest(read, message);
      if (!Array.isArray(channel) && !Array.isArray(time)) {
        const asked = { channel: channelNumber(channel), time };
        return fill(message, await take(context.device, asked, request, tell, context.signal));
      }
      const all = askedFor(channel, time);
      // A result elsewhere leaves every message its own copy of the payload.
      const part = sequence(RED, message, all.length);
      const copy = (index: number): NodeMessage =>
        part(
          index,
          place.name === "payload" ? {} : { payload: RED.util.cloneMessage({ payload: message.payload }).payload },
        );
      await takeAll(all, request, tell, context, (index, taken) => fill(copy(index), taken));
      return undefined;
    });
  }

  /** A message per channel and moment. One that fails has its reason in place of the picture; the first reason ends the input. */
  async function takeAll(
    all: readonly Asked[],
    request: SnapshotRequest,
    tell: (sentence: Sentence) => string,
    { device, signal, send, progress }: InputContext,
    messageOf: (index: number, taken: Taken) => NodeMessage,
  ): Promise<void> {
    let first: HikvisionError | undefined;
    for (const [index, asked] of all.entries()) {
      progress(`${index + 1} / ${all.length}`);
      try {
        send(messageOf(index, await take(device, asked, request, tell, signal)));
      } catch (error) {
        if (!isHikvisionError(error) || codeOf(error) === "aborted") throw error;
        first ??= error;
        send(messageOf(index, failed(device, asked, request, renderError(RED, error))));
      }
    }
    if (first) throw first;
  }

  RED.nodes.registerType("hikvision-snapshot", Snapshot);
};

/** What goes into a message, the picture to where the form says. */
interface Taken {
  readonly picture: Buffer | null;
  readonly contentType?: string;
  readonly snapshot: object;
}

function dataUrl(picture: Buffer): string {
  return `data:image/jpeg;base64,${picture.toString("base64")}`;
}

interface Asked {
  readonly channel: number;
  /** Undefined: now. */
  readonly time: unknown;
}

const MOST_PICTURES = 1_000;

/** Each moment of each channel. Throws `badRequest` for an empty list. */
function askedFor(channel: unknown, time: unknown): readonly Asked[] {
  const channels = [channel].flat().map(channelNumber);
  const times: readonly unknown[] = Array.isArray(time) ? time : [time];
  if (channels.length === 0) throw new FatalError("badRequest", say`The list of channels is empty: give at least one.`);
  if (times.length === 0) throw new FatalError("badRequest", say`The list of times is empty: give at least one.`);
  if (channels.length * times.length > MOST_PICTURES)
    throw new FatalError("badRequest", say`One message may ask for at most ${MOST_PICTURES} pictures.`);
  return channels.flatMap((one) => times.map((moment) => ({ channel: one, time: moment })));
}

async function take(
  device: Device,
  { channel, time }: Asked,
  request: SnapshotRequest,
  tell: (sentence: Sentence) => string,
  signal: AbortSignal,
): Promise<Taken> {
  const { picture, timeMs, stream, past } = await takeSnapshot(device, channel, time, request, signal).catch(
    async (error: unknown) => {
      throw (time === undefined ? await offlineError(device, channel, error, signal) : undefined) ?? error;
    },
  );
  const snapshot = {
    ...{ channel, stream, time: new Date(timeMs).toISOString() },
    ...(past && { shift: past.shift, exact: past.exact, notices: past.notices.map(tell) }),
    filename: snapshotFilename(device.identity, channel, new Date(timeMs)),
    device: deviceFacts(device),
  };
  return { picture, contentType: "image/jpeg", snapshot };
}

/** Recorders answer with an internal error for a camera that is away: its state in the list of channels tells. */
async function offlineError(
  { isapi, identity }: Device,
  channel: number,
  error: unknown,
  signal: AbortSignal,
): Promise<HikvisionError | undefined> {
  if (codeOf(error) !== "protocol") return undefined;
  const list = await readChannels(isapi, { signal }).catch(() => undefined);
  if (list?.channels.find(({ number }) => number === channel)?.online !== false) return undefined;
  const what = say`the snapshot of channel ${channel}`;
  return new RetryableError(
    "offline",
    say`The camera behind the recorder is offline, so ${what} is not possible. Check the camera's power and network.`,
  ).at(identity);
}

function failed(
  device: Device,
  { channel, time }: Asked,
  { stream }: SnapshotRequest,
  { code, message }: HikvisionError,
): Taken {
  const facts =
    time === undefined
      ? { channel, stream, time: new Date(device.clock.now()).toISOString() }
      : { channel, stream: RECORDED_STREAM, time: momentText(time) };
  return { picture: null, snapshot: { ...facts, device: deviceFacts(device), error: { code, message } } };
}

/** A moment as it was asked for, whatever that is. */
function momentText(time: unknown): string | null {
  if (typeof time === "string") return time;
  const date = time instanceof Date ? time : new Date(typeof time === "number" ? time : NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function deviceFacts({ identity: { id, name, host } }: Device): object {
  return { id, name, host };
}

/** hikvision-snapshot: a picture per message, or a sequence of one per channel. Knows RED; src/snapshot knows the device. */
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
  snapshotFilename,
} from "../../src";
import { type InputContext, onInput } from "../shared/on-input";
import { resultProperty } from "../shared/result-property";
import { sequence } from "../shared/sequence";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { renderError } from "../shared/render";
import { fields } from "./fields";
import { snapshotRequest, type SnapshotRequest } from "./input";

interface SnapshotDef extends NodeDef {
  readonly device?: string;
  readonly returns?: (typeof fields.returns.options)[number];
  readonly property?: string;
}

export = function (RED: NodeAPI): void {
  function Snapshot(this: Node, def: SnapshotDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);

    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, context) => {
      const place = resultProperty(RED, settings.property);
      const fill = (filled: NodeMessage, { picture, ...others }: Taken): NodeMessage => {
        Object.assign(filled, others);
        place.put(filled, picture && settings.returns === "dataUrl" ? dataUrl(picture) : picture);
        return filled;
      };
      const channel = await read("channel", message);
      const request = await snapshotRequest(read, message);
      if (!Array.isArray(channel))
        return fill(message, await take(context.device, channelNumber(channel), request, context.signal));
      // A result elsewhere leaves every message its own copy of the payload.
      const part = sequence(RED, message, channel.length);
      const copy = (index: number): NodeMessage =>
        part(
          index,
          place.name === "payload" ? {} : { payload: RED.util.cloneMessage({ payload: message.payload }).payload },
        );
      const all = channel.map(channelNumber);
      await takeAll(all, request, context, (index, taken) => fill(copy(index), taken));
      return undefined;
    });
  }

  /** A message per channel. One that fails has its reason in place of the picture; the first reason ends the input. */
  async function takeAll(
    channels: readonly number[],
    request: SnapshotRequest,
    { device, signal, send, progress }: InputContext,
    messageOf: (index: number, taken: Taken) => NodeMessage,
  ): Promise<void> {
    if (channels.length === 0)
      throw new FatalError("badRequest", say`The list of channels is empty: give at least one.`);
    let first: HikvisionError | undefined;
    for (const [index, channel] of channels.entries()) {
      progress(`${index + 1} / ${channels.length}`);
      try {
        send(messageOf(index, await take(device, channel, request, signal)));
      } catch (error) {
        if (!isHikvisionError(error) || codeOf(error) === "aborted") throw error;
        first ??= error;
        send(messageOf(index, failed(device, channel, request, renderError(RED, error))));
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

async function take(device: Device, channel: number, request: SnapshotRequest, signal: AbortSignal): Promise<Taken> {
  const picture = await device.snapshots.take({ channel, ...request, signal }).catch(async (error: unknown) => {
    throw (await offlineError(device, channel, error, signal)) ?? error;
  });
  const taken = facts(device, channel, request);
  const filename = snapshotFilename(device.identity, channel, new Date(taken.time));
  return { picture, contentType: "image/jpeg", snapshot: { ...taken, filename } };
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

function failed(device: Device, channel: number, request: SnapshotRequest, { code, message }: HikvisionError): Taken {
  return { picture: null, snapshot: { ...facts(device, channel, request), error: { code, message } } };
}

function facts({ identity: { id, name, host }, clock }: Device, channel: number, { stream }: SnapshotRequest) {
  return { channel, stream, time: new Date(clock.now()).toISOString(), device: { id, name, host } };
}

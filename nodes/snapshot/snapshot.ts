/** hikvision-snapshot: a picture per message, or a sequence of one per channel. Knows RED; src/snapshot knows the device. */
import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import {
  channelNumber,
  codeOf,
  type Device,
  FatalError,
  type HikvisionError,
  isHikvisionError,
  say,
  snapshotFilename,
} from "../../src";
import { onInput, type FlowMessage, type InputContext } from "../shared/on-input";
import { sequence } from "../shared/sequence";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { renderError } from "../shared/render";
import { fields } from "./fields";
import { snapshotRequest, type SnapshotRequest } from "./input";

interface SnapshotDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function Snapshot(this: Node, def: SnapshotDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);

    const { fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, context) => {
      const channel = await read("channel", message);
      const request = await snapshotRequest(read, message);
      if (!Array.isArray(channel))
        return Object.assign(message, await take(context.device, channelNumber(channel), request, context.signal));
      await takeAll(channel.map(channelNumber), request, message, context);
      return undefined;
    });
  }

  /** A message per channel. One that fails has its reason in place of the picture; the first reason ends the input. */
  async function takeAll(
    channels: readonly number[],
    request: SnapshotRequest,
    message: FlowMessage,
    { device, signal, send, progress }: InputContext,
  ): Promise<void> {
    if (channels.length === 0)
      throw new FatalError("badRequest", say`The list of channels is empty: give at least one.`);
    const part = sequence(RED, message, channels.length);
    let first: HikvisionError | undefined;
    for (const [index, channel] of channels.entries()) {
      progress(`${index + 1} / ${channels.length}`);
      try {
        send(part(index, await take(device, channel, request, signal)));
      } catch (error) {
        if (!isHikvisionError(error) || codeOf(error) === "aborted") throw error;
        first ??= error;
        send(part(index, failed(device, channel, request, renderError(RED, error))));
      }
    }
    if (first) throw first;
  }

  RED.nodes.registerType("hikvision-snapshot", Snapshot);
};

async function take(
  device: Device,
  channel: number,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<NodeMessage> {
  const payload = await device.snapshots.take({ channel, ...request, signal });
  const taken = facts(device, channel, request);
  const filename = snapshotFilename(device.identity, channel, new Date(taken.time));
  return { payload, contentType: "image/jpeg", snapshot: { ...taken, filename } };
}

function failed(
  device: Device,
  channel: number,
  request: SnapshotRequest,
  { code, message }: HikvisionError,
): NodeMessage {
  return { payload: null, snapshot: { ...facts(device, channel, request), error: { code, message } } };
}

function facts({ identity: { id, name, host }, clock }: Device, channel: number, { stream }: SnapshotRequest) {
  return { channel, stream, time: new Date(clock.now()).toISOString(), device: { id, name, host } };
}

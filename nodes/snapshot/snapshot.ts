/** hikvision-snapshot: a picture per message, or a sequence of one per channel. Knows RED; src/snapshot.ts knows the device. */
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
import { deviceNodeOf, findDeviceNode } from "../shared/device-node";
import { onInput, type FlowMessage, type InputContext } from "../shared/on-input";
import { sequence } from "../shared/sequence";
import { snapshotRequest, type SnapshotRequest } from "./input";
import { showFailure } from "../shared/status";
import { valueReader } from "../shared/typed-values";
import { renderError } from "../shared/render";

interface SnapshotDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function Snapshot(this: Node, def: SnapshotDef): void {
    RED.nodes.createNode(this, def);
    if (!findDeviceNode(RED, def.device)) showFailure(this, "unconfigured");
    const read = valueReader(RED, this, def);

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, context) => {
        const { device } = deviceNodeOf(RED, def.device);
        const channel = (await read("channel", message)) ?? 1;
        const wish = await snapshotRequest(read, message);
        if (!Array.isArray(channel))
          return Object.assign(message, await take(device, channelNumber(channel), wish, context.signal));
        await takeAll(device, channel.map(channelNumber), wish, message, context);
        return undefined;
      },
    );
  }

  /** A message per channel. One that fails has its reason in place of the picture; the first reason ends the input. */
  async function takeAll(
    device: Device,
    channels: readonly number[],
    wish: SnapshotRequest,
    message: FlowMessage,
    { signal, send, progress }: InputContext,
  ): Promise<void> {
    if (channels.length === 0)
      throw new FatalError("badRequest", say`The list of channels is empty: give at least one.`);
    const part = sequence(RED, message, channels.length);
    let first: HikvisionError | undefined;
    for (const [index, channel] of channels.entries()) {
      progress(`${index + 1} / ${channels.length}`);
      try {
        send(part(index, await take(device, channel, wish, signal)));
      } catch (error) {
        if (!isHikvisionError(error) || codeOf(error) === "aborted") throw error;
        first ??= error;
        send(part(index, failed(device, channel, wish, renderError(RED, error))));
      }
    }
    if (first) throw first;
  }

  RED.nodes.registerType("hikvision-snapshot", Snapshot);
};

async function take(device: Device, channel: number, wish: SnapshotRequest, signal: AbortSignal): Promise<NodeMessage> {
  const payload = await device.snapshots.take({ channel, ...wish, signal });
  const taken = facts(device, channel, wish);
  const filename = snapshotFilename(device.identity, channel, new Date(taken.time));
  return { payload, contentType: "image/jpeg", snapshot: { ...taken, filename } };
}

function failed(
  device: Device,
  channel: number,
  wish: SnapshotRequest,
  { code, message }: HikvisionError,
): NodeMessage {
  return { payload: null, snapshot: { ...facts(device, channel, wish), error: { code, message } } };
}

function facts({ identity: { id, name, host }, clock }: Device, channel: number, { stream }: SnapshotRequest) {
  return { channel, stream, time: new Date(clock.now()).toISOString(), device: { id, name, host } };
}

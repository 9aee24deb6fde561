/** hikvision-download: a message per file, progress on the second output. Knows RED; src/recordings/download does the work. */
import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import {
  AbortedError,
  channelNumber,
  type Delivery,
  type Device,
  type Downloaded,
  type Failed,
  FatalError,
  type Item,
  type Progress,
  say,
  withSignals,
} from "../../src";
import { onInput, type FlowMessage } from "../shared/on-input";
import { channelOf, rangeOf } from "../recordings/input";
import { sequence } from "../shared/sequence";
import { checkSettings } from "../shared/settings";
import { boundedNumber, valueReader, type ValueReader, withTimeWords } from "../shared/typed-values";
import { render } from "../shared/render";
import { fields, MARGIN } from "./fields";

interface DownloadDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionDownload(this: Node, def: DownloadDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const running = new Set<AbortController>();

    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, context) => {
      if (message["action"] === "cancel") {
        for (const job of running) job.abort(new AbortedError());
        return undefined;
      }
      const { device } = context;
      const job = new AbortController();
      running.add(job);
      try {
        await withSignals([context.signal, job.signal], async (signal) => {
          const delivery = await deliveryOf(settings, read, message);
          const items = await itemsOf(device, read, message, delivery, signal);
          const part = sequence(RED, message, items.length);
          await device.downloads.run({
            ...delivery,
            items,
            signal,
            onFile: (index, outcome) => context.send([part(index, messageOf(RED, outcome)), null]),
            onProgress: (progress) => {
              context.progress(progressText(progress));
              context.send([null, { ...RED.util.cloneMessage({ ...message, payload: undefined }), payload: progress }]);
            },
          });
        });
      } finally {
        running.delete(job);
      }
      return undefined;
    });
  }

  RED.nodes.registerType("hikvision-download", HikvisionDownload);
};

async function deliveryOf(
  { deliverAs, existing }: Pick<Delivery, "deliverAs" | "existing">,
  read: ValueReader,
  message: FlowMessage,
): Promise<Delivery> {
  const directory = await read("directory", message);
  const filename = await read("filename", message);
  return {
    directory: typeof directory === "string" ? directory : "",
    filename: typeof filename === "string" ? filename : fields.filename.value,
    existing,
    deliverAs,
  };
}

/** A recording, a list of them, a name or an event in the payload; else the range of the message or the form. */
async function itemsOf(
  device: Device,
  read: ValueReader,
  message: FlowMessage,
  { deliverAs }: Delivery,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const { payload } = message;
  const { resolver } = device.downloads;
  const channel = await channelOf(read, message);
  if (Array.isArray(payload)) {
    const items: Item[] = [];
    for (const one of payload as unknown[]) items.push({ recording: await resolver.one(one, channel, signal) });
    return items;
  }
  if (typeof payload === "string" && payload.trim() !== "")
    return [{ recording: await resolver.one(payload, channel, signal) }];
  if (typeof payload === "object" && payload !== null) {
    if ("playbackUri" in payload) return [{ recording: await resolver.one(payload, channel, signal) }];
    if ("time" in payload) return eventItems(resolver, payload, channel, read, message, deliverAs, signal);
  }
  const readNow = withTimeWords(read, fields, device, signal);
  return (await resolver.range(await rangeOf(readNow, message), signal)).map((recording) => ({ recording }));
}

interface EventLike {
  readonly time: unknown;
  readonly channel?: unknown;
}

/** The seconds around an event: one clip of exactly that, or the files that hold it, as the device has them. No seconds: the file. */
async function eventItems(
  resolver: Device["downloads"]["resolver"],
  event: EventLike,
  fallbackChannel: number | undefined,
  read: ValueReader,
  message: FlowMessage,
  deliverAs: Delivery["deliverAs"],
  signal: AbortSignal,
): Promise<readonly Item[]> {
  const atMs = typeof event.time === "string" || event.time instanceof Date ? new Date(event.time).getTime() : NaN;
  if (Number.isNaN(atMs))
    throw new FatalError("badRequest", say`The event's "time" must be a moment such as "2026-05-01T08:00:00+02:00".`);
  const channel =
    event.channel === undefined || event.channel === null ? fallbackChannel : channelNumber(event.channel);
  if (channel === undefined)
    throw new FatalError("badRequest", say`The event belongs to no channel: choose one in this node's settings.`);
  const span = {
    startMs: atMs - 1000 * (await margin("before", read, message)),
    endMs: atMs + 1000 * (await margin("after", read, message)),
  };
  const sources = await resolver.forClip(channel, span, signal);
  const [first] = sources;
  if (!first || deliverAs === "file" || span.startMs === span.endMs) return sources.map((recording) => ({ recording }));
  return [{ recording: { ...first, ...(await resolver.timesOf(span, channel, signal)) }, sources }];
}

/** Seconds. */
async function margin(name: "before" | "after", read: ValueReader, message: FlowMessage): Promise<number> {
  return boundedNumber(name, await read(name, message), MARGIN) ?? Number(fields[name].value);
}

function messageOf(RED: NodeAPI, outcome: Downloaded | Failed): NodeMessage {
  if ("error" in outcome) {
    const { code, sentence } = outcome.error;
    return { payload: { recording: outcome.recording, error: { code, message: render(RED, sentence) } } };
  }
  const { data, filename, contentType, path, ...details } = outcome;
  const content = data ? { payload: data, download: details } : { payload: { path, ...details } };
  return { ...content, filename: path ?? filename, contentType };
}

function progressText({ file, files, percent }: Progress): string {
  return files === 1 ? `${percent} %` : `${file}/${files} · ${percent} %`;
}

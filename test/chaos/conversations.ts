/** The columns of the fault matrix: what nodes and devices say to each other, one exchange each. */
import audioModule from "../../nodes/audio/audio";
import diagnoseModule from "../../nodes/diagnose/diagnose";
import downloadModule from "../../nodes/download/download";
import eventInModule from "../../nodes/event-in/event-in";
import doorModule from "../../nodes/door/door";
import outputModule from "../../nodes/output/output";
import ptzModule from "../../nodes/ptz/ptz";
import recordModule from "../../nodes/record/record";
import recordingsModule from "../../nodes/recordings/recordings";
import snapshotModule from "../../nodes/snapshot/snapshot";
import videoModule from "../../nodes/video/video";
import type { FlowNode } from "../support/flow";
import {
  alerts,
  archiveOf,
  doorsOf,
  IMKH,
  padJpeg,
  plainPictures,
  storePicture,
  type VirtualDevice,
} from "../virtual-device";

export interface Conversation {
  readonly name: string;
  readonly model?: "camera" | "nvr";
  /** The requests that meet the fault: "GET /path?query". */
  readonly target: RegExp;
  readonly module: unknown;
  /** Its node, whose id is "node" and whose messages go to "out". */
  readonly node: (folder: string) => Partial<FlowNode> & { readonly type: string };
  /** What the device needs to have. */
  readonly prepare?: (device: VirtualDevice) => void;
  /** What comes in: a message for the node, or an alert of the device. */
  readonly message?: () => Record<string, unknown>;
  readonly alert?: (device: VirtualDevice, port: number) => Parameters<VirtualDevice["emit"]>[0];
  /** The code of a failure that the message itself tells. */
  readonly told?: (payload: unknown) => string | undefined;
  /** Is this what the device has? */
  readonly right?: (payload: unknown) => boolean;
  /** No exchange goes before the one that meets the fault: the login itself does. */
  readonly fresh?: boolean;
  /** s of the clock in which it has ended, whatever happens; README of each limit: docs/reliability.md. */
  readonly endsWithin: number;
  /** Requests and connections of one exchange, whatever happens. */
  readonly requests: number;
}

const BEGIN = Date.parse("2026-05-01T08:00:00Z");
const MINUTE_MS = 60_000;
const SOUND = Buffer.from(Array.from({ length: 320 }, (_, i) => (i * 7) % 251));

interface WithError {
  readonly error?: { readonly code?: string };
  readonly pictures?: readonly WithError[];
}

const errorOf = (payload: unknown): string | undefined => (payload as WithError | undefined)?.error?.code;

const MEDIA = Buffer.concat([IMKH, Buffer.alloc(70_000, 7)]);

/** A JPEG has an end. */
function isWholeJpeg(payload: unknown): boolean {
  const data = Buffer.isBuffer(payload) ? payload : Buffer.alloc(0);
  return data.subarray(0, 3).toString("hex") === "ffd8ff" && data.subarray(-2).toString("hex") === "ffd9";
}

function addRecording(device: VirtualDevice): void {
  archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN + MINUTE_MS, media: MEDIA });
}

export const CONVERSATIONS: readonly Conversation[] = [
  {
    name: "login",
    target: /./,
    module: snapshotModule,
    node: () => ({ type: "hikvision-snapshot", channel: "1", stream: "main" }),
    message: () => ({}),
    told: errorOf,
    right: isWholeJpeg,
    fresh: true,
    endsWithin: 45,
    requests: 10,
  },
  {
    name: "snapshot",
    target: /\/picture/,
    module: snapshotModule,
    node: () => ({ type: "hikvision-snapshot", channel: "1", stream: "main" }),
    message: () => ({}),
    told: errorOf,
    right: isWholeJpeg,
    endsWithin: 45,
    requests: 10,
  },
  {
    name: "ptz",
    target: /\/PTZCtrl\/.*(momentary|continuous)/,
    module: ptzModule,
    node: () => ({ type: "hikvision-ptz", channel: "1", channelType: "num", action: "msg", values: {} }),
    message: () => ({ payload: { action: "momentary", pan: 40, duration: 0.5 } }),
    endsWithin: 45,
    requests: 16,
  },
  {
    name: "output",
    target: /\/outputs\/1\/trigger/,
    module: outputModule,
    node: () => ({ type: "hikvision-output", action: "on", output: "1", outputType: "str", duration: "1" }),
    message: () => ({}),
    endsWithin: 45,
    requests: 10,
  },
  {
    name: "door",
    target: /\/RemoteControl\/door\/1/,
    module: doorModule,
    node: () => ({ type: "hikvision-door", kind: "door", number: "1", action: "open" }),
    prepare: (device) => void doorsOf(device).add("Door"),
    message: () => ({}),
    right: (payload) => (payload as { done?: string }).done === "open",
    endsWithin: 45,
    requests: 10,
  },
  {
    name: "video",
    model: "nvr",
    target: /\/ContentMgmt\/search/,
    module: videoModule,
    node: () => ({ type: "hikvision-video", kind: "time", channel: 1 }),
    prepare: addRecording,
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T09:00:00Z" }),
    right: (payload) => (payload as { codec?: string }).codec === "H.264",
    endsWithin: 60,
    requests: 16,
  },
  {
    name: "search",
    model: "nvr",
    target: /\/ContentMgmt\/search/,
    module: recordingsModule,
    node: () => ({ type: "hikvision-recordings", channel: 1 }),
    prepare: addRecording,
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T09:00:00Z" }),
    right: (payload) => Array.isArray(payload) && payload.length === 1,
    endsWithin: 60,
    requests: 16,
  },
  {
    name: "download",
    model: "nvr",
    target: /\/ContentMgmt\/download/,
    module: downloadModule,
    node: (directory) => ({
      type: "hikvision-download",
      directory,
      filename: "film",
      existing: "overwrite",
      deliverAs: "file",
    }),
    prepare: addRecording,
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T08:01:00Z", channel: 1 }),
    told: errorOf,
    right: (payload) => (payload as { bytes?: number }).bytes === MEDIA.length,
    endsWithin: 240,
    requests: 24,
  },
  {
    name: "talk",
    target: /\/audioData/,
    module: audioModule,
    node: () => ({ type: "hikvision-audio", channel: "1", action: "talk" }),
    message: () => ({ payload: Buffer.from(SOUND) }),
    endsWithin: 60,
    requests: 16,
  },
  {
    name: "record",
    model: "nvr",
    target: /\/record\/control\/manual\/start/,
    module: recordModule,
    node: () => ({
      type: "hikvision-record",
      where: "device",
      action: "start",
      channel: "1",
      channelType: "num",
      duration: "1",
      durationType: "num",
    }),
    message: () => ({}),
    endsWithin: 45,
    requests: 16,
  },
  {
    name: "diagnosis",
    target: /./,
    module: diagnoseModule,
    node: () => ({ type: "hikvision-diagnose", events: [] }),
    message: () => ({}),
    endsWithin: 240,
    requests: 60,
  },
  {
    name: "picture URL",
    target: /\/picture\/Streaming/,
    module: eventInModule,
    node: () => ({ type: "hikvision-event-in", pictures: true, emit: "all" }),
    alert: (device, port) => {
      const jpeg = padJpeg(
        plainPictures.scene({ width: 32, height: 32, channel: 1, channelName: "", stamp: "" }),
        9_000,
      );
      const path = storePicture(device, jpeg);
      return alerts.intrusion({ pictureUrl: `http://127.0.0.1:${port}${path}` });
    },
    right: (payload) => (payload as { pictures: { data?: unknown }[] }).pictures.every(({ data }) => isWholeJpeg(data)),
    told: (payload) => (payload as WithError).pictures?.map(errorOf).find((code) => code !== undefined),
    endsWithin: 60,
    requests: 12,
  },
  {
    name: "stream",
    target: /alertStream/,
    module: eventInModule,
    node: () => ({ type: "hikvision-event-in", pictures: false, emit: "all", connection: true }),
    alert: () => alerts.motion(),
    endsWithin: 240,
    requests: 60,
  },
];

/** The columns of the fault matrix: what nodes and devices say to each other, one exchange each. */
import armModule from "../../nodes/arm/arm";
import audioModule from "../../nodes/audio/audio";
import deterrentModule from "../../nodes/deterrent/deterrent";
import callModule from "../../nodes/call/call";
import diagnoseModule from "../../nodes/diagnose/diagnose";
import downloadModule from "../../nodes/download/download";
import eventInModule from "../../nodes/event-in/event-in";
import doorModule from "../../nodes/door/door";
import isapiModule from "../../nodes/isapi/isapi";
import plateListModule from "../../nodes/plate-list/plate-list";
import outputModule from "../../nodes/output/output";
import ptzModule from "../../nodes/ptz/ptz";
import recordModule from "../../nodes/record/record";
import recordingsModule from "../../nodes/recordings/recordings";
import historyModule from "../../nodes/history/history";
import statisticsModule from "../../nodes/statistics/statistics";
import snapshotModule from "../../nodes/snapshot/snapshot";
import videoModule from "../../nodes/video/video";
import type { FlowNode } from "../support/flow";
import {
  accessListsOf,
  alerts,
  archiveOf,
  audioAlarmOf,
  countingOf,
  callsOf,
  downloadsOf,
  doorsOf,
  IMKH,
  padJpeg,
  pastOf,
  plainPictures,
  storePicture,
  type VirtualDevice,
} from "../virtual-device";

function downloadNode(directory: string): Partial<FlowNode> & { readonly type: string } {
  return { type: "hikvision-download", directory, filename: "film", existing: "overwrite", deliverAs: "file" };
}

function isDownloaded({ bytes = 0, via }: { bytes?: number; via?: string }): boolean {
  return via === "rtsp" ? bytes > 1_000 : bytes === MEDIA.length;
}

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

/** What is switched the other way with each exchange, so that each has to write. */
let turn = true;
function alternating(): void {
  turn = true;
}

/** Each message brings another. */
let plates = 1;

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
    name: "isapi",
    target: /^GET .*\/System\/time/,
    module: isapiModule,
    node: () => ({ type: "hikvision-isapi", method: "GET", path: "/ISAPI/System/time", pathType: "str" }),
    message: () => ({}),
    // What is no XML and no JSON comes as it is.
    right: (payload) => Buffer.isBuffer(payload) || (payload as { Time?: unknown }).Time !== undefined,
    // A long answer may take as long as its announced length at 300 bytes/ms.
    endsWithin: 400,
    requests: 10,
  },
  {
    name: "change",
    target: /\/motionDetection/,
    module: isapiModule,
    node: () => ({
      ...{ type: "hikvision-isapi", method: "change" },
      ...{ path: "/ISAPI/System/Video/inputs/channels/1/motionDetection", pathType: "str" },
      ...{ body: "payload", bodyType: "msg" },
    }),
    prepare: alternating,
    message: () => {
      turn = !turn;
      return { payload: { enabled: turn } };
    },
    right: (payload) => (payload as { refused?: unknown[] }).refused?.length === 0,
    endsWithin: 100,
    requests: 24,
  },
  {
    name: "arm",
    target: /\/motionDetection/,
    module: armModule,
    node: () => ({
      type: "hikvision-arm",
      channels: [1],
      events: ["VMD"],
      what: "detection",
      action: "msg",
      rollback: true,
    }),
    prepare: alternating,
    message: () => {
      turn = !turn;
      return { action: turn ? "on" : "off" };
    },
    right: (payload) => (payload as { armed?: unknown }).armed === turn,
    endsWithin: 130,
    requests: 40,
  },
  {
    name: "siren",
    target: /\/AudioAlarm/,
    module: deterrentModule,
    node: () => ({ type: "hikvision-deterrent", channel: "1", channelType: "num", action: "siren", values: {} }),
    prepare: (device) => void (audioAlarmOf(device).clipMs = 500),
    message: () => ({}),
    right: (payload) => (payload as { done?: unknown }).done === "siren",
    endsWithin: 130,
    requests: 40,
  },
  {
    name: "statistics",
    target: /\/counting\/search/,
    module: statisticsModule,
    node: () => ({ type: "hikvision-statistics", channel: "1", kind: "people", interval: "hour" }),
    prepare: (device) => void countingOf(device).fit(),
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T09:00:00Z" }),
    right: (payload) => Array.isArray(payload) && payload.length === 1,
    endsWithin: 60,
    requests: 16,
  },
  {
    name: "plate list",
    target: /\/licensePlateAuditData\/record/,
    module: plateListModule,
    node: () => ({ type: "hikvision-plate-list", channel: "1", channelType: "num", list: "allow", action: "add" }),
    prepare: (device) => void (accessListsOf(device).generation = "today"),
    message: () => ({ payload: `P${plates++}` }),
    told: (payload) => (payload as { failed?: readonly WithError[] }).failed?.[0]?.error?.code,
    right: (payload) => (payload as { added?: string[] }).added?.length === 1,
    endsWithin: 120,
    requests: 24,
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
    name: "history",
    model: "nvr",
    target: /\/ContentMgmt\/logSearch/,
    module: historyModule,
    node: () => ({ type: "hikvision-history", source: "log" }),
    prepare: (device) => void pastOf(device).log.push({ atMs: Date.UTC(2026, 4, 1, 8, 30), what: "Exception/hdFull" }),
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T09:00:00Z" }),
    right: (payload) => Array.isArray(payload) && payload.length === 1,
    endsWithin: 60,
    requests: 24,
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
    node: downloadNode,
    prepare: addRecording,
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T08:01:00Z", channel: 1 }),
    told: errorOf,
    // A device that refuses the download may play it.
    right: (payload) => isDownloaded(payload as Parameters<typeof isDownloaded>[0]),
    endsWithin: 240,
    requests: 24,
  },
  {
    name: "download by playback",
    model: "nvr",
    target: /\/ContentMgmt\/search/,
    module: downloadModule,
    node: downloadNode,
    prepare: (device) => {
      downloadsOf(device).form = "none";
      archiveOf(device).add({ startMs: BEGIN, endMs: BEGIN + 10_000 });
    },
    message: () => ({ start: "2026-05-01T08:00:00Z", end: "2026-05-01T08:00:10Z", channel: 1 }),
    told: errorOf,
    right: (payload) => (payload as { via?: string; bytes?: number }).via === "rtsp",
    endsWithin: 240,
    requests: 40,
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
  {
    name: "call",
    target: /\/callSignal/,
    module: callModule,
    node: () => ({ type: "hikvision-call", action: "hangUp", pollInterval: 60, wires: [[], ["out"]] }),
    prepare: (device) => void callsOf(device).fit(),
    message: () => ({}),
    right: (payload) => (payload as { done?: string }).done === "hangUp",
    endsWithin: 45,
    requests: 60,
  },
];

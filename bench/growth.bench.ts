/**
 * What an event costs as there are more devices, and more event-in nodes on one device: reader, pipeline, filter, tracker and message in
 * one process, without network and Node-RED, so that a cost that grows with the number shows. Run: npm run bench -- growth [events]
 */
import { eventMessage } from "../nodes/shared/event-message";
import { copyEvent, EventFilter, Tracker } from "../src";
import { VideoLosses } from "../src/events/decode/heartbeat";
import { EventPipeline } from "../src/events/pipeline";
import type { DeviceEvent } from "../src/events/types";
import { systemClock } from "../src/lib/clock";
import { PartReader } from "../src/multipart/part-reader";
import { table } from "./support/figures";

const EVENTS = Number(process.argv[2] ?? 40_000);
const DEVICES = [1, 20, 200, 2000];
const NODES = [1, 20, 200];
const CHUNK_EVENTS = 10;

interface Counter {
  messages: number;
}

/** A device with so many event-in nodes, and what writes to its stream. */
function device(nodes: number, counter: Counter): (chunk: Buffer) => void {
  const clock = systemClock;
  const identity = { id: "device", name: "Yard", host: "192.0.2.10" };
  const receivers = Array.from({ length: nodes }, () => {
    const filter = new EventFilter({});
    const tracker = new Tracker({ filter, emit: "all", offDelay: 3600, clock, onSilence: () => undefined });
    return (event: DeviceEvent, isShared: boolean): void => {
      const tracked = tracker.take(event.notification);
      if (!tracked) return;
      const own = isShared ? copyEvent({ ...event, notification: tracked.notification }) : event;
      eventMessage({ ...own, state: tracked.state }, identity, String);
      counter.messages += 1;
    };
  });
  const pipeline = new EventPipeline({
    clock,
    context: { videoLosses: new VideoLosses() },
    sink: {
      state: () => undefined,
      notification: () => undefined,
      event: (event) => receivers.forEach((take, index) => take(event, index < receivers.length - 1)),
      wantsPictures: () => true,
    },
  });
  pipeline.connected();
  const reader = new PartReader({
    contentType: "multipart/mixed; boundary=boundary",
    onPart: (part) => pipeline.part(part),
  });
  return (chunk) => reader.write(chunk);
}

function chunkOf(first: number): Buffer {
  const parts = Array.from({ length: CHUNK_EVENTS }, (_, index) => {
    const count = first + index;
    const alert = [
      `<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">`,
      `<ipAddress>192.0.2.10</ipAddress><portNo>80</portNo><protocol>HTTP</protocol><channelID>1</channelID>`,
      `<dateTime>2026-03-01T12:00:${10 + (count % 50)}+01:00</dateTime><activePostCount>${count}</activePostCount>`,
      `<eventType>VMD</eventType><eventState>active</eventState><eventDescription>Motion alarm</eventDescription>`,
      `</EventNotificationAlert>`,
    ].join("\r\n");
    return `--boundary\r\nContent-Type: application/xml\r\nContent-Length: ${alert.length + 2}\r\n\r\n${alert}\r\n`;
  });
  return Buffer.from(parts.join(""));
}

/** CPU per event, µs. */
function measure(devices: number, nodes: number): number {
  const counter = { messages: 0 };
  const streams = Array.from({ length: devices }, () => device(nodes, counter));
  const rounds = Math.max(1, Math.round(EVENTS / nodes / devices / CHUNK_EVENTS));
  // The first alert of each device is parsed, and its state begins.
  for (const write of streams) write(chunkOf(1));
  const chunks = Array.from({ length: rounds }, (_, round) => chunkOf((round + 1) * CHUNK_EVENTS + 1));
  counter.messages = 0;
  const start = process.cpuUsage();
  for (const chunk of chunks) for (const write of streams) write(chunk);
  const { user, system } = process.cpuUsage(start);
  const events = rounds * CHUNK_EVENTS * devices;
  if (counter.messages !== events * nodes) throw new Error(`${counter.messages} messages of ${events * nodes}`);
  return (user + system) / events;
}

measure(1, 1);
measure(1, 20);
const ofDevices = DEVICES.map((count) => {
  const us = measure(count, 1);
  return [`devices with an event-in each: ${count}`, us.toFixed(1), us.toFixed(1)];
});
const ofNodes = NODES.map((count) => {
  const us = measure(1, count);
  return [`event-in nodes on one device: ${count}`, us.toFixed(1), (us / count).toFixed(1)];
});
console.log(table(["growth", "µs CPU/event", "µs CPU/message"], [...ofDevices, ...ofNodes]));
process.exit();

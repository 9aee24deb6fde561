import assert from "node:assert/strict";
import { alerts, encodeParts, startVirtualDevice, WIRES, type VirtualDevice } from ".";
import { monotonicMs } from "./clock";
import { ALERT_STREAM, RawStream, login } from "./testing/raw-client";
import { until } from "../support/until";

const QUIET = { heartbeat: null } as const;

/** Streams of one test, closed with it. */
class Streams {
  readonly #open: RawStream[] = [];

  async open(device: VirtualDevice, path = ALERT_STREAM): Promise<RawStream> {
    const stream = await RawStream.open(device, path);
    this.#open.push(stream);
    return stream;
  }

  closeAll(): void {
    for (const stream of this.#open) stream.close();
  }
}

describe("virtual device: alert stream", () => {
  const streams = new Streams();
  afterEach(() => streams.closeAll());

  it("writes an alert to every open stream, at once, and says when", async () => {
    await using device = await startVirtualDevice(QUIET);
    const both = [await streams.open(device), await streams.open(device)];
    const before = monotonicMs();
    const sent = await device.emit(alerts.motion({ targets: ["human"] }));
    await Promise.all(both.map((stream) => stream.until(({ text }) => text.includes("</EventNotificationAlert>\r\n"))));
    assert.equal(sent.streams, 2);
    assert.ok(before <= sent.startedAt && sent.startedAt <= sent.writtenAt && sent.writtenAt <= monotonicMs());
    for (const stream of both) {
      assert.equal(stream.received.length, sent.bytes);
      assert.equal(stream.response.headers["content-type"], "multipart/mixed; boundary=boundary");
      assert.equal(stream.response.headers["transfer-encoding"], undefined);
      assert.match(stream.text, /<eventType>VMD<[^]*<targetType>human</);
    }
  });

  it("sends the same bytes chunked when told to", async () => {
    await using device = await startVirtualDevice({ ...QUIET, chunked: true });
    const stream = await streams.open(device);
    const sent = await device.emit(alerts.tampering());
    await stream.until(({ text }) => text.includes("</EventNotificationAlert>\r\n"));
    assert.equal(stream.response.headers["transfer-encoding"], "chunked");
    assert.equal(stream.received.length, sent.bytes);
    device.stream.end();
    await stream.until(({ ended }) => ended);
    assert.ok(stream.response.complete);
  });

  it("has few slots, says deployExceedMax beyond them, and frees one when a stream goes", async () => {
    await using device = await startVirtualDevice({ ...QUIET, slots: 2 });
    const first = await streams.open(device);
    await streams.open(device);
    const refused = await login(device, ALERT_STREAM);
    assert.equal(refused.status, 503);
    assert.match(refused.body.toString(), /<statusCode>2<[^]*<subStatusCode>deployExceedMax</);
    first.close();
    await until(() => device.streams === 1, "one is open");
    assert.equal((await streams.open(device)).status, 200);
  });

  it("may keep the slot of a dropped stream for a while", async () => {
    await using device = await startVirtualDevice({ ...QUIET, slots: 1 });
    device.stream.slotLeakMs = 60_000;
    (await streams.open(device)).close();
    await until(() => device.streams === 0, "none is open");
    assert.equal((await login(device, ALERT_STREAM)).status, 503);
  });

  it("beats at once and regularly, each family and shape in its way", async () => {
    const shapes = [
      ["camera", undefined, /<channelID>1<[^]*<activePostCount>0<[^]*>videoloss<[^]*>inactive</],
      ["nvr", "empty", /<dynChannelID><\/dynChannelID>\n<channelID><\/channelID>/],
      ["camera", "doorbell", /^(?![^]*channelID)[^]*<eventType>other<[^]*<eventDescription>Heartbeat</],
      ["camera", "heartBeat", /<eventType>heartBeat<[^]*<eventState>active</],
    ] as const;
    for (const [model, shape, expected] of shapes) {
      await using device = await startVirtualDevice({ model, heartbeat: { ms: 15, ...(shape && { shape }) } });
      const stream = await streams.open(device);
      await stream.until(({ text }) => text.split("--boundary").length === 4);
      assert.match(stream.text.split("--boundary")[1] ?? "", expected);
    }
  });

  it("beats so often and no more when told to", async () => {
    await using device = await startVirtualDevice({ heartbeat: { ms: 5, times: 1 } });
    const stream = await streams.open(device);
    await stream.until(({ text }) => text.includes("</EventNotificationAlert>"));
    await new Promise((resolve) => setTimeout(resolve, 40));
    assert.equal(stream.text.split("--boundary").length, 2);
  });

  it("greets a new stream with history", async () => {
    await using device = await startVirtualDevice(QUIET);
    device.stream.greeting = [alerts.motion({ currentEvent: false, replayed: true })];
    const stream = await streams.open(device);
    await stream.until(({ text }) => text.includes("</EventNotificationAlert>"));
    assert.match(stream.text, /<isDataRetransmission>true<[^]*<currentEvent>false</);
  });

  it("falls silent with the socket open, and speaks again", async () => {
    await using device = await startVirtualDevice(QUIET);
    const stream = await streams.open(device);
    device.stream.silent = true;
    assert.equal((await device.emit(alerts.motion())).streams, 0);
    device.stream.silent = false;
    await device.emit(alerts.videoLoss());
    await stream.until(({ text }) => text.includes("videoloss"));
    assert.ok(!stream.text.includes("VMD"));
  });

  it("cuts the connection in the middle of a part", async () => {
    await using device = await startVirtualDevice(QUIET);
    const stream = await streams.open(device);
    await device.stream.cutInside(alerts.motion(), 200);
    await stream.until(({ ended }) => ended);
    assert.equal(stream.received.length, 200);
    assert.equal(device.streams, 0);
  });

  it("writes in small pieces when told to", async () => {
    await using device = await startVirtualDevice(QUIET);
    device.stream.pieceBytes = 7;
    const stream = await streams.open(device);
    let reads = 0;
    stream.response.on("data", () => reads++);
    const sent = await device.emit(alerts.motion());
    await stream.until(({ received }) => received.length === sent.bytes);
    assert.ok(reads > 5, `${reads} reads`);
  });

  it("misbehaves by name and is right again afterwards", async () => {
    await using device = await startVirtualDevice(QUIET);
    const stream = await streams.open(device);
    device.stream.misbehave("lengthMissing");
    await device.emit(alerts.motion());
    device.stream.misbehave();
    await device.emit(alerts.motion());
    await stream.until(({ text }) => text.split("</EventNotificationAlert>").length === 3);
    assert.equal(stream.text.split("Content-Length").length - 1, 1);
  });

  it("sends bytes as they are", async () => {
    await using device = await startVirtualDevice(QUIET);
    const stream = await streams.open(device);
    await device.stream.raw("\xff--boundary\r\nnonsense");
    await stream.until(({ received }) => received.length === 21);
    assert.equal(stream.text, "\xff--boundary\r\nnonsense");
  });

  it("speaks ver10 on the path without ISAPI, and only there when the firmware is old", async () => {
    await using device = await startVirtualDevice({ heartbeat: { ms: 10_000 }, legacyStream: true });
    assert.equal((await login(device, ALERT_STREAM)).status, 404);
    const stream = await streams.open(device, "/Event/notification/alertStream");
    await stream.until(({ text }) => text.includes("</EventNotificationAlert>"));
    assert.match(stream.text, /version="1.0" xmlns="http:\/\/www.hikvision.com\/ver10\/XMLSchema"/);
  });

  it("speaks over TLS", async () => {
    await using device = await startVirtualDevice({ ...QUIET, tls: true });
    const stream = await streams.open(device);
    await device.emit(alerts.motion());
    await stream.until(({ text }) => /<protocol>HTTPS<[^]*<\/EventNotificationAlert>/.test(text));
  });

  it("cuts what is open when it is closed, and leaves nothing", async () => {
    const device = await startVirtualDevice({ heartbeat: { ms: 5 } });
    device.stream.slotLeakMs = 60_000;
    const stream = await streams.open(device);
    await device.close();
    await stream.until(({ ended }) => ended);
    assert.deepEqual(device.connections, { open: 0, total: device.connections.total });
    assert.equal((await device.emit(alerts.motion())).streams, 0);
  });

  it("lets tests have the bytes without a socket", () => {
    const bytes = encodeParts(alerts.parts({ contentType: "text/plain", body: "hello" })({} as never), WIRES.intercom);
    assert.equal(bytes.toString(), "--MIME_boundary\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n");
  });
});

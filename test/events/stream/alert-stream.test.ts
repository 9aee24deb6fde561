import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { AbortedError, FatalError, RetryableError, type HikvisionError } from "../../../src/lib/errors";
import { AlertStream } from "../../../src/events/stream/alert-stream";
import type { AlertSink } from "../../../src/events/event-source";
import { EventPipeline, type EventPipelineOptions } from "../../../src/events/pipeline";
import { VideoLosses } from "../../../src/events/decode/heartbeat";
import type { HttpRequest, HttpStream } from "../../../src/http/device-http";
import { say } from "../../../src/lib/sentence";
import { FakeClock, settle } from "../../support/fake-clock";

const identity = { id: "d", name: "Front", host: "192.0.2.1" };
const MULTIPART = { "content-type": "multipart/mixed; boundary=boundary" };

/** What the fake device does with the next opening of the stream. */
type Opening = HikvisionError | { statusCode: number; body?: string; type?: string };

function alert(type: string, extra = "", state = "active", time = "2026-03-01T12:00:00+00:00"): string {
  const xml = `<EventNotificationAlert><channelID>1</channelID><dateTime>${time}</dateTime><activePostCount>1</activePostCount><eventType>${type}</eventType><eventState>${state}</eventState>${extra}</EventNotificationAlert>\r\n`;
  return `--boundary\r\nContent-Type: application/xml\r\nContent-Length: ${Buffer.byteLength(xml)}\r\n\r\n${xml}`;
}

const HEARTBEAT = alert("videoloss", "", "inactive").replace("<activePostCount>1", "<activePostCount>0");

function setUp(pipeline: Partial<EventPipelineOptions> = {}) {
  const clock = new FakeClock();
  const log: string[] = [];
  const received: string[] = [];
  const openings: Opening[] = [];
  const bodies: PassThrough[] = [];
  const asked: string[] = [];
  const device = { alive: true, info: "<DeviceInfo/>", infoStatus: 200 };
  const warnings: string[] = [];
  const sink: AlertSink = {
    state: (state) => log.push(state.phase === "offline" ? `offline ${state.error.code}` : state.phase),
    notification: (n) => received.push(n.replayed ? `${n.type} replayed` : n.type),
    event: () => undefined,
    wantsPictures: () => false,
  };
  const stream = new AlertStream({
    http: {
      identity,
      request: ({ path }: HttpRequest) => {
        asked.push(path);
        const { info, infoStatus: statusCode } = device;
        if (device.alive) return Promise.resolve({ statusCode, headers: {}, body: Buffer.from(info) });
        return Promise.reject(new RetryableError("offline", say`Nobody there.`));
      },
      openEndless: ({ path, signal }: HttpRequest): Promise<HttpStream> => {
        asked.push(path);
        const next = openings.shift() ?? { statusCode: 200 };
        if (signal?.aborted) return Promise.reject(new AbortedError());
        if (next instanceof Error) return Promise.reject(next);
        const body = new PassThrough();
        body.on("error", () => undefined);
        if (next.statusCode !== 200 || next.type) {
          body.end(next.body ?? "");
        } else {
          bodies.push(body);
          const cut = (): void => void body.destroy();
          signal?.addEventListener("abort", cut);
          body.once("close", () => signal?.removeEventListener("abort", cut));
        }
        return Promise.resolve({
          statusCode: next.statusCode,
          headers: next.type ? { "content-type": next.type } : MULTIPART,
          body,
        });
      },
    },
    sink,
    pipeline: new EventPipeline({ sink, context: { videoLosses: new VideoLosses() }, clock, ...pipeline }),
    heartbeatTimeout: 30,
    prepare: () => {
      asked.push("prepare");
      return Promise.resolve();
    },
    warn: (sentence) => warnings.push(String(sentence)),
    clock,
    chance: { random: () => 1, token: () => "00" },
  });
  const opened = (): number => asked.filter((path) => path.endsWith("alertStream")).length;
  const write = async (text: string): Promise<void> => {
    bodies.at(-1)?.write(text);
    await settle();
  };
  return { clock, log, warnings, received, openings, bodies, asked, device, stream, opened, write };
}

const refused = (): FatalError => new FatalError("unauthorized", say`Wrong password.`);

describe("alert stream", () => {
  it("asks something cheap first, then opens, and is online when the device says 200", async () => {
    const { stream, asked, log } = setUp();
    stream.open();
    await settle();
    assert.deepEqual(asked, ["prepare", "/ISAPI/Event/notification/alertStream"]);
    assert.deepEqual(log, ["connecting", "online"]);
    stream.close();
  });

  it("delivers an event in the turn in which its last byte comes", async () => {
    const { stream, received, bodies } = setUp();
    stream.open();
    await settle();
    const bytes = alert("VMD");
    bodies[0]?.write(bytes.slice(0, -3));
    await settle();
    assert.deepEqual(received, []);
    bodies[0]?.write(bytes.slice(-3));
    await new Promise((resolve) => process.nextTick(resolve));
    assert.deepEqual(received, ["VMD"]);
    stream.close();
  });

  it("reports a loss once, retries after 1, 2, 4 … 60 s, and reports the recovery once", async () => {
    const { stream, log, openings, clock, bodies, opened } = setUp();
    stream.open();
    await settle();
    openings.push(...Array.from({ length: 8 }, () => new RetryableError("offline", say`Nobody there.`)));
    bodies[0]?.end();
    await settle();
    const pauses: number[] = [];
    for (let waited = 0, seen = opened(); pauses.length < 9;) {
      await clock.advance(1_000);
      waited += 1;
      if (opened() === seen) continue;
      seen = opened();
      pauses.push(waited);
      waited = 0;
    }
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    assert.deepEqual(log, ["connecting", "online", "offline offline", "online"]);
    stream.close();
    await settle();
    assert.equal(clock.pending, 0);
  });

  it("reports it again when the reason changes", async () => {
    const { stream, log, openings, clock } = setUp();
    openings.push(
      new RetryableError("offline", say`a`),
      new RetryableError("offline", say`a`),
      new FatalError("notIsapi", say`b`),
    );
    stream.open();
    await clock.advance(4_000);
    assert.deepEqual(log, ["connecting", "offline offline", "offline notIsapi"]);
    stream.close();
  });

  it("starts again at 1 s after a connection that held for 10 s, not after one that fell at once", async () => {
    const { stream, clock, bodies, opened } = setUp();
    stream.open();
    await settle();
    bodies[0]?.end();
    await clock.advance(1_000);
    bodies[1]?.end();
    await clock.advance(1_000);
    assert.equal(opened(), 2);
    await clock.advance(1_000);
    assert.equal(opened(), 3);
    await clock.advance(10_000);
    bodies[2]?.end();
    await clock.advance(1_000);
    assert.equal(opened(), 4);
    stream.close();
  });

  it("retries slowly when all slots are taken", async () => {
    const { stream, clock, openings, log, opened } = setUp();
    const full =
      "<ResponseStatus><statusCode>2</statusCode><subStatusCode>deployExceedMax</subStatusCode></ResponseStatus>";
    openings.push(...Array.from({ length: 3 }, () => ({ statusCode: 503, body: full })));
    stream.open();
    await clock.advance(14_000);
    assert.deepEqual([log.at(-1), opened()], ["offline noSlots", 1]);
    await clock.advance(1_000);
    assert.equal(opened(), 2);
    await clock.advance(29_000);
    assert.equal(opened(), 2);
    stream.close();
  });

  for (const [what, statusCode, body] of [
    ["404 and invalidOperation", 404, "<statusCode>4</statusCode><subStatusCode>invalidOperation</subStatusCode>"],
    ["403 and invalidOperation", 403, "<statusCode>4</statusCode><subStatusCode>invalidOperation</subStatusCode>"],
    ["404 and status 4 alone", 404, "<statusCode>4</statusCode><statusString>Invalid Operation</statusString>"],
    ["403 and deployExceedMax", 403, "<statusCode>4</statusCode><subStatusCode>deployExceedMax</subStatusCode>"],
    ["400 and loginNumExceedLimit", 400, "<statusCode>4</statusCode><errorCode>1073750079</errorCode>"],
  ] as const)
    it(`takes ${what} for taken slots: asked at one path, and slowly`, async () => {
      const { stream, clock, openings, log, asked, opened } = setUp();
      openings.push(
        ...Array.from({ length: 4 }, () => ({ statusCode, body: `<ResponseStatus>${body}</ResponseStatus>` })),
      );
      stream.open();
      await clock.advance(14_000);
      assert.deepEqual([log.at(-1), opened()], ["offline noSlots", 1]);
      await clock.advance(31_000);
      assert.deepEqual([log.at(-1), opened()], ["offline noSlots", 3]);
      assert.equal(new Set(asked.filter((path) => path.endsWith("alertStream"))).size, 1);
      stream.close();
    });

  it("takes even a bare 404 for taken slots where the stream has been open before", async () => {
    const { stream, clock, openings, log, bodies, opened } = setUp();
    stream.open();
    await settle();
    openings.push({ statusCode: 404 });
    bodies[0]?.end();
    await clock.advance(1_000);
    assert.deepEqual([log.at(-1), opened()], ["offline noSlots", 2]);
    await clock.advance(15_000);
    assert.deepEqual([log.at(-1), opened()], ["online", 3]);
    stream.close();
  });

  it("believes a device that says in words that it has no event stream", async () => {
    const { stream, openings, log } = setUp();
    openings.push({
      statusCode: 403,
      body: "<ResponseStatus><statusCode>4</statusCode><subStatusCode>notSupport</subStatusCode></ResponseStatus>",
    });
    stream.open();
    await settle();
    assert.equal(log.at(-1), "offline notSupported");
    stream.close();
  });

  it("asks whether it is a device at all before it says that this model has no event stream", async () => {
    const page = { statusCode: 404, body: "<html><body>Not Found</body></html>" };
    for (const [infoStatus, info, expected] of [
      [404, page.body, "notIsapi"],
      [200, page.body, "notIsapi"],
      [200, "<DeviceInfo><model>X</model></DeviceInfo>", "notSupported"],
    ] as const) {
      const { stream, openings, log, device, asked } = setUp();
      Object.assign(device, { info, infoStatus });
      openings.push(page, page);
      stream.open();
      await settle();
      assert.equal(log.at(-1), `offline ${expected}`);
      assert.equal(asked.filter((path) => path.endsWith("deviceInfo")).length, 1);
      stream.close();
    }
  });

  it("tells a stream that the device ends every 40 s once, and counts it from then on", async () => {
    const { stream, clock, bodies, log, warnings, opened } = setUp();
    stream.open();
    await settle();
    for (let i = 0; i < 20; i++) {
      await clock.advance(40_000);
      bodies[i]?.end();
      await clock.advance(1_000);
      assert.equal(opened(), i + 2);
    }
    assert.deepEqual(log, ["connecting", "online", "offline offline", "online"]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /after 40 seconds/);
    assert.equal(stream.endings, 20);
    stream.close();
  });

  it("tells a loss all the same when such a stream does not open again", async () => {
    const { stream, clock, bodies, log, openings } = setUp();
    stream.open();
    await settle();
    for (let i = 0; i < 3; i++) {
      await clock.advance(40_000);
      bodies[i]?.end();
      await clock.advance(1_000);
    }
    openings.push(new RetryableError("offline", say`Nobody there.`), new RetryableError("offline", say`Nobody there.`));
    const before = log.length;
    await clock.advance(40_000);
    bodies[3]?.end();
    await clock.advance(10_000);
    assert.deepEqual(log.slice(before), ["offline offline", "online"]);
    await clock.advance(40_000);
    bodies.at(-1)?.end();
    await clock.advance(5_000);
    assert.deepEqual(log.slice(before), ["offline offline", "online", "offline offline", "online"], "counted anew");
    stream.close();
  });

  it("tells every loss of a stream that had held for long, or fell silent", async () => {
    const { stream, clock, bodies, log, write } = setUp();
    stream.open();
    await settle();
    for (let i = 0; i < 2; i++) {
      for (let minute = 0; minute < 30; minute++) await clock.advance(60_000);
      bodies[i]?.end();
      await clock.advance(1_000);
    }
    for (let i = 0; i < 2; i++) {
      await write(HEARTBEAT);
      await clock.advance(32_000);
    }
    assert.equal(log.filter((line) => line.startsWith("offline")).length, 4);
    stream.close();
  });

  it("does not ask again for ten minutes where the user may not listen, or the device has no password yet", async () => {
    for (const code of ["forbidden", "notActivated"] as const) {
      const { stream, clock, openings, opened } = setUp();
      openings.push(new FatalError(code, say`No.`));
      stream.open();
      await clock.advance(599_000);
      assert.equal(opened(), 1);
      stream.retryNow();
      await settle();
      assert.equal(opened(), 2);
      stream.close();
    }
  });

  it("does not try refused credentials for ten minutes, unless somebody presses the button", async () => {
    const { stream, clock, openings, opened, log } = setUp();
    openings.push(refused(), refused());
    stream.open();
    await clock.advance(599_000);
    assert.equal(opened(), 1);
    stream.retryNow();
    await settle();
    assert.equal(opened(), 2);
    await clock.advance(601_000);
    assert.deepEqual([opened(), log], [3, ["connecting", "offline unauthorized", "online"]]);
    stream.close();
  });

  it("finds the stream of old firmware at its old path, and goes there first from then on", async () => {
    const { stream, clock, openings, asked, bodies } = setUp();
    openings.push({ statusCode: 404, body: "<html><body>Not Found</body></html>" });
    stream.open();
    await settle();
    bodies[0]?.end();
    await clock.advance(1_000);
    assert.deepEqual(
      asked.filter((path) => path.endsWith("alertStream")),
      ["/ISAPI/Event/notification/alertStream", "/Event/notification/alertStream", "/Event/notification/alertStream"],
    );
    stream.close();
  });

  it("says that something else answers there, whether a page or a document", async () => {
    for (const opening of [
      { statusCode: 200, type: "text/html", body: "<html><body>router</body></html>" },
      { statusCode: 200, type: "application/xml", body: "<other/>" },
    ]) {
      const { stream, openings, log } = setUp();
      openings.push(opening);
      stream.open();
      await settle();
      assert.equal(log.at(-1), "offline notIsapi");
      stream.close();
    }
  });

  it("takes a stream with heartbeats for dead after 30 s of silence, and reconnects", async () => {
    const { stream, clock, log, write, opened } = setUp();
    stream.open();
    await settle();
    await write(HEARTBEAT);
    await clock.advance(10_000);
    await write(HEARTBEAT);
    await clock.advance(30_000);
    assert.equal(log.at(-1), "offline timeout");
    await clock.advance(1_000);
    assert.deepEqual([log.at(-1), opened()], ["online", 2]);
    stream.close();
  });

  it("keeps a stream that never had a heartbeat while the device answers, and drops it when it does not", async () => {
    const { stream, clock, log, device } = setUp();
    stream.open();
    await clock.advance(300_000);
    assert.equal(log.at(-1), "online");
    device.alive = false;
    await clock.advance(30_000);
    assert.equal(log.at(-1), "offline timeout");
    stream.close();
    await settle();
    assert.equal(clock.pending, 0);
  });

  it("drops history whenever it comes, also long after the connect and after current events", async () => {
    const { stream, received, write, clock } = setUp();
    stream.open();
    await settle();
    await write(alert("AccessControllerEvent", "<currentEvent>false</currentEvent>"));
    await write(alert("AccessControllerEvent", "<currentEvent>true</currentEvent>"));
    await clock.advance(20 * 60_000);
    await write(alert("AccessControllerEvent", "<currentEvent>false</currentEvent>"));
    await write(alert("VMD", "<currentEvent>false</currentEvent>"));
    assert.deepEqual(received, ["AccessControllerEvent"]);
    stream.close();
  });

  it("takes an event without currentEvent for news, unless the device has sent it with events of that type", async () => {
    const { stream, received, write } = setUp();
    const time = (second: number): string => `2026-03-01T12:00:0${second}+00:00`;
    stream.open();
    await settle();
    await write(alert("AccessControllerEvent", "", "active", time(1)));
    await write(alert("AccessControllerEvent", "<currentEvent>true</currentEvent>", "active", time(2)));
    await write(alert("AccessControllerEvent", "", "active", time(3)));
    await write(alert("VMD", "", "active", time(4)));
    assert.deepEqual(received, ["AccessControllerEvent", "AccessControllerEvent", "VMD"]);
    stream.close();
  });

  it("gives up a stream that sent heartbeats and now only drips bytes that are no part", async () => {
    const { stream, clock, log, write } = setUp();
    stream.open();
    await settle();
    for (let i = 0; i < 2; i++) {
      await write(HEARTBEAT);
      await clock.advance(10_000);
    }
    for (let second = 0; second < 25 && log.at(-1) === "online"; second++) {
      await write("x");
      await clock.advance(1_000);
    }
    assert.equal(log.includes("offline timeout"), true);
    stream.close();
  });

  it("emits nothing twice after a reconnect, and marks what is sent again", async () => {
    const { stream, received, write, bodies, clock } = setUp();
    stream.open();
    await settle();
    await write(alert("VMD"));
    bodies[0]?.end();
    await clock.advance(1_000);
    await write(alert("VMD", "<isDataRetransmission>true</isDataRetransmission>"));
    await write(alert("PIR", "<isDataRetransmission>true</isDataRetransmission>"));
    assert.deepEqual(received, ["VMD", "PIR replayed"]);
    stream.close();
  });

  it("measures age by the device's own clock, and never drops by a stamp", async () => {
    const { stream, received, write } = setUp();
    stream.open();
    await settle();
    await write(HEARTBEAT.replace("2026-03-01T12", "2031-07-01T12"));
    await write(alert("VMD", "", "active", "2031-07-01T11:58:00+00:00"));
    await write(alert("PIR", "", "active", "2031-07-01T11:59:50+00:00"));
    for (let i = 0; i < 2; i++) await write(alert("PeopleCounting", "", "active", "1970-01-01T00:00:00+08:00"));
    assert.deepEqual(received, ["VMD replayed", "PIR", "PeopleCounting", "PeopleCounting"]);
    stream.close();
  });

  it("measures age by the clock that System/time told where no heartbeat does", async () => {
    const { stream, received, write } = setUp({ driftMs: () => -3_600_000 });
    stream.open();
    await settle();
    await write(alert("VMD", "", "active", "2026-03-01T11:00:00+00:00"));
    await write(alert("PIR", "", "active", "2026-03-01T10:58:00+00:00"));
    await write(HEARTBEAT);
    await write(alert("IO", "", "active", "2026-03-01T11:58:00+00:00"));
    assert.deepEqual(received, ["VMD", "PIR replayed", "IO replayed"]);
    stream.close();
  });

  it("stays closed after close, also in the middle of connecting or waiting, and can be opened again", async () => {
    const { stream, clock, openings, opened, bodies, log } = setUp();
    stream.open();
    stream.close();
    await clock.advance(120_000);
    assert.equal(bodies.filter((body) => !body.destroyed).length, 0);
    const before = opened();
    openings.push(new RetryableError("offline", say`a`));
    stream.open();
    await settle();
    stream.close();
    await clock.advance(120_000);
    assert.equal(opened(), before + 1);
    stream.open();
    await settle();
    assert.equal(log.at(-1), "online");
    stream.close();
    await settle();
    assert.equal(clock.pending, 0);
  });
});

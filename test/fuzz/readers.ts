/** Everything that reads what others send, with good input to change, and what must hold for any input. */
import assert from "node:assert/strict";
import { AccessLists } from "../../src/access-list/access-lists";
import { vclRows } from "../../src/access-list/vcl-document";
import { seesNothing, switchLeaf } from "../../src/arm/detection-document";
import { listAudioChannels } from "../../src/audio/audio-channels";
import { readCall, readCaller, tellsOfCalls } from "../../src/call/call-answers";
import { callSign } from "../../src/call/call-signs";
import { readSounds } from "../../src/deterrent/sounds";
import { DoorList } from "../../src/door/door-list";
import { DoorStates } from "../../src/door/door-state";
import { answerTo } from "../../src/discovery/sadp";
import { decode } from "../../src/events/decode/decode";
import type { Notification } from "../../src/events/types";
import { answerDigest, readChallenges, readNextNonce } from "../../src/http/digest";
import { parseLoginRefusal } from "../../src/http/refusal";
import { readOutputs } from "../../src/io/output-list";
import { readChannels } from "../../src/isapi/channels";
import { readDeviceInfo } from "../../src/isapi/device-info";
import { readTriggers } from "../../src/isapi/event-triggers";
import { Isapi } from "../../src/isapi/isapi";
import { searchPage } from "../../src/isapi/recording-search";
import { replyError } from "../../src/isapi/response-status";
import { readStreams } from "../../src/isapi/streams";
import { parseXml } from "../../src/isapi/xml";
import { hasLeaf, rootElement, withLeaf } from "../../src/isapi/xml-editor";
import { EventFilter } from "../../src/events/filter";
import { searchAccess } from "../../src/history/access-events";
import { HistoryBudget } from "../../src/history/budget";
import { searchEventRecords } from "../../src/history/event-records";
import { searchLog } from "../../src/history/log";
import { searchTargets } from "../../src/history/target-spans";
import { systemClock } from "../../src/lib/clock";
import { parseJson } from "../../src/lib/json";
import { CountingSearch } from "../../src/statistics/counting-search";
import { trueRows } from "../../src/statistics/true-rows";
import { TimeFrame } from "../../src/time/time-frame";
import { fixedZone } from "../../src/time/zone";
import { isHikvisionError } from "../../src/lib/errors";
import { fileName } from "../../src/lib/file-name";
import { fingerprint, withCenter, withoutCenter } from "../../src/linkage/notify-center-xml";
import { readPush } from "../../src/push/push-body";
import { readPlaybackUri } from "../../src/recordings/playback-uri";
import { searchTrack } from "../../src/recordings/search";
import { aacConfigOf } from "../../src/rtsp/aac-depacketizer";
import { playbackUriOf } from "../../src/rtsp/playback-uri-of";
import { readRtp } from "../../src/rtsp/rtp";
import { parameterSetsOf, readSdp } from "../../src/rtsp/sdp";
import { toldStart } from "../../src/rtsp/told-start";
import { VideoDepacketizer } from "../../src/rtsp/video-depacketizer";
import { FragmentWriter } from "../../src/video/fragment-writer";
import { parsePosixZone } from "../../src/time/posix-zone";
import { parseTimestamp } from "../../src/time/timestamp";
import { FakeHttp, reply } from "../isapi/fake-http";
import { context, part, payloadFacts } from "../support/alerts";
import { MIXED, recorder } from "../multipart/part-reader-kit";
import * as seeds from "./seeds";

export interface Reader {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Throws, or rejects, where a promise does not hold. */
  readonly read: (input: Buffer) => void | Promise<void>;
}

const LIMITS = { headerBytes: 2_048, bodyBytes: 16_384 };
const CREDENTIALS = { username: "admin", password: "secret" };
/** Pages of a search that brings the same page again and again. */
const MOST_PAGES = 20;

/** Only our own errors may come out. */
function typedErrorsOnly(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!isHikvisionError(error)) throw error;
  }
}

async function typedRejectionsOnly(promise: Promise<unknown>): Promise<void> {
  await promise.catch((error: unknown) => {
    if (!isHikvisionError(error)) throw error;
  });
}

/** Fit for a message: JSON, and no number that is none. */
function assertPlain(value: unknown): void {
  JSON.stringify(value, (_key, one: unknown) => {
    assert.ok(typeof one !== "number" || Number.isFinite(one), "a number that JSON has not");
    return one;
  });
}

function check(notifications: readonly Notification[]): void {
  for (const notification of notifications) assertPlain(payloadFacts(notification, 0));
}

/** A device that answers every question with these bytes. */
function device(bytes: Buffer): Pick<Isapi, "get" | "post" | "bytes"> {
  const answer = () => Promise.resolve().then(() => parseXml(bytes));
  return { get: answer, post: answer, bytes: () => Promise.resolve({ data: bytes, contentType: "application/xml" }) };
}

/** One that answers every question so. */
function answering(body: Buffer): Isapi {
  return new Isapi(new FakeHttp(() => reply(200, body)), { clock: atOnce });
}

/** For a device that calls itself busy again and again. */
const atOnce = { ...systemClock, wait: () => Promise.resolve() };

export const READERS: readonly Reader[] = [
  {
    name: "stream",
    seeds: seeds.STREAMS,
    read(input) {
      const { reader, parts } = recorder({ contentType: MIXED, limits: LIMITS });
      // In two writes, so that what is kept between them is met, too.
      const half = input.length >> 1;
      reader.write(input.subarray(0, half));
      reader.write(input.subarray(half));
      assert.ok(reader.heldBytes <= 4 * LIMITS.bodyBytes + input.length, `${reader.heldBytes} bytes held`);
      reader.end();
      assert.equal(reader.heldBytes, 0);
      assert.ok(parts.every(({ body }) => body.length <= input.length));
    },
  },
  {
    name: "decoder",
    seeds: seeds.ALERTS,
    read: (input) => check(decode(part(input), context())),
  },
  {
    name: "stream and decoder",
    seeds: seeds.STREAMS,
    read(input) {
      const { reader, parts } = recorder({ contentType: MIXED, limits: LIMITS });
      reader.write(input);
      reader.end();
      for (const one of parts) check(decode(one, context()));
    },
  },
  {
    name: "ResponseStatus",
    seeds: seeds.RESPONSES,
    read(input) {
      for (const statusCode of [200, 403, 503])
        assert.ok(isHikvisionError(replyError({ statusCode, headers: {}, body: input }) ?? new FakeOk()));
      parseLoginRefusal(input);
    },
  },
  {
    name: "search pages",
    seeds: seeds.PAGES,
    async read(input) {
      const query = {
        track: 101,
        start: "2026-05-01T00:00:00Z",
        end: "2026-05-02T00:00:00Z",
        recordType: "all",
      } as const;
      const isapi = device(input);
      await typedRejectionsOnly(searchPage(isapi, { ...query, searchId: "A", position: 0 }).then(assertPlain));
      let pages = 0;
      const counted = {
        post: (...given: Parameters<Isapi["post"]>) => {
          assert.ok(++pages <= MOST_PAGES, "the same page for ever");
          return isapi.post(...given);
        },
      };
      const all = async (): Promise<void> => {
        for await (const match of searchTrack(counted, query)) assertPlain(match);
      };
      await typedRejectionsOnly(all());
    },
  },
  {
    name: "answers about the past",
    seeds: [...seeds.PAGES, ...seeds.PAST],
    async read(input) {
      const both = Object.assign(device(input), { json: () => Promise.resolve().then(() => parseJson(String(input))) });
      const range = { startMs: Date.UTC(2026, 4, 1), endMs: Date.UTC(2026, 4, 2) };
      const question = {
        range,
        channels: [1],
        filter: new EventFilter(),
        anyEvent: true,
        targets: [],
        frame: new TimeFrame(fixedZone(0), "local", false),
        budget: new HistoryBudget(systemClock, { pages: MOST_PAGES, rows: 10_000, ms: 10_000 }),
        signal: undefined,
      };
      const can = {
        eventTypes: ["all", "VMD"],
        behaviors: [],
        events: true,
        targets: true,
        pictures: true,
        access: true,
      };
      // What is no JSON never comes so far.
      const notJson = (error: unknown): void => {
        if (!(error instanceof SyntaxError)) throw error;
      };
      await typedRejectionsOnly(searchLog(both, question).then(assertPlain));
      for (const search of [
        searchEventRecords(both, question, can),
        searchTargets(both, question),
        searchAccess(both, question),
      ])
        await typedRejectionsOnly(search.then(assertPlain, notJson));
      const counts = new CountingSearch(device(input)).day(1, range.startMs, true);
      await typedRejectionsOnly(
        counts.then(({ rows }) => assertPlain(trueRows(rows, fixedZone(0), range.startMs, 900_000))),
      );
    },
  },
  {
    name: "lists of a device",
    seeds: seeds.LISTS,
    async read(input) {
      const isapi = device(input);
      await typedRejectionsOnly(readChannels(isapi).then(assertPlain));
      await typedRejectionsOnly(readStreams(isapi).then(assertPlain));
      await typedRejectionsOnly(readOutputs(isapi).then(assertPlain));
      await typedRejectionsOnly(readTriggers(isapi).then(assertPlain));
      await typedRejectionsOnly(readDeviceInfo(isapi).then(assertPlain));
      await typedRejectionsOnly(listAudioChannels(isapi).then(assertPlain));
      const time = { now: () => Promise.resolve(0), zone: fixedZone(0) };
      const lists = new AccessLists({ isapi: isapi as Isapi, clock: systemClock, time });
      const command = { channel: 1, list: "allow", action: "list", plates: undefined } as const;
      await typedRejectionsOnly(lists.run(command, new AbortController().signal).then(assertPlain));
    },
  },
  {
    name: "calls",
    seeds: seeds.CALLS,
    async read(input) {
      const isapi = answering(input);
      for (const way of ["callStatus", "callerInfo"] as const)
        await typedRejectionsOnly(readCall(isapi, way, {}).then(assertPlain));
      await typedRejectionsOnly(readCaller(isapi, {}).then(assertPlain));
      await typedRejectionsOnly(tellsOfCalls(isapi, {}));
      typedErrorsOnly(() => decode(part(input), context()).forEach((one) => assertPlain(callSign(one))));
    },
  },
  {
    name: "plate lists told at once",
    seeds: seeds.PLATE_LISTS,
    read: (input) => typedRejectionsOnly(vclRows(input, new AbortController().signal).then(assertPlain)),
  },
  {
    name: "doors, sounds and detections",
    seeds: seeds.DOORS,
    async read(input) {
      const isapi = answering(input);
      const list = new DoorList(isapi, systemClock);
      const states = new DoorStates(isapi, list, systemClock);
      for (const kind of ["door", "barrier"] as const) {
        await typedRejectionsOnly(list.list(kind).then(assertPlain));
        await typedRejectionsOnly(states.read(kind, 1).then(({ state }) => assertPlain(state)));
      }
      await typedRejectionsOnly(readSounds(isapi).then(assertPlain));
      typedErrorsOnly(() => switchLeaf(input));
      typedErrorsOnly(() => seesNothing(input, "linedetection"));
    },
  },
  {
    name: "zones",
    seeds: seeds.ZONES,
    read(input) {
      const zone = parsePosixZone(input.toString());
      for (const time of [0, Date.UTC(2026, 6), Date.UTC(2100, 1, 28)])
        assert.ok(zone === undefined || Number.isFinite(zone.offsetAt(time)));
    },
  },
  {
    name: "timestamps",
    seeds: seeds.TIMES,
    read: (input) => assertPlain(parseTimestamp(input.toString())),
  },
  {
    name: "challenges",
    seeds: seeds.CHALLENGES,
    read(input) {
      // No HTTP parser lets a line break through.
      const header = input.toString("latin1").replace(/[\r\n]/g, " ");
      readNextNonce(header);
      for (const challenge of readChallenges(header).digest)
        typedErrorsOnly(() => {
          const answer = answerDigest(challenge, CREDENTIALS, { method: "GET", uri: "/", count: 1, cnonce: "00" });
          assert.ok(!answer.includes(CREDENTIALS.password), "the password is in the header");
          assert.ok(!/[\r\n]/.test(answer), "a line break is in the header");
        });
    },
  },
  {
    name: "SADP",
    seeds: seeds.PROBES,
    read: (input) => assertPlain(answerTo(seeds.PROBE_UUID, input, "192.0.2.99")),
  },
  {
    name: "push bodies",
    seeds: seeds.PUSHES,
    async read(body) {
      const query = new URLSearchParams("channelID=1&licensePlate=AB12");
      for (const contentType of ["multipart/form-data; boundary=boundary", "application/xml"])
        await typedRejectionsOnly(
          readPush({ contentType, query, body }).then((parts) => {
            for (const one of parts) check(decode(one, context()));
          }),
        );
    },
  },
  {
    name: "playback URIs",
    seeds: seeds.ADDRESSES,
    async read(input) {
      const uri = input.toString();
      assertPlain(readPlaybackUri(uri));
      const told = toldStart(`clock=${uri}-`, uri, 0, 3_600_000);
      assert.ok(typeof told !== "number" || Number.isFinite(told));
      const find = (): Promise<{ playbackUri: string }> => Promise.resolve({ playbackUri: uri });
      await typedRejectionsOnly(playbackUriOf(uri, find));
      await typedRejectionsOnly(playbackUriOf({ playbackUri: uri }, find));
    },
  },
  {
    name: "a description of a video",
    seeds: seeds.DESCRIPTIONS,
    read(input) {
      const { control, media } = readSdp(input.toString("latin1"));
      assertPlain([control, media.length]);
      for (const one of media) {
        aacConfigOf(one);
        parameterSetsOf(one.parameters.get("sprop-parameter-sets"));
      }
    },
  },
  ...(["h264", "h265"] as const).map((codec) => ({
    name: `packets of ${codec}`,
    seeds: seeds.PACKETS,
    read(input: Buffer): void {
      let bytes = 0;
      const writer = new FragmentWriter({ live: true }, (segment) => (bytes += segment.bytes.length));
      const video = new VideoDepacketizer(codec, [], (picture) =>
        writer.picture({ ...picture, seconds: picture.ticks / 90_000 }),
      );
      for (let at = 0; at + 4 <= input.length;) {
        const end = Math.min(input.length, at + 4 + input.readUInt16BE(at + 2));
        const packet = readRtp(input.subarray(at + 4, end));
        if (packet) video.push(packet);
        at = end;
      }
      writer.end();
      assert.ok(bytes <= 4 * input.length + 100_000, "more than came");
    },
  })),
  {
    name: "XML that is edited",
    seeds: [...seeds.LISTS, ...seeds.RESPONSES],
    read(input) {
      const source = input.toString();
      typedErrorsOnly(() => rootElement(source));
      typedErrorsOnly(() => hasLeaf(source, "id") && withLeaf(source, "id", "7"));
      typedErrorsOnly(() => withCenter(source));
      typedErrorsOnly(() => withoutCenter(source));
      typedErrorsOnly(() => fingerprint(source, "all"));
    },
  },
  {
    name: "file names",
    seeds: [Buffer.from("{device}_{channel}_{start}"), Buffer.from("{device}/{start}/x")],
    read(input) {
      const text = input.toString();
      typedErrorsOnly(() => {
        const name = fileName(text, { device: text, channel: 1, start: "20260501" }, ".mp4");
        assert.ok(!name.split(/[\\/]/).includes(".."), "leaves its folder");
        assert.ok(!name.startsWith("/"), "is absolute");
      });
    },
  },
];

/** Stands for "no error", so that one expression asserts both. */
class FakeOk extends Error {
  readonly code = "aborted";
  at(): this {
    return this;
  }
}

/** RTP → pictures and frames of sound: by bytes, against packets of the virtual device's own code, and against anything. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { AacDepacketizer, aacConfigOf, type AacFrame } from "../../src/rtsp/aac-depacketizer";
import { missingBetween, readRtp, TimestampUnwrapper } from "../../src/rtsp/rtp";
import { parameterSetsOf, readSdp } from "../../src/rtsp/sdp";
import { VideoDepacketizer, type Picture } from "../../src/rtsp/video-depacketizer";
import type { VideoCodec } from "../../src/rtsp/video-codec";
import { nalUnits, Packetizer } from "../virtual-device";

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");
const SPS = hex("6742c00ad90426c044000003000400000300083c489920");
const PPS = hex("68cb83cb20");
const KEY = hex("65888405bc98a000207b");
const NEXT = hex("419a380af846");

interface Given {
  readonly payload: Buffer;
  readonly marker?: boolean;
  readonly timestamp?: number;
  /** Sequence numbers that are left out before it. */
  readonly lost?: number;
}

function pictures(codec: VideoCodec, known: readonly Buffer[], given: readonly Given[]): Picture[] {
  const found: Picture[] = [];
  const video = new VideoDepacketizer(codec, known, (picture) => found.push(picture));
  let sequence = 0xfffe;
  for (const { payload, marker = false, timestamp = 0, lost = 0 } of given) {
    sequence = (sequence + 1 + lost) & 0xffff;
    video.push({ payloadType: 96, sequence, timestamp, marker, payload });
  }
  return found;
}
const shown = (found: readonly Picture[]): string[] =>
  found.map(({ key, nals }) => `${key ? "key" : "picture"} ${nals.map((nal) => nal.toString("hex")).join(" ")}`);

describe("RTP", () => {
  it("is read with extension, sources and padding, and refused when it is cut", () => {
    const packet = hex("b1 e0 0007 00000009 00000001 00000002 bede 0001 01020304 aabb cc 000003");
    const read = readRtp(packet);
    assert.deepEqual(read, { payloadType: 96, marker: true, sequence: 7, timestamp: 9, payload: hex("aabbcc") });
    for (let size = 0; size < 24; size++)
      assert.equal(readRtp(packet.subarray(0, size))?.payload.length ?? 0, 0, String(size));
    assert.equal(readRtp(hex("00e000070000000900000001aa")), undefined);
  });

  it("counts over the end of its numbers", () => {
    assert.equal(missingBetween(0xffff, 0), 0);
    assert.equal(missingBetween(0xfffe, 1), 2);
    assert.equal(missingBetween(5, 5), -1);
    const time = new TimestampUnwrapper();
    assert.deepEqual(
      [0xfffffff0, 0x10, 0x20].map((value) => time.next(value) - 0xfffffff0),
      [0, 32, 48],
    );
  });
});

describe("pictures of H.264", () => {
  const table: readonly (readonly [
    what: string,
    known: readonly Buffer[],
    given: readonly Given[],
    expected: string[],
  ])[] = [
    [
      "single units, marked at the end",
      [],
      [{ payload: SPS }, { payload: PPS }, { payload: KEY, marker: true }],
      [`key ${KEY.toString("hex")}`],
    ],
    [
      "parameter sets that are marked, too",
      [],
      [
        { payload: SPS, marker: true },
        { payload: PPS, marker: true },
        { payload: KEY, marker: true },
      ],
      [`key ${KEY.toString("hex")}`],
    ],
    ["parameter sets of the description", [SPS, PPS], [{ payload: KEY, marker: true }], [`key ${KEY.toString("hex")}`]],
    [
      "no marks at all: the next time ends a picture",
      [SPS, PPS],
      [{ payload: KEY }, { payload: NEXT, timestamp: 9 }, { payload: NEXT, timestamp: 18 }],
      [`key ${KEY.toString("hex")}`, `picture ${NEXT.toString("hex")}`],
    ],
    [
      "several units in one packet",
      [],
      [
        {
          payload: Buffer.concat([hex("78"), ...[SPS, PPS, KEY].flatMap((nal) => [Buffer.of(0, nal.length), nal])]),
          marker: true,
        },
      ],
      [`key ${KEY.toString("hex")}`],
    ],
    [
      "a unit in pieces",
      [SPS, PPS],
      [{ payload: hex("7c85 8884") }, { payload: hex("7c05 05bc") }, { payload: hex("7c45 98"), marker: true }],
      ["key 65888405bc98"],
    ],
    [
      "a unit of which the middle is lost",
      [SPS, PPS],
      [
        { payload: hex("7c85 8884") },
        { payload: hex("7c45 98"), marker: true, lost: 1 },
        { payload: NEXT, marker: true, timestamp: 9 },
      ],
      [],
    ],
    [
      "a loss: nothing until the next key picture",
      [SPS, PPS],
      [
        { payload: KEY, marker: true },
        { payload: NEXT, marker: true, timestamp: 9, lost: 1 },
        { payload: NEXT, marker: true, timestamp: 18 },
        { payload: KEY, marker: true, timestamp: 27 },
        { payload: NEXT, marker: true, timestamp: 36 },
      ],
      [`key ${KEY.toString("hex")}`, `key ${KEY.toString("hex")}`, `picture ${NEXT.toString("hex")}`],
    ],
    ["no key picture first", [SPS, PPS], [{ payload: NEXT, marker: true }], []],
    ["no parameter sets", [], [{ payload: KEY, marker: true }], []],
    [
      "delimiters and filler are left out, messages kept",
      [SPS, PPS],
      [
        { payload: hex("0930") },
        { payload: hex("0c ffff80") },
        { payload: hex("06 0501") },
        { payload: KEY, marker: true },
      ],
      [`key 060501 ${KEY.toString("hex")}`],
    ],
    [
      "a packet that says more than it has",
      [SPS, PPS],
      [
        { payload: hex("78 00ff 65"), marker: true },
        { payload: KEY, marker: true, timestamp: 9 },
      ],
      [`key ${KEY.toString("hex")}`],
    ],
    [
      "kinds of packets that nobody sends",
      [SPS, PPS],
      [
        { payload: hex("7900"), marker: true },
        { payload: hex("1e00"), marker: true, timestamp: 9 },
        { payload: hex("7c"), timestamp: 18 },
      ],
      [],
    ],
  ];
  for (const [what, known, given, expected] of table)
    it(`from ${what}`, () => assert.deepEqual(shown(pictures("h264", known, given)), expected));

  it("take parameter sets that come with a picture in place of those of the description", () => {
    const [first, second] = pictures(
      "h264",
      [hex("67420014a6811479"), PPS],
      [
        { payload: SPS },
        { payload: KEY, marker: true },
        { payload: SPS, timestamp: 9 },
        { payload: KEY, marker: true, timestamp: 9 },
      ],
    );
    assert.deepEqual(first?.sets.sps, [SPS]);
    assert.equal(first.sets, second?.sets, "the same while nothing changes");
  });

  it("have an end: what is too long is dropped, and so is a fragment that never ends", () => {
    const piece = Buffer.concat([hex("7c05"), Buffer.alloc(60_000, 1)]);
    const given = Array.from({ length: 200 }, (): Given => ({ payload: piece }));
    assert.deepEqual(
      pictures("h264", [SPS, PPS], [{ payload: hex("7c8588") }, ...given, { payload: hex("7c4588"), marker: true }]),
      [],
    );
  });
});

describe("pictures of either codec", () => {
  for (const codec of ["h264", "h265"] as const) {
    const sets = codec === "h264" ? [SPS, PPS] : [hex("40010c01"), hex("42010101"), hex("4401c0")];
    const key = codec === "h264" ? 0x65 : 0x26;
    it(`${codec}: come back as they were sent, in pieces and together`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.uint8Array({ minLength: 3, maxLength: 5000 }), { minLength: 1, maxLength: 5 }),
          fc.boolean(),
          (bodies, together) => {
            const nals = bodies.map((body) => Buffer.concat([Buffer.of(key, 1), body]));
            const packets = new Packetizer(codec).picture([...sets, ...nals], 90_000, together);
            const found: Picture[] = [];
            const video = new VideoDepacketizer(codec, [], (picture) => found.push(picture));
            for (let at = 0; at < packets.length; at += 4 + packets.readUInt16BE(at + 2)) {
              const packet = readRtp(packets.subarray(at + 4, at + 4 + packets.readUInt16BE(at + 2)));
              assert.ok(packet);
              video.push(packet);
            }
            const sorted = (list: readonly Buffer[]): string[] => list.map((nal) => nal.toString("hex")).sort();
            assert.deepEqual(
              found.map((picture) => sorted(picture.nals)),
              [sorted(nals)],
            );
            assert.deepEqual(
              [...(found[0]?.sets.vps ?? []), ...(found[0]?.sets.sps ?? []), ...(found[0]?.sets.pps ?? [])],
              sets,
            );
          },
        ),
        { numRuns: 60 },
      );
    });

    it(`${codec}: nothing that comes throws`, () => {
      fc.assert(
        fc.property(
          fc.array(
            fc.tuple(
              fc.uint8Array({ maxLength: 40 }),
              fc.boolean(),
              fc.nat(3),
              fc.integer({ min: 0, max: 0xffffffff }),
            ),
          ),
          (all) => {
            pictures(
              codec,
              sets,
              all.map(([payload, marker, lost, timestamp]) => ({
                payload: Buffer.from(payload),
                marker,
                lost,
                timestamp,
              })),
            );
          },
        ),
        { numRuns: 300 },
      );
    });
  }
});

describe("sound in AAC", () => {
  const [description] = readSdp(
    "m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\na=fmtp:104 mode=AAC-hbr; config=1408;SizeLength=13;IndexLength=3\r\n",
  ).media;
  assert.ok(description);
  const config = aacConfigOf(description);
  assert.ok(config);
  const frames = (...payloads: readonly (readonly [payload: Buffer, timestamp: number])[]): AacFrame[] => {
    const found: AacFrame[] = [];
    const sound = new AacDepacketizer(config, (frame) => found.push(frame));
    payloads.forEach(([payload, timestamp], sequence) =>
      sound.push({ payloadType: 104, sequence, timestamp, marker: true, payload }),
    );
    return found;
  };

  it("is known by its configuration", () => {
    const { objectType, sampleRate, channels } = config;
    assert.deepEqual({ objectType, sampleRate, channels }, { objectType: 2, sampleRate: 16_000, channels: 1 });
    for (const bad of ["", "14", "zz08", "f000"])
      assert.equal(aacConfigOf({ ...description, parameters: new Map([["config", bad]]) }), undefined, bad);
    assert.equal(aacConfigOf({ ...description, encoding: "PCMU" }), undefined);
  });
  it("comes one or several frames a packet, each with its time", () => {
    assert.deepEqual(frames([hex("0020 0010 0018 aabb ccddee"), 1000]), [
      { ticks: 1000, data: hex("aabb") },
      { ticks: 2024, data: hex("ccddee") },
    ]);
  });
  it("comes in pieces, and is dropped where one is missing", () => {
    assert.deepEqual(frames([hex("0010 0020 aabb"), 5], [hex("0010 0020 ccdd"), 5]), [
      { ticks: 5, data: hex("aabbccdd") },
    ]);
    assert.deepEqual(frames([hex("0010 0020 aabb"), 5], [hex("0010 0010 ccdd"), 9]), [{ ticks: 9, data: hex("ccdd") }]);
  });
  it("throws at nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 30 })),
        (all) => void frames(...all.map((one) => [Buffer.from(one), 0] as const)),
      ),
    );
  });
});

describe("a description of a video (SDP)", () => {
  it("is read as a recorder writes it", () => {
    // As captured from an NVR V4.60, shortened.
    const text =
      "v=0\r\no=- 1109162014219182 0 IN IP4 0.0.0.0\r\ns= Media Server V4.60.000\r\nt=0 0\r\na=control:*\r\nb=AS:4106\r\n" +
      "a=range:clock=20210818T151815Z-20210818T151908Z\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=control:trackID=video\r\n" +
      "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=audio\r\na=appversion:1.0\r\n";
    const { control, media } = readSdp(text);
    assert.equal(control, "*");
    assert.deepEqual(
      media.map(({ kind, encoding, clockRate, payloadType, control }) => [
        kind,
        encoding,
        clockRate,
        payloadType,
        control,
      ]),
      [
        ["video", "H265", 90_000, 96, "trackID=video"],
        ["audio", "PCMA", 8000, 8, "trackID=audio"],
      ],
    );
  });
  it("gives parameter sets, with or without spaces, in any line end", () => {
    const text = `m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1; sprop-parameter-sets = ${SPS.toString("base64")} , ${PPS.toString("base64")}\n`;
    assert.deepEqual(parameterSetsOf(readSdp(text).media[0]?.parameters.get("sprop-parameter-sets")), [SPS, PPS]);
  });
  it("leaves out data tracks, and knows types that need no name", () => {
    const { media } = readSdp(
      "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\nm=audio 0 RTP/AVP 0\r\n",
    );
    assert.deepEqual(
      media.map(({ kind, encoding }) => [kind, encoding]),
      [["audio", "PCMU"]],
    );
  });
  it("throws at nothing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 400 }),
        (text) => void readSdp(`m=video 0 RTP/AVP 96\r\n${text}`),
      ),
    );
  });
});

describe("a byte stream (annex B) of the virtual device", () => {
  it("is cut into its units", () => {
    assert.deepEqual(nalUnits(hex("00000001 6742 000001 68cb 000001 6588 0000")), [
      hex("6742"),
      hex("68cb"),
      hex("6588"),
    ]);
  });
});

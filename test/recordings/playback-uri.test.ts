import assert from "node:assert/strict";
import { kindOf, readPlaybackUri } from "../../src/recordings/playback-uri";

describe("a playback address", () => {
  for (const [what, uri, expected] of [
    [
      "of a recorder",
      "rtsp://10.0.0.5/Streaming/tracks/101/?starttime=20210818T151815Z&endtime=20210818T151908Z&name=0004&size=1400788",
      { track: 101, start: "20210818T151815Z", end: "20210818T151908Z", name: "0004", bytes: 1400788, kind: "video" },
    ],
    [
      "with spaces in its times, as the vendor's guide has it",
      "rtsp://10.0.0.5/Streaming/tracks/101?starttime=2018-12-10 00:00:00Z&endtime=2018-12-10 17:14:54Z&name=0005&size=924",
      {
        track: 101,
        start: "2018-12-10 00:00:00Z",
        end: "2018-12-10 17:14:54Z",
        name: "0005",
        bytes: 924,
        kind: "video",
      },
    ],
    [
      "of a picture",
      "http://10.0.0.5/ISAPI/Streaming/tracks/103/?starttime=20200601T020109Z&endtime=20200601T020109Z&name=ch01_5&size=57",
      { track: 103, start: "20200601T020109Z", end: "20200601T020109Z", name: "ch01_5", bytes: 57, kind: "picture" },
    ],
    [
      "of a picture that has an rtsp address",
      "rtsp://10.0.0.5/Streaming/tracks/203?starttime=2022-12-06T08:51:13Z&endtime=2022-12-06T08:51:13Z&name=p&size=3",
      { track: 203, start: "2022-12-06T08:51:13Z", end: "2022-12-06T08:51:13Z", name: "p", bytes: 3, kind: "picture" },
    ],
    [
      "of a video that has an http address",
      "http://10.0.0.5/Streaming/tracks/201/?name=v",
      { track: 201, name: "v", kind: "video" },
    ],
    ["without all that", "rtsp://[2001:db8::1]:554/Streaming/tracks/3201", { track: 3201, kind: "video" }],
    [
      "with a size that is none",
      "rtsp://h/Streaming/tracks/101?size=1e9&name=100%",
      { track: 101, name: "100%", kind: "video" },
    ],
  ] as const) {
    it(`is read: ${what}`, () => assert.deepEqual(readPlaybackUri(uri), expected));
  }

  for (const text of ["", "00000004667000100", "file:///etc/passwd", "rtsp:///Streaming/tracks/101"]) {
    it(`is not made of ${JSON.stringify(text)}`, () => assert.equal(readPlaybackUri(text), undefined));
  }

  it("is of a picture by the track, or by the type of the record, in any spelling", () => {
    const kinds = ([track, type]: [number, string?]): string => kindOf(track, type);
    assert.deepEqual(
      ([[103], [3203], [101, "allPic"], [201, "CapturePicture"], [101, "PIC"]] as [number, string?][]).map(kinds),
      Array(5).fill("picture"),
    );
    assert.deepEqual(
      ([[101], [301], [102, "timing"], [3301, "motion"]] as [number, string?][]).map(kinds),
      Array(4).fill("video"),
    );
  });
});

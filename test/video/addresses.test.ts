/** The address that a browser gets, and another place in the address of a recording. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { playbackSpan, playFrom } from "../../src/video/playback-start";
import { readAddress, signAddress, type AddressContent } from "../../src/video/signed-address";

const KEY = randomBytes(32);
const CONTENT: AddressContent = {
  node: "n",
  device: "d",
  video: { kind: "time", channel: 3, stream: 1, path: "/Streaming/tracks/301/?starttime=20260101T000000Z" },
  expires: 1000,
};

describe("a signed address", () => {
  const token = signAddress(CONTENT, KEY);
  it("is one segment of a path, and carries what was put in until it expires", () => {
    assert.match(token, /^[\w-]+\.[\w-]{43}$/);
    assert.deepEqual(readAddress(token, KEY, 999), CONTENT);
    assert.equal(readAddress(token, KEY, 1000), "expired");
  });
  it("is refused with any change, and under another key", () => {
    assert.equal(readAddress(token, randomBytes(32), 0), undefined);
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.constantFrom("A", "b", "Z", "0", "9", "-", "_", ".", " "),
        (at, letter) => {
          const changed = token.slice(0, at) + letter + token.slice(at + 1);
          // The last letter of a base64 text has bits that say nothing.
          if (changed !== token && at < token.length - 1) assert.equal(readAddress(changed, KEY, 0), undefined);
        },
      ),
    );
    fc.assert(fc.property(fc.string(), (text) => assert.equal(readAddress(text, KEY, 0), undefined)));
    assert.equal(readAddress("a".repeat(100_000), KEY, 0), undefined);
  });
});

describe("the times in the address of a recording", () => {
  const url =
    "rtsp://10.0.0.5/Streaming/tracks/101/?starttime=20181210T235950Z&endtime=20181211T000010Z&name=00000000508000000&size=924151628";
  it("tell how long it is, in each spelling of devices", () => {
    const span = { startMs: Date.UTC(2018, 11, 10, 23, 59, 50), endMs: Date.UTC(2018, 11, 11, 0, 0, 10) };
    assert.deepEqual(playbackSpan(url), span);
    assert.deepEqual(playbackSpan("?starttime=2018-12-10%2023:59:50Z&endtime=2018-12-11 00:00:10Z"), span);
    assert.deepEqual(playbackSpan("?starttime=2018-12-10T23%3A59%3A50Z"), { startMs: span.startMs });
    for (const none of ["", "?starttime=", "?starttime=yesterday", `?starttime=${"1".repeat(99)}`])
      assert.equal(playbackSpan(none), undefined, none);
  });
  it("are moved by whole seconds, and the rest stays as the device wrote it", () => {
    assert.equal(playFrom(url, 15.7), url.replace("20181210T235950Z", "20181211T000005Z"));
    assert.equal(playFrom(url, 0), url);
    assert.equal(playFrom("rtsp://x/live", 5), "rtsp://x/live");
  });
});

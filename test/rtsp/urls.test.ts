import assert from "node:assert/strict";
import fc from "fast-check";
import { liveUrl, recordingUrl, trackOf, trackUrl, withCredentials } from "../../src/rtsp/urls";

const server = { host: "192.0.2.10", port: 10554, secure: false };

describe("RTSP addresses", () => {
  it("name the stream and the way it comes", () => {
    assert.equal(
      liveUrl(server, 101, "unicast"),
      "rtsp://192.0.2.10:10554/Streaming/Channels/101?transportmode=unicast",
    );
    assert.equal(
      liveUrl({ host: "cam.example", port: 322, secure: true }, 1602, "multicast"),
      "rtsps://cam.example:322/Streaming/Channels/1602?transportmode=multicast",
    );
  });

  it("put an IPv6 address into brackets", () => {
    const url = liveUrl({ ...server, host: "2001:db8::7" }, 101, "unicast");
    assert.equal(new URL(url).host, "[2001:db8::7]:10554");
  });

  it("name a range as devices write it, with a slash before the question mark", () => {
    assert.equal(
      trackUrl(server, 301, "20210818T151815Z", "20210818T151908Z"),
      "rtsp://192.0.2.10:10554/Streaming/tracks/301/?starttime=20210818T151815Z&endtime=20210818T151908Z",
    );
    assert.equal(
      trackUrl(server, 301, "20210818T151815Z"),
      "rtsp://192.0.2.10:10554/Streaming/tracks/301/?starttime=20210818T151815Z",
    );
  });

  const recordings: readonly (readonly [what: string, given: string, path: string])[] = [
    [
      "an NVR's, without port",
      "rtsp://10.14.97.40/Streaming/tracks/101/?starttime=20210818T151815Z&endtime=20210818T151908Z&name=00000004667000100&size=1400788",
      "/Streaming/tracks/101/?starttime=20210818T151815Z&endtime=20210818T151908Z&name=00000004667000100&size=1400788",
    ],
    [
      "the guide's, with spaces in its times",
      "rtsp://10.7.64.104/Streaming/tracks/101?starttime=2018-12-10 00:00:00Z&endtime=2018-12-10 17:14:54Z&name=00000000508000000&size=924151628",
      "/Streaming/tracks/101?starttime=2018-12-10%2000:00:00Z&endtime=2018-12-10%2017:14:54Z&name=00000000508000000&size=924151628",
    ],
    [
      "one with another port and case",
      "RTSP://nvr.local:8554/streaming/Tracks/201/?starttime=1",
      "/streaming/Tracks/201/?starttime=1",
    ],
    [
      "a very old one",
      "rtsp://10.0.0.2/PSIA/streaming/tracks/101?starttime=1",
      "/PSIA/streaming/tracks/101?starttime=1",
    ],
    [
      "one that is encoded already",
      "rtsp://a/Streaming/tracks/101?name=a%20b%zz",
      "/Streaming/tracks/101?name=a%20b%25zz",
    ],
    [
      "a name in another script",
      'rtsp://a/Streaming/tracks/101?name=前门"<\\',
      "/Streaming/tracks/101?name=%E5%89%8D%E9%97%A8%22%3C%5C",
    ],
    [
      "an IPv6 device's",
      "rtsp://[2001:db8::1]:554/Streaming/tracks/101/?starttime=1",
      "/Streaming/tracks/101/?starttime=1",
    ],
  ];
  for (const [what, given, path] of recordings) {
    it(`lead to where we reach the device, for ${what}`, () => {
      const url = recordingUrl(server, given);
      assert.equal(url, `rtsp://192.0.2.10:10554${path}`);
      assert.equal(new URL(url).href, url);
    });
  }

  it("hold nothing that an address cannot hold, whatever the device sent", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            "a",
            " ",
            "%",
            "&",
            "?",
            "#",
            "\n",
            "\0",
            '"',
            "<",
            "é",
            "门",
            "😀",
            "\ud83d",
            "\udc00",
          ),
        }),
        (name) => {
          const url = recordingUrl(server, `rtsp://10.0.0.2/Streaming/tracks/101?name=x${name}x`);
          return /^rtsp:\/\/192\.0\.2\.10:10554\/Streaming\/tracks\/101\?name=x[\x21-\x7e]*x$/.test(url);
        },
      ),
    );
  });

  const refused: readonly (readonly [given: string, words: RegExp])[] = [
    ["http://192.168.1.64/ISAPI/Streaming/tracks/103/?starttime=20200601T020109Z&name=ch01", /a picture, not a video/],
    ["00000004667000100", /not the address of a recording/],
    ["rtsp://192.168.1.64/Streaming/Channels/101", /not the address of a recording/],
    ["rtsp://evil.example@10.0.0.1", /not the address of a recording/],
    ["", /not the address of a recording/],
  ];
  for (const [given, words] of refused) {
    it(`are not made of "${given.slice(0, 40)}"`, () => {
      assert.throws(() => recordingUrl(server, given), { code: "badRequest", message: words });
    });
  }

  it("tell the track of a recording", () => {
    assert.equal(trackOf("rtsp://10.7.64.104/Streaming/tracks/1601?starttime=1"), 1601);
    assert.equal(trackOf("00000004667000100"), undefined);
  });

  it("carry any user and password to the letter", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(text, text, (username, password) => {
        const url = withCredentials(liveUrl(server, 101, "unicast"), { username, password });
        const [, user = "", secret = ""] =
          /^rtsp:\/\/([^:@/]*):([^:@/]*)@192\.0\.2\.10:10554\/Streaming\/Channels\/101\?/.exec(url) ?? [];
        return decodeURIComponent(user) === username && decodeURIComponent(secret) === password;
      }),
    );
    assert.equal(
      withCredentials("rtsp://h:554/x", { username: "admin", password: "pa ss@#%:/$&'!" }),
      "rtsp://admin:pa%20ss%40%23%25%3A%2F%24%26%27%21@h:554/x",
    );
  });
});

import assert from "node:assert/strict";
import { codeOf, type HikvisionError } from "../../src/lib/errors";
import { Isapi } from "../../src/isapi/isapi";
import { isWholeJpeg } from "../../src/lib/jpeg";
import { snapshotFilename, Snapshots } from "../../src/snapshot/snapshot";
import { BUSY, FakeHttp, IDENTITY, reply, status, type Answer } from "../isapi/fake-http";
import { FakeClock } from "../support/fake-clock";
import { greyJpeg, withComment } from "../virtual-device/jpeg";

const JPEG = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]),
  Buffer.alloc(64, 0x3c),
  Buffer.from([0xff, 0xd9]),
]);
const WHOLE = greyJpeg(64, 64);
const PICTURE = reply(200, JPEG, { "content-type": "image/jpeg" });
const BAD_CONTENT = status(400, 6, "badXmlContent");
const DEVICE_ERROR = status(500, 3, "deviceError");
const PAGE_404 = reply(404, "<html><body><h2>Access Error: 404 -- Not Found</h2></body></html>");
const DIRECT = "/ISAPI/Streaming/channels/101/picture";
const PROXY = "/ISAPI/ContentMgmt/StreamingProxy/channels/101/picture";
const OLD = "/Streaming/channels/101/picture";

/** A device that answers each path with its answers in turn, the last one for ever. */
function device(answers: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const asked = new Map<string, number>();
  const http = new FakeHttp(({ path }) => {
    const nth = asked.get(path) ?? 0;
    asked.set(path, nth + 1);
    const list = [answers[path] ?? status(403, 4, "notSupport")].flat<readonly (Answer | readonly Answer[])[]>();
    return list[Math.min(nth, list.length - 1)]!;
  });
  const clock = new FakeClock();
  const isapi = new Isapi(http, { clock, chance: { random: () => 0.5, token: () => "00" } });
  const snapshots = new Snapshots(isapi, clock);
  /** Takes one and lets all pauses pass. */
  async function take(request: Partial<Parameters<Snapshots["take"]>[0]> = {}): Promise<Buffer | HikvisionError> {
    const taken = snapshots
      .take({ channel: 1, stream: 1, ...request })
      .catch((error: unknown) => error as HikvisionError);
    await clock.advance(10_000);
    return taken;
  }
  async function failure(request?: Parameters<typeof take>[0]): Promise<HikvisionError> {
    const error = await take(request);
    assert.ok(!Buffer.isBuffer(error), "it is a picture");
    assert.ok(codeOf(error), `not a typed error: ${String(error)}`);
    assert.deepEqual(error.cause.device, IDENTITY);
    return error;
  }
  return { http, clock, take, failure };
}

describe("a snapshot", () => {
  it("is the device's bytes, untouched", async () => {
    const { take, http } = device({ [DIRECT]: PICTURE });
    assert.deepEqual(await take(), JPEG);
    assert.deepEqual(http.paths, [DIRECT]);
  });

  it("is of the stream and size asked for", async () => {
    const { take, http } = device({
      "/ISAPI/Streaming/channels/1602/picture?videoResolutionWidth=640&videoResolutionHeight=360": PICTURE,
      "/ISAPI/Streaming/channels/1601/picture?videoResolutionWidth=640": PICTURE,
    });
    assert.deepEqual(await take({ channel: 16, stream: 2, width: 640, height: 360 }), JPEG);
    assert.deepEqual(await take({ channel: 16, stream: 1, width: 640 }), JPEG);
    assert.equal(http.requests.length, 2);
  });

  const families: [title: string, answers: Parameters<typeof device>[0], paths: string[]][] = [
    ["a recorder's proxy", { [DIRECT]: BAD_CONTENT, [PROXY]: PICTURE }, [DIRECT, PROXY]],
    ["the path of very old firmware", { [DIRECT]: PAGE_404, [PROXY]: PAGE_404, [OLD]: PICTURE }, [DIRECT, PROXY, OLD]],
  ];
  for (const [title, answers, paths] of families) {
    it(`comes from ${title}, which is looked for once: ten more are ten requests`, async () => {
      const { take, http } = device(answers);
      assert.deepEqual(await take(), JPEG);
      const asked = (): string[] => http.paths.filter((path) => !path.endsWith("/deviceInfo"));
      assert.deepEqual(asked(), paths);
      const before = http.requests.length;
      for (let i = 0; i < 10; i++) assert.deepEqual(await take(), JPEG);
      assert.deepEqual(http.paths.slice(before), Array(10).fill(paths.at(-1)));
    });
  }

  it("of a missing channel is one refusal from each family; ten more are ten requests", async () => {
    const { failure, http } = device({ [DIRECT]: BAD_CONTENT, [PROXY]: BAD_CONTENT, [OLD]: PAGE_404 });
    assert.equal((await failure()).code, "badRequest");
    assert.deepEqual(http.paths, [DIRECT, PROXY, OLD]);
    for (let i = 0; i < 10; i++) assert.equal((await failure()).code, "badRequest");
    assert.equal(http.requests.length, 13);
  });

  describe("is tried three times in all", () => {
    const cases: [title: string, answers: readonly Answer[], code: string][] = [
      ["while the device reports an internal error", [DEVICE_ERROR], "protocol"],
      ["while the device is busy", [BUSY], "busy"],
      ["when both come in turn", [DEVICE_ERROR, BUSY, DEVICE_ERROR], "protocol"],
      ["when the error stands under HTTP 200", [reply(200, DEVICE_ERROR.body)], "protocol"],
      ["when the error has no subStatusCode", [reply(500, "")], "protocol"],
    ];
    for (const [title, answers, code] of cases) {
      it(title, async () => {
        const { failure, http } = device({ [DIRECT]: answers });
        assert.equal((await failure()).code, code);
        assert.deepEqual(http.paths, [DIRECT, DIRECT, DIRECT]);
      });
    }

    it("and taken as soon as one works", async () => {
      const { take, http } = device({ [DIRECT]: [DEVICE_ERROR, BUSY, PICTURE] });
      assert.deepEqual(await take(), JPEG);
      assert.equal(http.requests.length, 3);
    });
  });

  it("pauses before it tries again, longer each time, and gives up when stopped", async () => {
    const http = new FakeHttp(() => DEVICE_ERROR);
    const clock = new FakeClock();
    const isapi = new Isapi(http, { clock, chance: { random: () => 0.5, token: () => "00" } });
    const stop = new AbortController();
    const taken = new Snapshots(isapi, clock).take({ channel: 1, stream: 1, signal: stop.signal });
    const seen: number[] = [];
    for (const ms of [0, 999, 1, 1_999]) {
      await clock.advance(ms);
      seen.push(http.requests.length);
    }
    assert.deepEqual(seen, [1, 1, 2, 2]);
    stop.abort();
    await assert.rejects(taken, { code: "aborted" });
    assert.equal(clock.pending, 0);
  });

  describe("is tried once when it is refused otherwise", () => {
    const cases: [title: string, answer: Answer, code: string, words: RegExp][] = [
      ["for lack of a right", status(403, 4, "lowPrivilege"), "forbidden", /Live View/],
      ["because the picture is encrypted", reply(200, "hikencodepicture0123456789abcdef"), "notSupported", /encrypt/],
      ["with junk under 200", reply(200, Buffer.from([0, 255, 1, 254])), "protocol", /no picture/],
      ["with another document under 200", reply(200, "<StreamingChannel/>"), "protocol", /no picture/],
      ["with nothing", reply(200), "protocol", /nothing/],
      [
        "with half a picture",
        reply(200, WHOLE.subarray(0, WHOLE.length / 2)),
        "protocol",
        /only a part of the snapshot/,
      ],
      ["with a picture that lacks its end", reply(200, WHOLE.subarray(0, -2)), "protocol", /only a part/],
      ["with half a picture's mark", reply(200, Buffer.from([0xff, 0xd8])), "protocol", /no picture/],
    ];
    for (const [title, answer, code, words] of cases) {
      it(title, async () => {
        const { failure, http } = device({ [DIRECT]: answer });
        const error = await failure();
        assert.equal(error.code, code);
        assert.match(error.message, words);
        assert.equal(http.requests.length, 1);
      });
    }
  });

  it("says in its errors which channel, stream and size it was", async () => {
    const { failure } = device({});
    assert.match((await failure({ channel: 3 })).message, /the snapshot of channel 3\./);
    assert.match((await failure({ channel: 3, stream: 2, width: 640 })).message, /channel 3, stream 2 \(640 × any\)/);
  });
});

describe("a JPEG is whole", () => {
  const thumbnail = withComment(WHOLE, "thumbnail").toString("latin1");
  const text = (latin1: string): Buffer => Buffer.from(latin1, "latin1");
  const [head, rest] = [WHOLE.toString("latin1", 0, 2), WHOLE.toString("latin1", 2)];
  /** With another whole picture in its head, as cameras put a thumbnail there. */
  const outer = text(
    `${head}\xff\xe1${String.fromCharCode((thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255)}${thumbnail}${rest}`,
  );

  for (const [what, data, whole] of [
    ["as it was made", WHOLE, true],
    ["with zeros behind it", Buffer.concat([WHOLE, Buffer.alloc(500)]), true],
    ["with a remark behind it", Buffer.concat([WHOLE, Buffer.from("device 1")]), true],
    ["with a thumbnail", outer, true],
    ["but not where it ends after its thumbnail", outer.subarray(0, -10), false],
    ["but not where it ends within its coded data", Buffer.concat([WHOLE.subarray(0, -20), Buffer.alloc(20)]), false],
    ["but not as its first bytes alone", WHOLE.subarray(0, 4), false],
  ] as const) {
    it(what, () => assert.equal(isWholeJpeg(data), whole));
  }

  it("or is not, at every cut, and never throws", () => {
    for (let bytes = 0; bytes < WHOLE.length; bytes++) assert.equal(isWholeJpeg(WHOLE.subarray(0, bytes)), false);
  });
});

describe("16 MiB that call themselves a JPEG", () => {
  const [image, scan] = [Buffer.of(0xff, 0xd8, 0xff), Buffer.of(0xff, 0xd8, 0xff, 0xda, 0, 4, 1, 1)];
  for (const head of [image, scan])
    for (const pump of [[0xff], [0xff, 0], [0xff, 0xd0], [0], [0xff, 0xe0, 0, 2], [0xff, 0xff, 0]])
      it(`hold nothing up: ${head.toString("hex")} and ${Buffer.from(pump).toString("hex")} again and again`, () => {
        const data = Buffer.concat([head, Buffer.alloc((16 << 20) - head.length, Buffer.from(pump))]);
        let ms = Infinity;
        for (let tries = 0; tries < 3; tries++) {
          const before = process.cpuUsage();
          assert.equal(isWholeJpeg(data), false);
          const { user, system } = process.cpuUsage(before);
          ms = Math.min(ms, (user + system) / 1000);
        }
        assert.ok(ms < 250, `${ms} ms`); // a third of it where nothing else runs
      });
});

describe("a snapshot's file name", () => {
  const time = new Date("2026-05-01T06:15:30.123Z");

  it("tells device, channel and time, in UTC", () => {
    assert.equal(snapshotFilename({ name: "Yard" }, 3, time), "Yard_3_20260501-061530.jpg");
  });

  it("stays in its folder, whatever the device is called", () => {
    assert.doesNotMatch(snapshotFilename({ name: "../../etc/fe80::1" }, 3, time), /[/\\:]|^\./);
  });
});

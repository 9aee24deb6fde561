import assert from "node:assert/strict";
import { codeOf, FatalError, RetryableError } from "../../src/lib/errors";
import { eventChannels, readChannels, type Channel, type ChannelOptions } from "../../src/isapi/channels";
import { readDeviceInfo } from "../../src/isapi/device-info";
import { Isapi } from "../../src/isapi/isapi";
import { xml } from "../../src/isapi/xml";
import { dumpFile, dumps, hasDumps, whyNoDumps } from "../support/dumps";
import { say } from "../../src/lib/sentence";
import { FakeClock } from "../support/fake-clock";
import { Dump } from "../virtual-device";
import { FakeHttp, reply, status, type Answer } from "./fake-http";

const INPUTS = "/ISAPI/System/Video/inputs/channels";
const PROXY = "/ISAPI/ContentMgmt/InputProxy/channels";
const STATUS = `${PROXY}/status`;
const STREAMS = "/ISAPI/Streaming/channels";

const OFFLINE = new RetryableError("timeout", say`Slow.`);
const ERROR_500 = status(500, 3, "deviceError");

function input(id: string | number, name: string, more = ""): string {
  return (
    xml`<VideoInputChannel version="2.0"><id>${id}</id><inputPort>${id}</inputPort><name>${name}</name>` +
    more +
    "</VideoInputChannel>"
  );
}
const inputs = (...channels: string[]) =>
  reply(200, `<VideoInputChannelList xmlns="x">${channels.join("")}</VideoInputChannelList>`);

function proxied(id: number, name: string, source = ""): string {
  const from = `<sourceInputPortDescriptor>${source}</sourceInputPortDescriptor>`;
  return xml`<InputProxyChannel version="1.0"><id>${id}</id><name>${name}</name>` + from + "</InputProxyChannel>";
}
const proxies = (...channels: string[]) =>
  reply(200, `<InputProxyChannelList xmlns="x" size="8">${channels.join("")}</InputProxyChannelList>`);

function states(...online: (readonly [id: number, online: string])[]): Answer {
  const each = online.map(
    ([id, on]) => xml`<InputProxyChannelStatus><id>${id}</id><online>${on}</online></InputProxyChannelStatus>`,
  );
  return reply(200, `<InputProxyChannelStatusList>${each.join("")}</InputProxyChannelStatusList>`);
}
const streams = (...ids: number[]) =>
  reply(
    200,
    `<StreamingChannelList>${ids.map((id) => xml`<StreamingChannel><id>${id}</id><channelName>${id}</channelName></StreamingChannel>`).join("")}</StreamingChannelList>`,
  );

async function read(answers: Readonly<Record<string, Answer>>, options?: ChannelOptions) {
  const http = FakeHttp.of(answers);
  return { ...(await readChannels(new Isapi(http), options)), asked: http.paths };
}

const analogue = (...numbers: number[]): Channel[] => numbers.map((number) => ({ number, kind: "analogue" }));
const digital = (...numbers: number[]): Channel[] => numbers.map((number) => ({ number, kind: "digital" }));

describe("readChannels", () => {
  it("reads a camera in two requests", async () => {
    const { channels, incomplete, asked } = await read({ [INPUTS]: inputs(input(1, "Gate")) });
    assert.deepEqual(channels, [{ number: 1, kind: "local", name: "Gate" }]);
    assert.equal(incomplete, undefined);
    assert.deepEqual(asked, [INPUTS, PROXY]);
  });

  it("reads a thermal camera with two lenses", async () => {
    const { channels } = await read({ [INPUTS]: inputs(input(1, "Visible"), input(2, "Heat")) }, { type: "IPCamera" });
    assert.deepEqual(
      channels.map(({ number, kind }) => [number, kind]),
      [
        [1, "local"],
        [2, "local"],
      ],
    );
  });

  it("reads an NVR: names, cameras, and which of them are online", async () => {
    const source =
      "<ipAddress>192.0.2.3</ipAddress><userName>admin</userName><model>DS-2</model><serialNumber>S1</serialNumber><firmwareVersion>V5</firmwareVersion><deviceID/>";
    const { channels, incomplete, asked } = await read({
      [PROXY]: proxies(proxied(3, "Yard"), proxied(1, "Gate & drive", source)),
      [STATUS]: states([1, "true"], [3, "false"]),
    });
    assert.deepEqual(channels, [
      {
        number: 1,
        kind: "digital",
        name: "Gate & drive",
        online: true,
        source: { address: "192.0.2.3", model: "DS-2", serialNumber: "S1", firmware: "V5" },
      },
      { number: 3, kind: "digital", name: "Yard", online: false },
    ]);
    assert.equal(incomplete, undefined);
    assert.deepEqual(asked, [INPUTS, PROXY, STATUS]);
  });

  it("calls no channel offline of which the device does not tell", async () => {
    const { channels } = await read({
      [PROXY]: proxies(proxied(1, "a"), proxied(2, "b"), proxied(3, "c")),
      [STATUS]: states([1, "true"], [2, ""]),
    });
    assert.deepEqual(
      channels.map(({ online }) => online),
      [true, undefined, undefined],
    );
  });

  it("reads a hybrid DVR: inputs with and without picture, then IP cameras", async () => {
    const { channels } = await read({
      [INPUTS]: inputs(
        input(1, "Shop", "<resDesc>2560*1440(4MP)P30</resDesc>"),
        input(2, "Till", "<resDesc>NO VIDEO</resDesc>"),
      ),
      [PROXY]: proxies(proxied(5, "Street")),
      [STATUS]: states([5, "true"]),
    });
    assert.deepEqual(channels, [
      { number: 1, kind: "analogue", name: "Shop", online: true },
      { number: 2, kind: "analogue", name: "Till", online: false },
      { number: 5, kind: "digital", name: "Street", online: true },
    ]);
  });

  it("knows a DVR without IP cameras by its empty list, or by its type", async () => {
    const some = { [INPUTS]: inputs(input(1, "Shop")) };
    assert.equal((await read({ ...some, [PROXY]: proxies() })).channels[0]?.kind, "analogue");
    assert.equal((await read(some, { type: "DVR" })).channels[0]?.kind, "analogue");
    assert.equal((await read(some, { type: "HDVR" })).channels[0]?.kind, "analogue");
  });

  it("reads the input numbers I-1, I-2 of an OEM hybrid DVR", async () => {
    const { channels } = await read({ [INPUTS]: inputs(input("I-1", "a"), input("I-2", "b")), [PROXY]: proxies() });
    assert.deepEqual(
      channels.map(({ number }) => number),
      [1, 2],
    );
  });

  it("leaves out channels without a number, and keeps the rest", async () => {
    const { channels } = await read({
      [INPUTS]: inputs(input("", "a"), input(0, "zero"), input("x", "b"), input(4, "")),
    });
    assert.deepEqual(channels, [{ number: 4, kind: "local" }]);
  });

  it("lists a number once: an IP camera wins over an input", async () => {
    const { channels } = await read({
      [INPUTS]: inputs(input(1, "a"), input(2, "b")),
      [PROXY]: proxies(proxied(2, "c")),
    });
    assert.deepEqual(
      channels.map(({ number, kind }) => [number, kind]),
      [
        [1, "analogue"],
        [2, "digital"],
      ],
    );
  });

  it("falls back to the streams when neither list is there", async () => {
    const { channels, asked } = await read({ [STREAMS]: streams(101, 102, 201, 1601) });
    assert.deepEqual(
      channels,
      [1, 2, 16].map((number) => ({ number, kind: "local" })),
    );
    assert.deepEqual(asked, [INPUTS, PROXY, STREAMS]);
  });

  describe("one failing path does not spoil the rest", () => {
    const camera = { [INPUTS]: inputs(input(1, "Gate")) };
    const nvr = { [PROXY]: proxies(proxied(1, "Gate")), [STATUS]: states([1, "true"]) };
    const cases: [title: string, answers: Record<string, Answer>, incomplete: boolean][] = [
      ["an input list with a 500", { ...nvr, [INPUTS]: ERROR_500 }, true],
      ["an input list cut off", { ...nvr, [INPUTS]: reply(200, "<VideoInputChannelList><VideoInp") }, true],
      ["an input list that is a page", { ...nvr, [INPUTS]: reply(200, "<html></html>") }, false],
      ["an IP camera list that times out", { ...camera, [PROXY]: OFFLINE }, true],
      ["an IP camera list with a 404", { ...camera, [PROXY]: reply(404) }, false],
      ["a status list with a 400", { ...nvr, [STATUS]: status(400, 6, "badParameters") }, false],
      ["a status list with a 500", { ...nvr, [STATUS]: ERROR_500 }, true],
      ["a status list that is JSON", { ...nvr, [STATUS]: reply(200, "{}") }, false],
      ["a missing right", { ...camera, [PROXY]: status(403, 4, "lowPrivilege") }, false],
      ["streams only, all else timed out", { [INPUTS]: OFFLINE, [PROXY]: OFFLINE, [STREAMS]: streams(101) }, true],
      [
        "streams only, all else forbidden",
        { [INPUTS]: reply(403), [PROXY]: reply(403), [STREAMS]: streams(101) },
        false,
      ],
    ];
    for (const [title, answers, incomplete] of cases) {
      it(`${title}; ${incomplete ? "to be asked again" : "for good"}`, async () => {
        const found = await read(answers);
        assert.deepEqual(
          found.channels.map(({ number }) => number),
          [1],
        );
        assert.equal(found.incomplete !== undefined, incomplete);
      });
    }
  });

  describe("when nothing answers", () => {
    it("tells what may pass rather than what will not", async () => {
      await assert.rejects(
        read({ [INPUTS]: status(403, 4, "notSupport"), [PROXY]: OFFLINE }),
        (error: unknown) => error === OFFLINE,
      );
      await assert.rejects(
        read({}),
        (error: unknown) => codeOf(error) === "notSupported" && /list of channels/.test(String(error)),
      );
    });

    it("an empty recorder is no failure", async () => {
      assert.deepEqual((await read({ [PROXY]: proxies() })).channels, []);
    });

    for (const code of ["unauthorized", "locked"] as const) {
      it(`${code} ends it at once: no path would answer otherwise`, async () => {
        await assert.rejects(read({ [INPUTS]: new FatalError(code, say`No.`), [PROXY]: proxies(proxied(1, "a")) }), {
          code,
        });
      });
    }

    it("stops when told, also in the pause of a busy device", async () => {
      const clock = new FakeClock();
      const stop = new AbortController();
      const isapi = new Isapi(new FakeHttp(() => reply(503)), { clock });
      const end = assert.rejects(readChannels(isapi, { signal: stop.signal }), { code: "aborted" });
      await clock.advance(100);
      stop.abort();
      await end;
      await clock.advance(0);
      assert.equal(clock.pending, 0);
    });
  });
});

describe("eventChannels", () => {
  const cases: [title: string, channels: Channel[], pairs: [sent: number, channel: number][]][] = [
    [
      "a camera: as sent",
      [{ number: 1, kind: "local" }],
      [
        [1, 1],
        [33, 33],
      ],
    ],
    [
      "nothing known: as sent",
      [],
      [
        [1, 1],
        [33, 33],
      ],
    ],
    [
      "an NVR that counts from 1",
      digital(1, 2, 3),
      [
        [1, 1],
        [3, 3],
      ],
    ],
    [
      "an NVR that counts from 33",
      digital(1, 2, 3),
      [
        [33, 1],
        [35, 3],
      ],
    ],
    [
      "an NVR with a gap: the number is a place, not a rank",
      digital(1, 2, 4),
      [
        [36, 4],
        [35, 3],
      ],
    ],
    ["an NVR with a camera added since", digital(1, 2), [[40, 8]]],
    [
      "an NVR with 64 channels, where 33 is 33",
      digital(...Array.from({ length: 64 }, (_, i) => i + 1)),
      [
        [32, 32],
        [33, 33],
        [64, 64],
      ],
    ],
    [
      "a hybrid DVR with four inputs: 33 is 5",
      [...analogue(1, 2, 3, 4), ...digital(5, 6)],
      [
        [1, 1],
        [4, 4],
        [5, 5],
        [33, 5],
        [34, 6],
      ],
    ],
    [
      "a hybrid DVR with sixteen inputs and a gap: 35 is 19",
      [...analogue(1, 2, 16), ...digital(17, 19)],
      [
        [16, 16],
        [17, 17],
        [33, 17],
        [35, 19],
      ],
    ],
    ["a recorder that numbers both from 1: 33 is 1", [...analogue(2, 3, 4), ...digital(1)], [[33, 1]]],
    [
      "a DVR without IP cameras: as sent",
      analogue(1, 2, 3, 4),
      [
        [4, 4],
        [33, 33],
      ],
    ],
  ];
  for (const [title, channels, pairs] of cases) {
    it(title, () => {
      const map = eventChannels(channels);
      assert.deepEqual(
        pairs.map(([sent]) => map(sent)),
        pairs.map(([, channel]) => channel),
      );
    });
  }
});

(hasDumps ? describe : describe.skip)(`recorded devices${whyNoDumps}`, () => {
  const expected: Readonly<Record<string, { type: string; channels: string; offline?: number[] }>> = {
    "DS-2CD2346G2-ISU": { type: "IPCamera", channels: "1 local" },
    "DS-2CD2386G2-IU": { type: "IPCamera", channels: "1 local" },
    "DS-2CD2443G0-IW": { type: "IPCamera", channels: "1 local" },
    "DS-2CD2T46G2-ISU": { type: "IPCamera", channels: "1 local" },
    "DS-2CD2T86G2-ISU": { type: "IPCamera", channels: "1 local" },
    "DS-2TD1228-2-QA": { type: "IPCamera", channels: "1 local, 2 local" },
    "DS-7608NXI-I2": { type: "NVR", channels: [1, 2, 3, 4].map((n) => `${n} digital`).join(", ") },
    "DS-7616NI-K2": { type: "NVR", channels: [1, 2, 3, 4, 5, 6].map((n) => `${n} digital`).join(", ") },
    "iDS-7204HUHI-M1": {
      type: "DVR",
      channels: [1, 2, 3, 4].map((n) => `${n} analogue`).join(", "),
      offline: [2, 4],
    },
  };

  /** Answers as the recorded device did. What was not recorded is refused. */
  function replay(model: string): FakeHttp {
    const dump = Dump.read(dumpFile(model));
    return new FakeHttp(({ method, path }) => {
      const { status, body } = dump.answer(method, path) ?? { status: 404, body: "" };
      return reply(status, body);
    });
  }

  it("has all of them", () => {
    assert.deepEqual(dumps(), Object.keys(expected).sort());
  });

  for (const [model, { type, channels, offline = [] }] of Object.entries(expected)) {
    it(`${model} is a ${type} with ${channels}`, async () => {
      const isapi = new Isapi(replay(model));
      const info = await readDeviceInfo(isapi);
      assert.equal(info.type, type);
      assert.equal(info.model?.startsWith(model), true);
      assert.match(info.macAddress ?? "", /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      assert.match(info.firmwareDate ?? "", /^20\d\d-\d\d-\d\d$/);
      const found = await readChannels(isapi, { type: info.type });
      assert.equal(found.channels.map(({ number, kind }) => `${number} ${kind}`).join(", "), channels);
      assert.deepEqual(
        found.channels.flatMap(({ number, online }) => (online === false ? [number] : [])),
        offline,
      );
      assert.ok(found.channels.every(({ name }) => name));
      assert.equal(found.incomplete, undefined);
      const map = eventChannels(found.channels);
      assert.ok(found.channels.every(({ number }) => map(number) === number));
    });
  }
});

import assert from "node:assert/strict";
import { FatalError, RetryableError } from "../../src/lib/errors";
import { parseXml } from "../../src/isapi/xml";
import { readRtspPorts } from "../../src/rtsp/rtsp-ports";
import { say } from "../../src/lib/sentence";

function answering(...protocols: readonly string[]) {
  const list = protocols.map((inner) => `<AdminAccessProtocol>${inner}</AdminAccessProtocol>`).join("");
  return { get: () => Promise.resolve(parseXml(`<AdminAccessProtocolList>${list}</AdminAccessProtocolList>`)) };
}

const protocol = (name: string, port: number, enabled?: boolean): string =>
  `${enabled === undefined ? "" : `<enabled>${enabled}</enabled>`}<protocol>${name}</protocol><portNo>${port}</portNo>`;

describe("the RTSP ports of a device", () => {
  const cases: readonly (readonly [
    what: string,
    protocols: readonly string[],
    plain: number | undefined,
    secure: number | undefined,
  ])[] = [
    ["moved", [protocol("HTTP", 80, true), protocol("RTSP", 10554, true)], 10554, undefined],
    ["without a word whether they are on", [protocol("RTSP", 8554)], 8554, undefined],
    ["SRTP switched off", [protocol("RTSP", 554, true), protocol("SRTP", 322, false)], 554, undefined],
    ["both", [protocol("RTSP", 554, true), protocol("SRTP", 10322, true)], 554, 10322],
    ["SRTP alone", [protocol("RTSP", 554, false), protocol("SRTP", 322, true)], undefined, 322],
    ["not listed", [protocol("HTTP", 80, true)], 554, undefined],
    ["without a number", ["<protocol>RTSP</protocol>"], 554, undefined],
    ["an empty list", [], 554, undefined],
  ];
  for (const [what, protocols, plain, secure] of cases) {
    it(`are found: ${what}`, async () =>
      assert.deepEqual(await readRtspPorts(answering(...protocols)), { plain, secure }));
  }

  it("are an error in words when RTSP is switched off", async () => {
    await assert.rejects(readRtspPorts(answering(protocol("RTSP", 554, false))), {
      code: "notSupported",
      message: /RTSP is switched off.*Switch it on/,
    });
  });

  for (const code of ["forbidden", "notSupported"] as const) {
    it(`are the usual ones where asking is ${code}`, async () => {
      const get = () => Promise.reject(new FatalError(code, say`No.`));
      assert.deepEqual(await readRtspPorts({ get }), { plain: 554, secure: undefined });
    });
  }

  it("are not guessed for a device that is away, or refuses the password", async () => {
    for (const error of [new RetryableError("offline", say`Away.`), new FatalError("unauthorized", say`No.`)]) {
      await assert.rejects(readRtspPorts({ get: () => Promise.reject(error) }), error);
    }
  });
});

import assert from "node:assert/strict";
import { DeviceFacts } from "../../src/isapi/device-facts";
import { FatalError, RetryableError, type HikvisionError } from "../../src/lib/errors";
import { Isapi } from "../../src/isapi/isapi";
import { say } from "../../src/lib/sentence";
import { FakeClock, settle } from "../support/fake-clock";

const INFO = "/ISAPI/System/deviceInfo";
const PROXY = "/ISAPI/ContentMgmt/InputProxy/channels";

function setUp(answers: Record<string, string | HikvisionError>) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const isapi = new Isapi(
    {
      identity: { id: "d", name: "Front", host: "192.0.2.1" },
      request: ({ path }) => {
        asked.push(path);
        const answer = answers[path];
        if (answer instanceof Error) return Promise.reject(answer);
        const [statusCode, body] = answer === undefined ? [403, ""] : [200, answer];
        return Promise.resolve({ statusCode, headers: {}, body: Buffer.from(body) });
      },
      stream: () => Promise.reject(new Error("not asked")),
    },
    { clock },
  );
  return { clock, asked, isapi, answers, facts: new DeviceFacts(isapi, clock) };
}

const info = (type: string): string => `<DeviceInfo><model>DS-1</model><deviceType>${type}</deviceType></DeviceInfo>`;
const proxies = (name: string): string =>
  `<InputProxyChannelList><InputProxyChannel><id>1</id><name>${name}</name></InputProxyChannel></InputProxyChannelList>`;
const never = new AbortController().signal;

describe("device facts", () => {
  it("knows a recorder's channels and their names before the stream opens", async () => {
    const { facts, isapi } = setUp({ [INFO]: info("NVR"), [PROXY]: proxies("Gate") });
    await facts.prepare(never);
    assert.deepEqual([facts.channelOf(33), facts.channelOf(1), facts.nameOf(1)], [1, 1, "Gate"]);
    assert.equal(isapi.model, "DS-1");
  });

  it("does not keep a camera's stream waiting for its channels", async () => {
    const { facts, asked } = setUp({ [INFO]: info("IPCamera") });
    await facts.prepare(never);
    assert.equal(facts.channelOf(33), 33);
    await settle();
    assert.ok(asked.length > 1);
  });

  it("asks for new names every ten minutes, when somebody wants one", async () => {
    const { facts, clock, answers, asked } = setUp({ [INFO]: info("NVR"), [PROXY]: proxies("Gate") });
    await facts.prepare(never);
    const before = asked.length;
    answers[PROXY] = proxies("Yard");
    await clock.advance(599_000);
    assert.equal(facts.nameOf(1), "Gate");
    assert.equal(asked.length, before);
    await clock.advance(2_000);
    facts.nameOf(1);
    await settle();
    assert.equal(facts.nameOf(1), "Yard");
  });

  for (const [title, error] of [
    ["unreachable", new RetryableError("offline", say`Nobody there.`)],
    ["refusing the password", new FatalError("unauthorized", say`Wrong.`)],
    ["not activated", new FatalError("notActivated", say`No password yet.`)],
  ] as const) {
    it(`says that the device is ${title}`, async () => {
      await assert.rejects(setUp({ [INFO]: error }).facts.prepare(never), { code: error.code });
    });
  }

  it("lets the stream open although this user may not see who the device is", async () => {
    await setUp({ [INFO]: new FatalError("forbidden", say`No right.`) }).facts.prepare(never);
  });
});

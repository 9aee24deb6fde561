import assert from "node:assert/strict";
import { FatalError, RetryableError, type HikvisionError } from "../../src/lib/errors";
import type { Notification } from "../../src/events/types";
import type { AlarmOutput } from "../../src/io/output-list";
import { OutputPoller } from "../../src/io/output-poller";
import type { OutputStatus } from "../../src/io/outputs";
import { say } from "../../src/lib/sentence";
import { FakeClock } from "../support/fake-clock";

const REFUSED = new FatalError("notSupported", say`It offers no alarm outputs.`);
const OFFLINE = new RetryableError("offline", say`Gone.`);

function answer<T>(value: T | HikvisionError): Promise<T> {
  return value instanceof Error ? Promise.reject(value) : Promise.resolve(value);
}

function watched(
  listed: readonly AlarmOutput[] = [
    { number: 1, name: "Gate" },
    { number: 301, channel: 3 },
  ],
) {
  const clock = new FakeClock();
  const device = {
    listed: listed as readonly AlarmOutput[] | HikvisionError,
    on: new Set<number>(),
    faults: new Map<number, HikvisionError>(),
    /** How long an answer takes, ms. */
    slowness: 0,
  };
  const asked: number[] = [];
  const emitted: { notification: Notification; receivedAt: number }[] = [];
  const warnings: string[] = [];
  const watch = new OutputPoller({
    outputs: {
      list: () => answer(device.listed),
      status: async (output, signal): Promise<OutputStatus> => {
        asked.push(output);
        if (device.slowness > 0) await clock.wait(device.slowness, signal);
        const fault = device.faults.get(output);
        if (fault) throw fault;
        const state = device.on.has(output) ? "on" : "off";
        return { state, raw: { ioPortID: String(output), ioState: state === "on" ? "active" : "inactive" } };
      },
    },
    nameOf: (channel) => `Camera ${channel}`,
    emit: (notification, receivedAt) => void emitted.push({ notification, receivedAt }),
    warn: (sentence) => void warnings.push(sentence.toString()),
    clock,
    chance: { random: () => 0.5, token: () => "00" },
  });
  /** What was emitted since the last call, as "1 on", and how often was asked. */
  function news(): string {
    const told = emitted.splice(0).map(({ notification: n }) => `${n.outputPort} ${n.active ? "on" : "off"}`);
    return [...told, `(${asked.splice(0).join()})`].join(", ");
  }
  return { clock, device, watch, emitted, warnings, news };
}

describe("polled alarm outputs", () => {
  it("are polled at once and every 5 s, one after the other", async () => {
    const { clock, watch, news } = watched();
    watch.open();
    watch.open();
    await clock.advance(0);
    assert.equal(news(), "(1,301)");
    await clock.advance(4_999);
    assert.equal(news(), "()");
    await clock.advance(1);
    assert.equal(news(), "(1,301)");
    await clock.advance(10_000);
    assert.equal(news(), "(1,301,1,301)");
    watch.close();
    assert.equal(clock.pending, 0);
  });

  it("emit nothing while off, on in every round, and off once", async () => {
    const { clock, device, watch, news } = watched();
    watch.open();
    await clock.advance(10_000);
    assert.equal(news(), "(1,301,1,301,1,301)");
    device.on.add(301);
    await clock.advance(10_000);
    assert.equal(news(), "301 on, 301 on, (1,301,1,301)");
    device.on.clear();
    await clock.advance(10_000);
    assert.equal(news(), "301 off, (1,301,1,301)");
    watch.close();
  });

  it("that are on at the start are emitted", async () => {
    const { clock, device, watch, news } = watched();
    device.on.add(1);
    watch.open();
    await clock.advance(0);
    assert.equal(news(), "1 on, (1,301)");
    watch.close();
  });

  it("are events like any other", async () => {
    const { clock, device, watch, emitted } = watched();
    device.on.add(1).add(301);
    watch.open();
    await clock.advance(0);
    watch.close();
    const shared = {
      type: "IOOutput",
      label: "Alarm output",
      targets: [],
      regions: [],
      heartbeat: false,
      active: true,
      reports: false,
      retransmitted: false,
      endIsReported: true,
      announced: [],
    };
    const receivedAt = clock.now();
    assert.deepEqual(emitted, [
      {
        notification: {
          ...shared,
          channel: null,
          description: "Gate",
          outputPort: 1,
          raw: { ioPortID: "1", ioState: "active" },
        },
        receivedAt,
      },
      {
        notification: {
          ...shared,
          channel: 3,
          channelName: "Camera 3",
          outputPort: 301,
          raw: { ioPortID: "301", ioState: "active" },
        },
        receivedAt,
      },
    ]);
  });

  it("are left alone after close, also in the middle of a round; opened again they start anew", async () => {
    const { clock, device, watch, news } = watched();
    device.on.add(1);
    device.slowness = 100;
    watch.open();
    await clock.advance(50);
    watch.close();
    await clock.advance(60_000);
    assert.equal(news(), "(1)");
    assert.equal(clock.pending, 0);
    watch.open();
    await clock.advance(200);
    assert.equal(news(), "1 on, (1,301)");
    watch.close();
  });

  it("of a device that does not answer are polled ever less often, and then again every 5 s", async () => {
    const { clock, device, watch, news } = watched();
    device.on.add(1);
    watch.open();
    await clock.advance(0);
    news();
    device.faults.set(1, OFFLINE);
    device.on.clear();
    await clock.advance(5_000);
    assert.equal(news(), "(1)");
    await clock.advance(7_499);
    assert.equal(news(), "()");
    await clock.advance(1);
    assert.equal(news(), "(1)");
    await clock.advance(15_000);
    assert.equal(news(), "(1)");
    await clock.advance(600_000);
    news();
    await clock.advance(60_000);
    assert.match(news(), /^\(1(,1)?\)$/);
    device.faults.clear();
    await clock.advance(45_000);
    assert.match(news(), /^1 off, \(1,301(,1,301)*\)$/);
    await clock.advance(10_000);
    assert.equal(news(), "(1,301,1,301)");
    watch.close();
  });

  it("whose state the device refuses are left out until its list is read again", async () => {
    const { clock, device, watch, news, warnings } = watched();
    device.faults.set(301, REFUSED);
    watch.open();
    await clock.advance(5_000);
    assert.equal(news(), "(1,301,1)");
    device.listed = [{ number: 1 }, { number: 301 }];
    device.faults.clear();
    await clock.advance(5_000);
    assert.equal(news(), "(1,301)");
    assert.deepEqual(warnings, []);
    watch.close();
  });

  it("of a recorder come although one camera does not answer; that one is polled later", async () => {
    const { clock, device, watch, news } = watched([
      { number: 1 },
      { number: 301, channel: 3 },
      { number: 401, channel: 4 },
    ]);
    device.on.add(1).add(401);
    device.faults.set(301, new RetryableError("timeout", say`Slow.`));
    watch.open();
    await clock.advance(5_000);
    assert.equal(news(), "1 on, 401 on, 1 on, 401 on, (1,301,401,1,401)");
    watch.close();
  });

  it("whose state cannot be read for the moment are polled in the next round", async () => {
    const { clock, device, watch, news, warnings } = watched([{ number: 1 }]);
    device.on.add(1);
    device.faults.set(1, new RetryableError("protocol", say`Internal error.`));
    watch.open();
    await clock.advance(0);
    device.faults.clear();
    await clock.advance(5_000);
    assert.equal(news(), "1 on, (1,1)");
    assert.deepEqual(warnings, []);
    watch.close();
  });

  it("are not polled one by one when the login is refused", async () => {
    const { clock, device, watch, news } = watched();
    for (const output of [1, 301]) device.faults.set(output, new FatalError("unauthorized", say`Wrong password.`));
    watch.open();
    await clock.advance(0);
    assert.equal(news(), "(1)");
    watch.close();
  });

  const nothing: [title: string, prepare: (device: ReturnType<typeof watched>["device"]) => void, says: RegExp][] = [
    ["offers no list", (device) => (device.listed = REFUSED), /states cannot be read\. It offers no alarm outputs\./],
    ["has none", (device) => (device.listed = []), /states cannot be read\. The device lists no output/],
    [
      "tells no state",
      (device) => device.faults.set(1, REFUSED).set(301, REFUSED),
      /states cannot be read\. The device lists no output/,
    ],
  ];
  for (const [title, prepare, says] of nothing) {
    it(`of a device that ${title} warn once, and are polled every ten minutes`, async () => {
      const { clock, device, watch, news, warnings } = watched();
      prepare(device);
      watch.open();
      await clock.advance(0);
      news();
      await clock.advance(599_999);
      assert.equal(news(), "()");
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, says);
      device.listed = [{ number: 1 }];
      device.faults.clear();
      await clock.advance(1);
      assert.equal(news(), "(1)");
      assert.equal(warnings.length, 1);
      watch.close();
    });
  }
});

import assert from "node:assert/strict";
import { alerts, startVirtualDevice, triggersOf, type VirtualDevice } from ".";
import { linked } from "./linkage";
import type { Model } from "./profile";

describe("virtual device: linkage", () => {
  let device: VirtualDevice;
  const pictures = [{ name: "a", data: Buffer.from([0xff, 0xd8]) }];
  afterEach(() => device.close());

  function sent(alert: Parameters<typeof linked>[1]): number {
    return linked(device, alert)(device.source(false)).length;
  }

  async function without(model: Model, ...ids: string[]): Promise<void> {
    device = await startVirtualDevice({ model });
    for (const trigger of triggersOf(device)) if (ids.includes(trigger.id)) trigger.methods = ["record"];
  }

  it("keeps an event of a channel to itself, with its pictures, and sends all others", async () => {
    await without("nvr", "VMD-2", "tamper-1");
    assert.equal(sent(alerts.motion({ channel: 2 })), 0);
    assert.equal(sent(alerts.motion({ channel: 1 })), 1);
    assert.equal(sent(alerts.tampering()), 0);
    assert.equal(sent(alerts.lineCrossing({ channel: 2 })), 1);
    const both = alerts.together(alerts.motion({ channel: 2, pictures }), alerts.motion({ pictures }));
    assert.equal(sent(both), 2);
    assert.equal(sent(alerts.plain("loitering")), 1);
  });

  it("knows a recorder's channels by the numbers of its alerts, inputs, and its own events", async () => {
    await without("dvr", "VMD-5", "IO-1", "diskfull");
    assert.equal(sent(alerts.motion({ channel: 5 })), 0);
    assert.equal(sent(alerts.motion({ channel: 4 })), 1);
    assert.deepEqual([sent(alerts.alarmInput({ port: 1 })), sent(alerts.alarmInput({ port: 2 }))], [0, 1]);
    assert.deepEqual([sent(alerts.deviceException("diskfull")), sent(alerts.deviceException("diskerror"))], [0, 1]);
  });

  it("goes on with its heartbeats when a loss of video is not sent", async () => {
    await without("camera", "videoloss-1");
    assert.equal(sent(alerts.heartbeat()), 1);
    assert.equal(sent(alerts.videoLoss()), 0);
  });

  it("sends nothing of it over an open stream", async () => {
    await without("camera", "VMD-1");
    assert.equal((await device.emit(alerts.motion())).bytes, 0);
  });
});

import assert from "node:assert/strict";
import { oneTouchOf, status, triggerHabits, triggersOf, type VirtualDeviceOptions } from "../virtual-device";
import { lines, startPair, type Pair } from "./on-device";

describe("arming by the linkage to the surveillance center", () => {
  let pair: Pair;
  const start = async (options: VirtualDeviceOptions = {}): Promise<Pair> => (pair = await startPair(options));
  const methods = (id: string): readonly string[] => triggersOf(pair.virtual).find((one) => one.id === id)!.methods;
  afterEach(() => pair.close());

  it("tells which events are sent, those of the device itself among them, and writes nothing", async () => {
    const { virtual, run, stored, writes } = await start();
    triggersOf(virtual).find(({ id }) => id === "tamper-1")!.methods = ["record"];
    const before = stored();
    const result = await run({ what: "center" });
    assert.deepEqual([result.what, result.armed], ["center", "mixed"]);
    assert.ok(lines(result).includes("1 tamperdetection off"));
    assert.ok(lines(result).includes("device diskfull on"));
    assert.ok(lines(result).includes("1 IO on"));
    assert.deepEqual([stored(), writes()], [before, []]);
  });

  for (const model of ["camera", "nvr", "dvr"] as const)
    it(`takes the entry out and puts it in again on a ${model}, and nothing else`, async () => {
      const { run, stored, writes } = await start({ model });
      const before = stored();
      const command = { what: "center", types: ["VMD", "tamperdetection"], channels: [1] } as const;
      const off = await run({ ...command, action: "off" });
      assert.deepEqual([off.armed, ...lines(off)], [false, "1 VMD on→off", "1 tamperdetection on→off"]);
      assert.deepEqual([methods("VMD-1"), methods("tamper-1")], [["record"], ["record"]]);
      const written = writes().length;
      assert.deepEqual(lines(await run({ ...command, action: "off" })), ["1 VMD off", "1 tamperdetection off"]);
      assert.equal(writes().length, written);
      assert.equal((await run({ ...command, action: "on" })).armed, true);
      assert.deepEqual([...methods("VMD-1")].sort(), ["center", "record"]);
      assert.notEqual(stored(), "");
      assert.equal(before.length, stored().length);
    });

  it("sends the bare trigger where the device ignores that an entry is missing, with the other entries as they were", async () => {
    const { virtual, run } = await start();
    triggerHabits(virtual).echo = true;
    const trigger = triggersOf(virtual).find(({ id }) => id === "VMD-1")!;
    const record = /<EventTriggerNotification>\s*<id>record[^]*?<\/EventTriggerNotification>/.exec(
      trigger.entries,
    )?.[0];
    assert.deepEqual(lines(await run({ what: "center", action: "off", types: ["VMD"] })), ["1 VMD on→off"]);
    assert.equal(trigger.entries.trim(), record);
    const sent = virtual.requests.findLast(({ method }) => method === "PUT");
    assert.ok(sent);
    assert.equal(sent.path, "/ISAPI/Event/triggers/VMD-1");
    assert.match(
      String(sent.body),
      /^<EventTrigger><id>VMD-1<\/id><eventType>VMD<\/eventType><videoInputChannelID>1<\/videoInputChannelID><EventTriggerNotificationList>/,
    );
  });

  it("puts the entries back when one trigger is refused, also where removals are ignored", async () => {
    for (const echo of [false, true]) {
      const { virtual, failure, stored, close } = await start();
      triggerHabits(virtual).echo = echo;
      const before = stored();
      virtual.fail(/triggers\/tamper-1/, status("badParameters"), { method: "PUT" });
      assert.match(
        await failure({ what: "center", action: "off", types: ["VMD", "tamperdetection"] }),
        /^badRequest: Video tampering on channel 1 could not be disarmed: .* has been put back\.$/,
      );
      assert.equal(stored(), before);
      triggersOf(virtual).find(({ id }) => id === "VMD-1")!.methods = ["record"];
      const without = stored();
      triggersOf(virtual).find(({ id }) => id === "tamper-1")!.methods = ["record"];
      assert.match(
        await failure({ what: "center", action: "on", types: ["VMD", "tamperdetection"] }),
        /^badRequest: Video tampering on channel 1 could not be armed/,
      );
      assert.deepEqual(methods("VMD-1"), ["record"]);
      assert.notEqual(without, before);
      await close();
    }
    await start();
  });

  it("takes OK for a failure where the device keeps the entry whatever is sent", async () => {
    const { virtual, failure, run, stored } = await start();
    virtual.fail(/triggers\/VMD-1/, status("ok"), { method: "PUT" });
    const before = stored();
    assert.match(
      await failure({ what: "center", action: "off", types: ["VMD"] }),
      /^protocol: Motion on channel 1 could not be disarmed: The device accepted the change, but did not keep it\./,
    );
    assert.equal(stored(), before);
    const result = await run({ what: "center", action: "off", types: ["VMD"], rollback: false });
    assert.deepEqual(lines(result), ["1 VMD on: protocol"]);
  });

  it("asks for triggers one by one where the device gives no list", async () => {
    const { virtual, run } = await start();
    virtual.fail("/ISAPI/Event/triggers", status("deviceError"));
    assert.deepEqual(lines(await run({ what: "center", action: "off", types: ["VMD", "tamperdetection"] })), [
      "1 VMD on→off",
      "1 tamperdetection on→off",
    ]);
    const all = await run({ what: "center" });
    assert.equal(all.items.length, 7);
    assert.equal(
      virtual.requests.filter(({ path, status: code }) => path.endsWith("/parking-1") && code === 503).length,
      1,
    );
  });

  it("tells a trigger that is not there", async () => {
    const { failure } = await start();
    assert.match(await failure({ what: "center", types: ["parking"] }), /^notSupported: The state of Parking/);
  });
});

describe("a recorder's one-touch disarming", () => {
  let pair: Pair;
  const start = async (options: VirtualDeviceOptions = {}): Promise<Pair> =>
    (pair = await startPair({ model: "nvr", channels: ["Gate", "Yard", "Till"], ...options }));
  afterEach(() => pair.close());

  it("is read, written with one request, and read back; the rest of the document stays", async () => {
    const { virtual, run, writes } = await start();
    assert.deepEqual((await run({ what: "disturb" })).armed, true);
    const off = await run({ what: "disturb", action: "off", channels: [2, 3] });
    assert.deepEqual([off.armed, ...lines(off)], [false, "2 disturb on→off", "3 disturb on→off"]);
    assert.deepEqual([...oneTouchOf(virtual).disturbed], [2, 3]);
    assert.deepEqual(writes(), ["PUT /ISAPI/System/status/disturbParams?format=json"]);
    const body = JSON.parse(String(virtual.requests.findLast(({ method }) => method === "PUT")?.body)) as object;
    assert.deepEqual(body, {
      disturbChannelList: [1, 2, 3].map((channelID) => ({
        channelID,
        disturbEnabled: channelID > 1,
        disturbNotificationList: [{ notificationMethod: "center" }, { notificationMethod: "beep" }],
      })),
    });
    const status = await run({ what: "disturb" });
    assert.deepEqual([status.armed, ...lines(status)], ["mixed", "1 disturb on", "2 disturb off", "3 disturb off"]);
    assert.equal("unverified" in status, false);
    assert.equal((await run({ what: "disturb", action: "on" })).armed, true);
    await run({ what: "disturb", action: "on" });
    assert.equal(writes().length, 2, "nothing is written where nothing changes");
  });

  it("is written and said to be unverified where it cannot be read", async () => {
    const { virtual, run, failure } = await start();
    oneTouchOf(virtual).readable = false;
    const off = await run({ what: "disturb", action: "off" });
    assert.deepEqual([off.armed, off.unverified], [false, true]);
    assert.deepEqual(
      off.items,
      [1, 2, 3].map((channel) => ({ channel, type: "disturb", after: false, changed: true })),
    );
    assert.deepEqual([...oneTouchOf(virtual).disturbed], [1, 2, 3]);
    await run({ what: "disturb", action: "on", channels: [3] });
    assert.deepEqual([...oneTouchOf(virtual).disturbed], [1, 2]);
    assert.equal(
      virtual.requests.findLast(({ method }) => method === "PUT")?.body,
      '{"disturbChannelList":[{"channelID":3,"disturbEnabled":false,"disturbNotificationList":[{"notificationMethod":"center"}]}]}',
    );
    assert.match(await failure({ what: "disturb" }), /^notSupported: The device does not tell the state/);
  });

  it("is put back where the device keeps one channel as it was", async () => {
    const { virtual, run, failure, stored } = await start();
    oneTouchOf(virtual).stubborn.add(2);
    const before = stored();
    assert.match(
      await failure({ what: "disturb", action: "off" }),
      /^protocol: One-touch disarming on channel 2 could not be disarmed: The device said OK/,
    );
    assert.equal(stored(), before);
    const result = await run({ what: "disturb", action: "off", rollback: false });
    assert.deepEqual(
      [result.armed, ...lines(result)],
      ["mixed", "1 disturb on→off", "2 disturb on: protocol", "3 disturb on→off"],
    );
  });

  it("is not there on a camera, and not for a channel that the recorder lacks", async () => {
    const { failure, stored } = await start();
    const before = stored();
    assert.match(await failure({ what: "disturb", action: "off", channels: [1, 9] }), /^notSupported: .* channel 9/);
    assert.equal(stored(), before);
    await pair.close();
    const camera = await start({ model: "camera", channels: ["Door"] });
    assert.match(await camera.failure({ what: "disturb", action: "off" }), /^notSupported: /);
  });
});

import assert from "node:assert/strict";
import { status, type VirtualDeviceOptions } from "../virtual-device";
import { readLeaf } from "../virtual-device/xml";
import { Rig } from "./rig";

const ROOT = "/ISAPI/PTZCtrl/channels/1";

describe("PTZ settings", () => {
  let rig: Rig;
  afterEach(() => rig[Symbol.asyncDispose]());

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    rig = await Rig.start(options);
  }

  const parked = (name: string): string | undefined => readLeaf(rig.head().settings.get("park") ?? "", name);
  const puts = (sent: readonly string[]): readonly string[] => sent.filter((line) => line.startsWith("PUT"));

  describe("park", () => {
    beforeEach(() => start());

    it("reads without values", async () => {
      assert.deepEqual(await rig.run("park"), { enabled: false, seconds: 5, to: "patrol 1" });
      assert.equal(rig.head().settings.size, 0);
    });

    it("writes what is given, and leaves the rest of the document byte for byte", async () => {
      assert.deepEqual(await rig.run("park", { enabled: "true" }), {
        done: "park",
        enabled: true,
        seconds: 5,
        to: "patrol 1",
      });
      const before = rig.head().settings.get("park") ?? "";
      assert.match(before, /<Parktime>5</);
      await rig.run("park", { seconds: 60, to: "preset 3" });
      assert.equal(
        rig.head().settings.get("park"),
        before
          .replace("<Parktime>5<", "<Parktime>60<")
          .replace("<ActionType>patrol<", "<ActionType>preset<")
          .replace("<ActionNum>1<", "<ActionNum>3<"),
      );
      assert.deepEqual(await rig.run("park"), { enabled: true, seconds: 60, to: "preset 3" });
    });

    it("goes to a scan, whose number is 0, and to a preset by its name", async () => {
      assert.deepEqual(await rig.run("park", { to: "AutoScan" }), {
        done: "park",
        enabled: false,
        seconds: 5,
        to: "autoscan",
      });
      assert.deepEqual([parked("ActionType"), parked("ActionNum")], ["autoscan", "0"]);
      await rig.run("setPreset", { preset: 7, name: "Front gate" });
      const { to } = (await rig.run("park", { to: "preset front GATE" })) as { to: string };
      assert.equal(to, "preset 7");
    });

    it("takes no preset that is a command: it would restart again and again", async () => {
      const sent = await rig.refuses("badRequest", /Preset 94 is a command.*confirm: true/s, "park", {
        to: "preset 94",
      });
      assert.deepEqual(puts(sent), []);
      await rig.run("park", { to: "preset 94", confirm: true });
      assert.equal(parked("ActionNum"), "94");
    });

    for (const [values, words] of [
      [{ to: "sleep" }, /"to" is "sleep": give one of "autoscan".*"preset 1"/],
      [{ to: "autotrack" }, /"to" is "autotrack": give one of/],
      [{ to: "preset" }, /"to" is "preset": give one of/],
      [{ to: "autoscan 2" }, /"to" is "autoscan 2"/],
      [{ to: "patrol 0" }, /"patrol" is 0: give a number from 1 to 64/],
      [{ to: "preset Nowhere" }, /no preset "Nowhere"/],
      [{ seconds: 4 }, /"seconds" is 4: give a number from 5 to 720 s/],
      [{ enabled: "maybe" }, /"enabled" is "maybe": give true or false/],
    ] as const) {
      it(`refuses ${JSON.stringify(values)} and writes nothing`, async () => {
        const code = "to" in values && values.to.endsWith("Nowhere") ? "notFound" : "badRequest";
        assert.deepEqual(puts(await rig.refuses(code, words, "park", values)), []);
      });
    }

    it("does without its capabilities", async () => {
      rig.device.fail(`${ROOT}/parkaction/capabilities`, status("notSupport"));
      await rig.run("park", { enabled: true, to: "framescan" });
      assert.equal(parked("ActionType"), "framescan");
    });

    it("says so where the device says OK and keeps its own", async () => {
      rig.head().deaf = true;
      await rig.refuses("badRequest", /said OK, but left Parktime as it was/, "park", { seconds: 30 });
    });
  });

  describe("limits", () => {
    it("read and switch the list's own enabled, not that of a limit in it", async () => {
      await start();
      assert.deepEqual(await rig.run("limits"), { on: false });
      assert.deepEqual(await rig.run("limits", { on: true }), { done: "limits", on: true });
      assert.match(rig.head().settings.get("limits") ?? "", /<\/PTZLimited>\s*<enabled>true<\/enabled>/);
      assert.deepEqual(await rig.run("limits", { on: "false" }), { done: "limits", on: false });
      assert.match(rig.head().settings.get("limits") ?? "", /<id>1<\/id>\s*<enabled>true</);
    });

    it("are refused without a question where the channel says that it has none", async () => {
      await start({ model: "dvr" });
      const sent = await rig.refuses(
        "notSupported",
        /channel 2 has no limits of pan and tilt/,
        "limits",
        {},
        { channel: 2 },
      );
      assert.equal(sent.filter((line) => line.includes("ptzlimiteds")).length, 0);
    });
  });

  describe("autoTrack", () => {
    it("reads and switches it, and leaves the rest", async () => {
      await start();
      assert.deepEqual(await rig.run("autoTrack"), { on: false });
      assert.deepEqual(await rig.run("autoTrack", { on: true }), { done: "autoTrack", on: true });
      assert.match(rig.head().settings.get("tracking") ?? "", /<enabled>true<\/enabled>\s*<trackDuration>300</);
      assert.deepEqual(await rig.run("autoTrack"), { on: true });
    });
  });

  describe("lock", () => {
    it("locks for so long, tells what is left, and unlocks", async () => {
      await start();
      assert.deepEqual(await rig.run("lock"), { secondsLeft: 0 });
      assert.deepEqual(await rig.run("lock", { seconds: 180 }), { done: "lock", seconds: 180 });
      const { secondsLeft } = (await rig.run("lock")) as { secondsLeft: number };
      assert.ok(secondsLeft > 100 && secondsLeft <= 180, String(secondsLeft));
      // Again while it runs: the number is a clock.
      await rig.run("lock", { seconds: 60 });
      await rig.run("lock", { seconds: 0 });
      assert.equal(rig.head().lockedFor, 0);
      await rig.refuses("badRequest", /"seconds" is -1: give a number from 0 to 3600 s/, "lock", { seconds: -1 });
    });

    it("knows its root in either spelling, and remembers it", async () => {
      await start();
      rig.head().words.lock = "LockPTZ";
      await rig.run("lock", { seconds: 10 });
      assert.deepEqual(await rig.sentBy("lock", { seconds: 20 }), [`PUT ${ROOT}/lockPTZ`]);
      assert.deepEqual(await rig.run("lock", { seconds: 0 }), { done: "lock", seconds: 0 });
    });
  });

  describe("track", () => {
    const box = { x: 0.2, y: 0.1, width: 0.4, height: 0.5 };

    it("follows a point or a box, counted from the lower left", async () => {
      await start();
      assert.deepEqual(await rig.run("track", { x: 0.2, y: "0.1" }), { done: "track", x: 0.2, y: 0.1 });
      assert.deepEqual(rig.head().tracked, [51, 230]);
      assert.deepEqual(await rig.run("track", { box, x: 0.9, y: 0.9 }), { done: "track", box });
      assert.deepEqual(rig.head().tracked, [51, 230, 153, 102]);
    });

    it("refuses half a point, a point outside and nothing", async () => {
      await start();
      const sent = await rig.refuses("badRequest", /Give a point as "x" and "y", or "box"/, "track");
      assert.deepEqual(puts(sent), []);
      await rig.refuses("badRequest", /"y" is missing: give a number from 0 to 1/, "track", { x: 0.5 });
      await rig.refuses("badRequest", /"x" is 128/, "track", { x: 128, y: 128 });
      await rig.refuses("badRequest", /"box" is empty/, "track", { box: { ...box, width: 0 } });
    });

    it("is refused where the channel says that it cannot, and asked for where it says nothing", async () => {
      await start({ model: "dvr" });
      const point = { x: 0.5, y: 0.5 };
      const sent = await rig.refuses("notSupported", /channel 2 cannot follow a target/, "track", point, {
        channel: 2,
      });
      assert.equal(sent.filter((line) => line.includes("ManualTrace")).length, 0);
      const asked = await rig.refuses("notSupported", /does not offer this PTZ function/, "track", point, {
        channel: 5,
      });
      assert.ok(asked.some((line) => line.includes("ManualTrace")));
    });

    it("does not depend on capabilities that cannot be read", async () => {
      await start();
      rig.device.fail(`${ROOT}/capabilities`, status("deviceError"));
      await rig.run("track", { x: 0, y: 1 });
      assert.deepEqual(rig.head().tracked, [0, 0]);
    });
  });

  it("focuses on a region, in thousandths from the lower left", async () => {
    await start();
    const box = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };
    assert.deepEqual(await rig.run("regionFocus", { box }), { done: "regionFocus", box });
    assert.deepEqual(rig.head().focusedOn, [400, 600, 600, 400]);
    await rig.refuses("badRequest", /"box" is missing/, "regionFocus");
  });

  for (const [action, values] of [
    ["park", {}],
    ["park", { enabled: true }],
    ["limits", {}],
    ["autoTrack", { on: true }],
    ["lock", { seconds: 5 }],
    ["regionFocus", { box: { x: 0, y: 0, width: 1, height: 1 } }],
  ] as const) {
    it(`says in words which model has none of it: ${action} ${JSON.stringify(values)}`, async () => {
      await start({ model: "nvr" });
      await rig.refuses("notSupported", /^VN-\S+ does not offer this PTZ function on channel 3/, action, values, {
        channel: 3,
      });
    });
  }

  describe("the wiper", () => {
    it("has a path of its own where the device lists only others", async () => {
      await start();
      rig.head().words.wiper = "Wiper";
      assert.deepEqual(await rig.run("aux", { aux: "wiper", on: true }), { done: "aux", aux: "wiper", on: true });
      assert.deepEqual(Object.fromEntries(rig.head().aux), { WIPER: true });
      assert.equal(puts(rig.sent()).join(), `PUT ${ROOT}/Wiper`);
    });

    it("is tried there, too, where the device lists nothing", async () => {
      await start();
      rig.head().words.wiper = "Wiper";
      rig.device.fail(`${ROOT}/auxcontrols`, status("notSupport"), { method: "GET" });
      rig.device.fail(`${ROOT}/auxcontrols/1`, status("notSupport"));
      await rig.run("aux", { aux: "wiper", on: true });
      assert.equal(rig.head().aux.get("WIPER"), true);
    });
  });
});

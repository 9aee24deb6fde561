import assert from "node:assert/strict";
import { AbortedError } from "../../src/lib/errors";
import { Dump, PAGES, status } from "../virtual-device";
import { isLit, lightOf } from "../virtual-device/services/deterrent";
import { dumpFile, dumps, hasDumps, whyNoDumps } from "../support/dumps";
import { until } from "../support/until";
import { Rig } from "./rig";

/** Longer than any test. */
const LONG = { duration: 80_000 };

describe("a white light", () => {
  it("shines in night mode with the brightness, and all is byte for byte as before after its time", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    const lit = rig.run("light", { brightness: "80", duration: "30" });
    await until(() => isLit(rig.device), "light");
    const { light, filter } = lightOf(rig.device);
    assert.match(light, /RegulatMode>manual<\/mixed.*\s*<whiteLightBrightness>80</);
    assert.match(light, /<EventIntelligenceModeCfg>\s*<brightnessRegulatMode>auto<.*\s*<whiteLightBrightness>33</);
    assert.match(filter, /<IrcutFilterType>night</);
    const { result } = await lit;
    const { seconds, ...rest } = result as { seconds: number };
    assert.deepEqual(rest, { done: "light", brightness: 80 });
    assert.ok(seconds > 29, String(seconds));
    assert.deepEqual(rig.documents, before);
    assert.deepEqual(rig.phases, ["on"]);
  });

  it("stays without a time until a stop, which is told when there is nothing to stop, too", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    assert.deepEqual(await rig.run("light", { brightness: 40 }), { result: { done: "light", brightness: 40 } });
    assert.ok(isLit(rig.device));
    assert.deepEqual(await rig.run("stop"), { result: { done: "stop" } });
    assert.deepEqual(rig.documents, before);
    const { length } = rig.writesDone;
    assert.deepEqual(await rig.run("stop"), { result: { done: "stop" } });
    assert.equal(rig.writesDone.length, length);
  });

  it("is put back to what it was before the first of several commands, also over a deploy", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    const first = rig.run("light", { brightness: 10, ...LONG });
    await until(() => isLit(rig.device), "light");
    await rig.run("light", { brightness: 90 });
    assert.ok(
      ((await first).result as { seconds: number }).seconds < LONG.duration,
      "the later one took the light over",
    );
    assert.match(lightOf(rig.device).light, />90</);
    rig.deployed();
    await rig.run("light", { brightness: 70 });
    assert.deepEqual(await rig.run("stop"), { result: { done: "stop" } });
    assert.deepEqual(rig.documents, before);
  });

  it("goes by what somebody has set meanwhile", async () => {
    await using rig = await Rig.start();
    await rig.run("light");
    const state = lightOf(rig.device);
    state.light = state.light.replace(/Mode>colorVuWhiteLight</, "Mode>close<");
    const changed = rig.documents;
    await rig.run("light", { duration: 10 });
    assert.deepEqual(rig.documents, changed);
  });

  it("goes off at a stop although changes wait for the device, and one that begins does not go on", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    const lit = rig.run("light", LONG);
    await until(() => isLit(rig.device), "light");
    let release = (): void => undefined;
    const others = new Promise<void>((resolve) => (release = resolve));
    const held = rig.writes.run(() => others);
    await rig.run("stop");
    assert.equal(isLit(rig.device), false);
    assert.deepEqual(rig.documents, before);
    release();
    await held;
    assert.equal(((await lit).result as { done?: string }).done, "light");

    rig.device.fail(/supplementLight$/, { kind: "slow", ms: 80 }, { method: "PUT", times: 1 });
    const { length } = rig.writesDone;
    const beginning = rig.run("light", LONG);
    await until(() => rig.writesDone.length > length, "a write under way");
    await rig.run("stop");
    assert.equal(((await beginning).result as { seconds: number }).seconds, 0);
    assert.deepEqual(rig.documents, before);
  });

  it("is put back when its node goes, and when the device is closed; without a time it stays", async () => {
    for (const end of ["node", "device"] as const) {
      await using rig = await Rig.start();
      const before = rig.documents;
      const lit = rig.run("light", LONG);
      await until(() => isLit(rig.device), "light");
      if (end === "node") rig.life.abort(new AbortedError());
      else rig.deterrents.stop();
      assert.equal((await lit).code, "aborted");
      assert.deepEqual(rig.documents, before, end);
    }
    await using rig = await Rig.start();
    await rig.run("light");
    rig.deterrents.stop();
    await Promise.all(rig.beforeClose);
    assert.ok(isLit(rig.device));
  });

  it("is put back when everything is closed while two commands have it", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    const first = rig.run("light", LONG);
    await until(() => isLit(rig.device), "light");
    rig.device.fail(/(supplementLight|IrcutFilter)$/, { kind: "slow", ms: 40 });
    const second = rig.run("light", { brightness: 5, ...LONG });
    await until(() => /RegulatMode>manual<\/mixed.*\s*<whiteLightBrightness>5</.test(lightOf(rig.device).light), "dim");
    rig.life.abort(new AbortedError());
    await Promise.all([first, second]);
    assert.deepEqual(rig.documents, before);
  });

  it("leaves all as it was where the camera refuses a part of it", async () => {
    for (const part of [/supplementLight$/, /IrcutFilter$/]) {
      await using rig = await Rig.start();
      const before = rig.documents;
      rig.device.fail(part, status("invalidOperation"), { method: "PUT" });
      assert.equal((await rig.run("light", LONG)).code, "notSupported");
      assert.deepEqual(rig.documents, before);
      assert.deepEqual(await rig.run("stop"), { result: { done: "stop" } });
    }
  });

  it("that a schedule holds is told, and all is as before", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    lightOf(rig.device).scheduled = true;
    const { code, text } = await rig.run("light", LONG);
    assert.equal(code, "badRequest");
    assert.match(text ?? "", /said OK and left "supplementLightMode" at "irLight"/);
    // The brightness was taken, and put back.
    assert.deepEqual(rig.documents, before);
  });

  it("that cannot be put back is told and tried again, and a stop does it later", async () => {
    await using rig = await Rig.start();
    const before = rig.documents;
    const lit = rig.run("light", { duration: 20 });
    await until(() => isLit(rig.device), "light");
    const broken = rig.device.fail(/supplementLight$/, status("deviceError"), { method: "PUT" });
    const { code, text } = await lit;
    assert.equal(code, "protocol");
    assert.match(text ?? "", /^The white light of channel 1 may be left on\. /);
    assert.equal(broken.hits, 4);
    broken.lift();
    await rig.run("stop");
    assert.deepEqual(rig.documents, before);
  });

  it("is called and spelled as the firmware has it", async () => {
    await using rig = await Rig.start();
    const state = lightOf(rig.device);
    state.spelling = { light: "SupplementLight", filter: "ircutFilter" };
    state.modes = "mixed,whitelight,close";
    state.light = state.light.replace(/Mode>irLight</, "Mode>mixed<");
    const before = rig.documents;
    await rig.run("light");
    assert.match(state.light, /supplementLightMode>whitelight</);
    assert.ok(isLit(rig.device));
    await rig.run("stop");
    assert.deepEqual(rig.documents, before);
  });

  it("goes by the mode that is set where the camera keeps its capabilities to itself", async () => {
    await using rig = await Rig.start();
    rig.device.fail(/capabilities$/, PAGES.html404);
    await rig.run("light");
    assert.ok(isLit(rig.device));
  });

  it("whose brightness is told only while it is set by hand gets it, and has the old one back", async () => {
    await using rig = await Rig.start();
    const state = lightOf(rig.device);
    state.hidesLevel = true;
    state.light = state.light.replace(/(<\/mixedLight.*\s)<whiteLightBrightness>55<.*\s/, "$1");
    const before = rig.documents;
    assert.deepEqual(await rig.run("light", { brightness: 15 }), { result: { done: "light", brightness: 15 } });
    assert.ok(isLit(rig.device));
    await rig.run("stop");
    assert.equal(state.light.replace("<whiteLightBrightness>55</whiteLightBrightness>\n", ""), before[0]);
  });

  it("is not there where the camera has infrared only, or another kind of light", async () => {
    await using rig = await Rig.start();
    const state = lightOf(rig.device);
    state.modes = "irLight,close";
    const infrared = await rig.run("light");
    assert.equal(infrared.code, "notSupported");
    assert.match(infrared.text ?? "", /Its light can be irLight, close\./);
    state.light = state.light.replace(/supplementLightMode/g, "mode");
    rig.device.fail(/capabilities$/, PAGES.html404);
    assert.equal((await rig.run("light")).code, "notSupported");
    assert.deepEqual(rig.writesDone, []);
  });

  it("has bounds", async () => {
    await using rig = await Rig.start();
    for (const values of [
      { brightness: 0 },
      { brightness: 101 },
      { duration: 0 },
      { duration: 90_000 },
      { duration: "x" },
    ])
      assert.equal((await rig.run("light", values)).code, "badRequest", JSON.stringify(values));
    assert.deepEqual(rig.writesDone, []);
  });

  it("is on, off, or not known from its settings", async () => {
    await using rig = await Rig.start();
    const state = lightOf(rig.device);
    const told = async (): Promise<unknown> => (await rig.run("status")).result;
    assert.deepEqual(await told(), { light: "off", playing: false });
    await rig.run("light");
    assert.deepEqual(await told(), { light: "on", playing: false });
    const { filter } = state;
    state.filter = filter.replace("night", "auto");
    assert.deepEqual(await told(), { light: "unknown", playing: false });
    state.filter = filter.replace("night", "day");
    assert.deepEqual(await told(), { light: "off", playing: false });
    state.filter = filter;
    state.light = state.light.replace(/(<\/mixed.*\s*<whiteLightBrightness>)100/, "$10");
    assert.deepEqual(await told(), { light: "off", playing: false });
    const siren = rig.run("siren", { sound: 1, times: 50 });
    await until(() => rig.phases.includes("playing"), "a clip");
    assert.deepEqual(await told(), { light: "off", playing: true });
    await rig.run("stop");
    await siren;
    await new Promise((resolve) => setTimeout(resolve, 100));
    rig.device.fail(/[sS]upplementLight/, status("notSupport"));
    assert.deepEqual(await told(), { playing: false });
  });

  if (!hasDumps) it(`is not claimed of recorded devices without one${whyNoDumps}`);
  else
    for (const model of dumps())
      it(`is not claimed of a recorded ${model}, which has none`, async () => {
        await using rig = await Rig.start({ dump: Dump.read(dumpFile(model)) });
        for (const action of ["siren", "light", "list", "status"])
          assert.equal((await rig.run(action)).code, "notSupported", action);
        assert.deepEqual(rig.writesDone, []);
      });
});

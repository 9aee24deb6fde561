import assert from "node:assert/strict";
import { AbortedError } from "../../src/lib/errors";
import type { Sentence } from "../../src/lib/sentence";
import { status } from "../virtual-device";
import { audioAlarmOf } from "../virtual-device/services/deterrent";
import { until } from "../support/until";
import { Rig } from "./rig";

const NOTE = "A clip cannot be cut off: it ends by itself after about 5 s.";

/** Of a camera whose uploaded clip is set. */
const CUSTOM =
  '{ "AudioAlarm": {\n "audioClass": "customAudio", "audioID": 1,\n "customAudioID": 1, "alertAudioID": 6, "audioVolume": 70, "alarmTimes": 2 } }\n';

describe("a siren", () => {
  it("is listed with the camera's own ids and texts, commas and all, of newer and older firmware", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    const expected = [
      { id: 1, name: "Siren", kind: "siren" },
      { id: 2, name: "Warning,this is a restricted area", kind: "voice" },
      { id: 6, name: "Attention please.The area is under surveillance", kind: "voice" },
      { id: 10, name: "(Siren)&Danger,please keep away", kind: "siren" },
      { id: 11, name: "Audio Warning", kind: "siren" },
    ];
    assert.deepEqual(await rig.run("list"), { result: expected });
    audio.family = "old";
    audio.uploaded = [{ id: 1, name: "Go home" }];
    rig.deployed();
    assert.deepEqual(await rig.run("list"), { result: [...expected, { id: 1, name: "Go home", kind: "custom" }] });
  });

  it("plays by id, by name in any letter case, and by default the camera's siren", async () => {
    await using rig = await Rig.start();
    for (const [sound, name] of [
      [2, "Warning,this is a restricted area"],
      ["10", "(Siren)&Danger,please keep away"],
      ["(siren)&danger,PLEASE keep away", "(Siren)&Danger,please keep away"],
      [undefined, "Siren"],
    ]) {
      const { result } = await rig.run("siren", { sound });
      assert.equal((result as { sound?: string }).sound, name);
    }
    assert.deepEqual(audioAlarmOf(rig.device).played, ["2", "10", "10", "1"]);
    assert.ok(rig.writesDone.every((path) => path.endsWith("/test")));
  });

  it("is over after about five seconds, which is told", async () => {
    await using rig = await Rig.start();
    const { result } = await rig.run("siren", { sound: 1 });
    const { seconds, ...rest } = result as { seconds: number };
    assert.deepEqual(rest, { done: "siren", sound: "Siren" });
    // A timer may come a millisecond early, which is a tenth of a second here.
    assert.ok(seconds > 4.5, String(seconds));
    assert.deepEqual(rig.phases, ["playing"]);
  });

  it("plays several times one after the other, also where a clip is longer than usual", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    audio.clipMs = 75;
    const { result } = await rig.run("siren", { sound: 1, times: "3" });
    assert.deepEqual(audio.played, ["1", "1", "1"]);
    assert.ok((result as { seconds: number }).seconds > 14);
    // Refused while one was still heard, and tried again: nothing was played twice.
    assert.ok(rig.writesDone.length > 3);
  });

  it("is busy while another clip plays, ours or somebody else's: a 403 that is no missing right", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    audio.playing = true;
    const foreign = await rig.run("siren", { sound: 1 });
    assert.deepEqual([foreign.code, foreign.text], ["busy", "A clip is still playing. Try again when it is over."]);
    assert.equal(rig.writesDone.length, 1, "never repeated");
    audio.playing = false;
    const first = rig.run("siren", { sound: 1, times: 2 });
    assert.equal((await rig.run("siren", { sound: 2 })).code, "busy");
    assert.equal((await first).code, undefined);
    assert.deepEqual(audio.played, ["1", "1"]);
  });

  it("is not played again when the answer is lost", async () => {
    for (const fault of [{ kind: "truncate", bytes: 5 }, { kind: "reset" }] as const) {
      await using rig = await Rig.start();
      rig.device.fail(/\/test/, fault);
      const { code } = await rig.run("siren", { sound: 1, times: 3 });
      assert.ok(code === "offline" || code === "protocol", code);
      assert.ok(audioAlarmOf(rig.device).played.length <= 1);
      assert.equal(rig.writesDone.length, 1);
    }
  });

  it("ends at a stop: nothing follows, and it says that the clip ends by itself", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    const playing = rig.run("siren", { sound: 1, times: 50 });
    await until(() => audio.playing, "the first clip");
    const { result } = await rig.run("stop");
    const { done, note } = result as { done: string; note?: Sentence };
    assert.deepEqual([done, note?.toString()], ["stop", NOTE]);
    assert.ok(((await playing).result as { seconds: number }).seconds < 200);
    const { length } = audio.played;
    await until(() => !audio.playing, "silence");
    assert.equal(audio.played.length, length);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(await rig.run("stop"), { result: { done: "stop" } });
  });

  it("ends at a redeploy, and does not survive it", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    const playing = rig.run("siren", { sound: 1, times: 50 });
    await until(() => audio.playing, "the first clip");
    rig.life.abort(new AbortedError());
    assert.equal((await playing).code, "aborted");
    const { length } = audio.played;
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(audio.played.length, length);
  });

  it("has the class that fits while it plays, and the settings byte for byte as before when it is over", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    audio.document = CUSTOM;
    audio.uploaded = [{ id: 1, name: "Go home" }];
    const playing = rig.run("siren", { sound: "Siren", times: 2 });
    await until(() => audio.playing, "the clip");
    const { AudioAlarm: during } = JSON.parse(audio.document) as { AudioAlarm: object };
    assert.deepEqual(during, {
      audioClass: "alertAudio",
      audioID: 1,
      customAudioID: 1,
      alertAudioID: 1,
      audioVolume: 70,
      alarmTimes: 2,
    });
    await playing;
    assert.deepEqual(audio.played, ["1", "1"], "not the uploaded one");
    assert.equal(audio.document, CUSTOM);
  });

  it("plays an uploaded clip with the class for it, and puts back what that changed", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    const [before] = [audio.document];
    audio.uploaded = [{ id: 3, name: "Go home" }];
    const { result, text } = await rig.run("siren", { sound: "go home" });
    assert.equal((result as { sound?: string } | undefined)?.sound, "Go home", text);
    assert.deepEqual(audio.played, ["custom 3"]);
    assert.equal(audio.document, before);
  });

  it("puts the settings back at a stop when the clip is over, and at close at once", async () => {
    for (const end of ["stop", "close"] as const) {
      await using rig = await Rig.start();
      const audio = audioAlarmOf(rig.device);
      audio.document = CUSTOM;
      const playing = rig.run("siren", { sound: 1, times: 9 });
      await until(() => audio.playing, "the clip");
      if (end === "stop") {
        await rig.run("stop");
        assert.notEqual(audio.document, CUSTOM, "the clip still plays");
      } else rig.deterrents.stop();
      await playing;
      assert.equal(audio.document, CUSTOM, end);
      assert.equal(audio.played.length, 1);
    }
  });

  it("leaves what somebody else has changed meanwhile", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    audio.document = CUSTOM;
    const playing = rig.run("siren", { sound: 2 });
    await until(() => audio.playing, "the clip");
    audio.document = audio.document.replace('"audioVolume":70', '"audioVolume":20');
    await playing;
    assert.deepEqual((JSON.parse(audio.document) as { AudioAlarm: object }).AudioAlarm, {
      ...(JSON.parse(CUSTOM) as { AudioAlarm: object }).AudioAlarm,
      audioVolume: 20,
    });
  });

  it("does not play where the camera says OK and keeps the class, or refuses the clip: all is as before", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    audio.document = CUSTOM;
    audio.keepsClass = true;
    const kept = await rig.run("siren", { sound: 1 });
    assert.equal(kept.code, "notSupported");
    assert.match(kept.text ?? "", /"customAudio", with which it would play another clip/);
    audio.keepsClass = false;
    rig.device.fail(/\/test/, status("deviceError"));
    assert.equal((await rig.run("siren", { sound: 1 })).code, "protocol");
    assert.deepEqual([audio.document, audio.played], [CUSTOM, []]);
  });

  it("that is not on the camera is told with those that are, and nothing is sent", async () => {
    await using rig = await Rig.start();
    const unknown = await rig.run("siren", { sound: "Horn" });
    assert.equal(unknown.code, "notFound");
    assert.match(unknown.text ?? "", /The device has 1 "Siren", 2 "Warning,this is a restricted area", 6/);
    assert.equal((await rig.run("siren", { sound: 99 })).code, "notFound");
    assert.equal((await rig.run("siren", { sound: { id: 1 } })).code, "badRequest");
    for (const times of [0, 51, 1.5, "often"])
      assert.equal((await rig.run("siren", { sound: 1, times })).code, "badRequest", String(times));
    assert.deepEqual(rig.writesDone, []);
  });

  it("plays by id where the camera keeps its list to itself", async () => {
    await using rig = await Rig.start();
    const audio = audioAlarmOf(rig.device);
    audio.listed = false;
    assert.equal(((await rig.run("siren", { sound: "11" })).result as { sound: number }).sound, 11);
    assert.equal((await rig.run("siren", { sound: "Siren" })).code, "notFound");
    assert.equal((await rig.run("siren")).code, "badRequest");
    assert.deepEqual(audio.played, ["11"]);
  });

  it("is no part of a DVR", async () => {
    await using rig = await Rig.start({ model: "dvr" });
    for (const action of ["siren", "list", "light", "status"])
      assert.equal((await rig.run(action)).code, "notSupported", action);
    assert.deepEqual(rig.writesDone, []);
  });

  it("of a camera behind a recorder is not supported, with the camera's own address", async () => {
    await using rig = await Rig.start({ model: "nvr" });
    for (const action of ["siren", "light", "list", "status", "stop"]) {
      const { code, text } = await rig.run(action, {}, rig.life.signal, 3);
      assert.equal(code, "notSupported", action);
      assert.match(
        text ?? "",
        /^Channel 3 is a camera behind a recorder.* own address, \d+\.\d+\.\d+\.\d+: add it as a device/,
      );
    }
    assert.deepEqual(rig.writesDone, []);
  });

  it("is an action that there is", async () => {
    await using rig = await Rig.start();
    const { code, text } = await rig.run("dance");
    assert.deepEqual([code, text], ["badRequest", '"dance" is no action: give siren, light, stop, list, status.']);
    assert.equal(rig.device.requests.length, 0);
  });
});

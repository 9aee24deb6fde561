import assert from "node:assert/strict";
import { PTZ_ACTIONS } from "../../src/ptz/ptz";
import { headsOf, serialPortsOf, status, type VirtualDeviceOptions } from "../virtual-device";
import { until } from "../support/until";
import { Rig, waits } from "./rig";

/** A channel of each path family. */
const FAMILIES: readonly (readonly [title: string, options: VirtualDeviceOptions, channel: number, denied?: true])[] = [
  ["a camera", { model: "camera" }, 1],
  ["a DVR's coaxial input", { model: "dvr" }, 2],
  ["a DVR's IP channel", { model: "dvr" }, 5],
  ["an NVR's channel", { model: "nvr" }, 3],
  ["an NVR that denies its proxy", { model: "nvr" }, 3, true],
];

describe("PTZ", () => {
  let rig: Rig;
  afterEach(() => rig[Symbol.asyncDispose]());

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    rig = await Rig.start(options);
  }

  for (const [title, options, channel, denied = false] of FAMILIES) {
    describe(`of ${title}`, () => {
      const at = { channel };
      beforeEach(async () => {
        await start(options);
        headsOf(rig.device).proxyDenied = denied;
      });

      it("moves, zooms and stops", async () => {
        const head = rig.head(channel);
        assert.deepEqual(await rig.run("move", { pan: -40, zoom: "10" }, at), {
          done: "move",
          pan: -40,
          tilt: 0,
          zoom: 10,
        });
        assert.equal(head.moving, true);
        assert.deepEqual(await rig.run("stop", {}, at), { done: "stop" });
        assert.equal(head.moving, false);
        assert.notEqual(head.position.azimuth, 900);
      });

      it("moves for a while", async () => {
        const head = rig.head(channel);
        const done = rig.run("move", { pan: 100, duration: 2 }, at);
        await rig.run("status", {}, at).catch(() => undefined);
        assert.deepEqual(await done, { done: "move", pan: 100, tilt: 0, zoom: 0, duration: 2 });
        assert.equal(head.moving, false);
        assert.ok(head.position.azimuth > 900);
      });

      it("moves for a duration that the device ends itself", async () => {
        const sent = await rig.sentBy("momentary", { tilt: 50, duration: 0.4 }, at);
        assert.equal(sent.filter((line) => line.includes("continuous")).length, 0);
        assert.match(rig.device.requests.at(-1)?.body ?? "", /<Momentary><duration>400</);
      });

      it("keeps presets: sets, lists, goes to, renames, deletes", async () => {
        const head = rig.head(channel);
        await rig.run("setPreset", { preset: 2, name: "Gate & yard" }, at);
        await rig.run("setPreset", { preset: 1 }, at);
        assert.deepEqual(await rig.run("listPresets", {}, at), [
          { preset: 1, name: "Preset 1" },
          { preset: 2, name: "Gate & yard" },
        ]);
        await rig.run("move", { pan: 100, duration: 1 }, at);
        const turned = head.position.azimuth;
        assert.deepEqual(await rig.run("gotoPreset", { preset: "gate & YARD" }, at), { done: "gotoPreset", preset: 2 });
        assert.equal(head.moving, true);
        assert.notEqual(turned, 900);
        assert.deepEqual(await rig.run("setPreset", { preset: "Gate & yard", name: "Gate" }, at), {
          done: "setPreset",
          preset: 2,
          name: "Gate",
        });
        await rig.run("deletePreset", { preset: 1 }, at);
        assert.deepEqual(await rig.run("listPresets", {}, at), [{ preset: 2, name: "Gate" }]);
      });

      it("keeps patrols: defines, lists, starts, pauses, stops, deletes; seconds in, seconds out", async () => {
        const steps = [
          { preset: 1, seconds: 10, speed: 20 },
          { preset: 2, seconds: 5.5, speed: 40 },
        ];
        // A camera counts whole seconds.
        const kept =
          options.model === "camera" ? steps.map((step) => ({ ...step, seconds: Math.round(step.seconds) })) : steps;
        await rig.run("setPatrol", { patrol: 3, name: "Round", steps }, at);
        assert.deepEqual(await rig.run("listPatrols", {}, at), [
          { patrol: 3, name: "Round", enabled: true, steps: kept },
        ]);
        const { patrols } = rig.head(channel);
        for (const [action, state] of [
          ["startPatrol", "running"],
          ["pausePatrol", "paused"],
          ["stopPatrol", "stopped"],
        ] as const) {
          assert.deepEqual(await rig.run(action, { patrol: 3 }, at), { done: action, patrol: 3 });
          assert.equal(patrols.get(3)?.state, state);
        }
        await rig.run("deletePatrol", { patrol: 3 }, at);
        assert.deepEqual(await rig.run("listPatrols", {}, at), []);
      });

      it("keeps patterns: records, runs, stops, deletes, whatever the word for run", async () => {
        const { patterns } = rig.head(channel);
        const states = [];
        for (const action of ["startPatternRecording", "stopPatternRecording", "runPattern", "stopPattern"]) {
          assert.deepEqual(await rig.run(action, { pattern: 2 }, at), { done: action, pattern: 2 });
          states.push(patterns.get(2));
        }
        assert.deepEqual(states, ["recording", "recorded", "running", "recorded"]);
        await rig.run("deletePattern", { pattern: 2 }, at);
        assert.equal(patterns.size, 0);
      });

      it("turns the lens for a while and stops it", async () => {
        const head = rig.head(channel);
        for (const lens of ["focus", "iris"] as const) {
          const done = rig.run(lens, { speed: -60, duration: 2 }, at);
          await until(() => head[lens] !== 0, "the lens turns");
          assert.equal(head[lens], -60);
          assert.deepEqual(await done, { done: lens, speed: -60, duration: 2 });
          assert.equal(head[lens], 0);
        }
      });

      it("pans on, by its own command or by preset 99 and 96", async () => {
        const head = rig.head(channel);
        await rig.run("autoPan", { speed: 30 }, at);
        assert.ok(head.autoPan > 0);
        await rig.run("autoPan", { speed: 0 }, at);
        assert.equal(head.autoPan, 0);
      });

      it("needs one request per command, once its path is known", async () => {
        await rig.run("setPreset", { preset: 1 }, at);
        const commands = [
          ["move", { pan: 20 }],
          ["stop", {}],
          ["gotoPreset", { preset: 1 }],
          ["gotoPreset", { preset: "Preset 1" }],
          ["startPatternRecording", { pattern: 1 }],
        ] as const;
        for (const [action, values] of commands) await rig.run(action, values, at);
        for (const [action, values] of commands) {
          assert.equal((await rig.sentBy(action, values, at)).length, 1, action);
        }
        assert.ok(
          rig.device.requests.every(({ credentials }, i) => credentials || i < 3),
          "a login per command",
        );
      });
    });
  }

  describe("of a dome", () => {
    beforeEach(() => start());

    it("moves by parts of the picture, in the steps that it reports", async () => {
      const done = await rig.run("relative", { pan: 1, tilt: -0.5, zoom: 20 });
      assert.deepEqual(done, { done: "relative", pan: 1, tilt: -0.5, zoom: 20 });
      assert.match(
        rig.device.requests.at(-1)?.body ?? "",
        /<positionX>255<\/positionX><positionY>-127<\/positionY><relativeZoom>20</,
      );
      await rig.run("relative", { pan: 0 });
      assert.match(rig.device.requests.at(-1)?.body ?? "", /<positionX>0<.*<positionY>0<.*<relativeZoom>0</);
    });

    it("refuses relative moves when it reports no range", async () => {
      const caps = "<PTZChanelCap><maxPresetNum>9</maxPresetNum></PTZChanelCap>";
      rig.device.fail(/capabilities/, { kind: "answer", status: 200, contentType: "application/xml", body: caps });
      const sent = await rig.refuses("notSupported", /no range for relative moves of channel 1.*Use move/, "relative", {
        pan: 0.5,
      });
      assert.ok(!sent.some((line) => line.endsWith("relative")));
    });

    for (const exact of [true, false]) {
      it(`goes to degrees and tells degrees, ${exact ? "with absoluteEx" : "in tenths without it"}`, async () => {
        headsOf(rig.device).exact = exact;
        const target = { azimuth: 271.1, elevation: -3.2, zoom: 8.5 };
        assert.deepEqual(await rig.run("absolute", target), { done: "absolute", ...target });
        assert.equal(rig.sent().at(-1), `PUT /ISAPI/PTZCtrl/channels/1/absolute${exact ? "Ex" : ""}`);
        while (rig.head().moving) await new Promise((resolve) => setTimeout(resolve, 10));
        assert.deepEqual(await rig.run("status"), target);
        assert.equal((await rig.sentBy("absolute", target)).length, 1);
      });
    }

    it("keeps what an absolute position leaves out", async () => {
      assert.deepEqual(await rig.run("absolute", { zoom: 5 }), {
        done: "absolute",
        azimuth: 90,
        elevation: 10,
        zoom: 5,
      });
    });

    it("refuses degrees beyond its range, naming it, or clamps them when asked", async () => {
      const sent = await rig.refuses(
        "badRequest",
        /"elevation" is 91: give a number from -20 to 90 degrees/,
        "absolute",
        {
          azimuth: 0,
          elevation: 91,
          zoom: 1,
        },
      );
      assert.ok(!sent.some((line) => line.startsWith("PUT")));
      const done = await rig.run("absolute", { azimuth: 400, elevation: 91, zoom: 50 }, { clamp: true });
      assert.deepEqual(done, { done: "absolute", azimuth: 360, elevation: 90, zoom: 42 });
    });

    it("waits at a preset until it is still, and reports the position", async () => {
      const head = rig.head();
      head.presets.set(4, { name: "Far", position: { azimuth: 2000, elevation: 0, zoom: 30 } });
      assert.deepEqual(await rig.run("gotoPreset", { preset: "Far", wait: true }), {
        done: "gotoPreset",
        preset: 4,
        azimuth: 200,
        elevation: 0,
        zoom: 3,
      });
      assert.equal(head.moving, false);
    });

    it("waits the given seconds where the device tells no position, and without them is refused before it moves", async () => {
      rig.head().presets.set(4, { name: "Far", position: { azimuth: 2000, elevation: 0, zoom: 30 } });
      for (const path of [/PTZCtrl\/channels\/1\/status/, /PTZCtrl\/channels\/1\/absoluteEx$/])
        rig.device.fail(path, status("notSupport"));
      waits.splice(0);
      const waited = { done: "gotoPreset", preset: 4, waited: 10 };
      assert.deepEqual(await rig.run("gotoPreset", { preset: 4, wait: true, seconds: 10 }), waited);
      assert.ok(waits.includes(10_000), String(waits));
      const moves = (): number => rig.device.requests.filter(({ path }) => path.endsWith("/goto")).length;
      assert.equal(moves(), 1);
      await rig.refuses("notSupported", /./, "gotoPreset", { preset: 4, wait: true });
      assert.equal(moves(), 1);
    });

    it("has a home position: set, gone to, cleared", async () => {
      const head = rig.head();
      await rig.run("setHome");
      assert.deepEqual(head.home, head.position);
      assert.deepEqual(await rig.run("gotoHome"), { done: "gotoHome" });
      assert.equal(head.moving, true);
      await rig.run("clearHome");
      assert.equal(head.home, undefined);
      await rig.refuses("notSupported", /this PTZ function on channel 1/, "gotoHome");
    });

    it("knows home, the deletion of a preset and the box in either spelling, and remembers it", async () => {
      const head = rig.head();
      head.words = { ...head.words, box: "position3D", home: "homePosition", presetDelete: "/delete" };
      await rig.run("move", { pan: 1, duration: 0.1 });
      await rig.run("setHome");
      assert.deepEqual(await rig.run("gotoHome"), { done: "gotoHome" });
      await rig.run("clearHome");
      assert.equal(head.home, undefined);
      await rig.run("setPreset", { preset: 3 });
      await rig.run("deletePreset", { preset: 3 });
      assert.equal(head.presets.size, 0);
      const box = { x: 0.2, y: 0.1, width: 0.4, height: 0.5 };
      await rig.run("zoomToBox", { box });
      assert.equal(head.box?.length, 4);
      const again = await rig.sentBy("zoomToBox", { box });
      assert.equal(again.length, 1);
    });

    it("zooms to a box: corners of the picture, counted from the lower left", async () => {
      const box = { x: 0.2, y: 0.1, width: 0.4, height: 0.5 };
      assert.deepEqual(await rig.run("zoomToBox", { box }), { done: "zoomToBox", box });
      assert.deepEqual(rig.head().box, [51, 230, 153, 102]);
      await rig.run("zoomToBox", { box: { x: 0, y: 0, width: 1, height: 1 } });
      assert.deepEqual(rig.head().box, [0, 255, 255, 0]);
    });

    for (const [box, words] of [
      [undefined, /"box" is missing/],
      [{ x: 0, y: 0, width: 0, height: 0.5 }, /is empty/],
      [{ x: 0.9, y: 0, width: 0.2, height: 0.5 }, /"box.width" is 0.2: give a number from 0 to 0.1\./],
      [{ x: -1, y: 0, width: 0.2, height: 0.5 }, /"box.x" is -1/],
      [{ x: 0.5, y: 0, width: 0.2 }, /"box.height" is missing/],
    ] as const) {
      it(`refuses the box ${JSON.stringify(box)}`, async () => {
        assert.deepEqual(
          (await rig.refuses("badRequest", words, "zoomToBox", { box })).slice(-1)[0]?.startsWith("PUT"),
          false,
        );
      });
    }

    it("focuses once, under the vendor's misspelt path", async () => {
      assert.deepEqual(await rig.run("onePushFocus"), { done: "onePushFocus" });
      assert.equal(rig.head().focused, 1);
    });

    it("switches light, wiper, heater and fan by their own numbers", async () => {
      for (const aux of ["light", "wiper", "heater", "fan"]) {
        assert.deepEqual(await rig.run("aux", { aux, on: true }), { done: "aux", aux, on: true });
      }
      await rig.run("aux", { aux: "WIPER", on: "false" });
      assert.deepEqual(Object.fromEntries(rig.head().aux), { LIGHT: true, WIPER: false, HEATER: true, FAN: true });
      await rig.refuses("badRequest", /"aux" is "siren": give "light"/, "aux", { aux: "siren", on: true });
      await rig.refuses("badRequest", /"on" is missing/, "aux", { aux: "light" });
    });

    it("switches number 1 where the device does not list its auxiliaries", async () => {
      rig.device.fail("/ISAPI/PTZCtrl/channels/1/auxcontrols", status("notSupport"), { method: "GET" });
      await rig.run("aux", { aux: "light", on: true });
      assert.equal(rig.head().aux.get("LIGHT"), true);
    });

    it("tells what it can do", async () => {
      const { raw, ...told } = (await rig.run("capabilities")) as Record<string, unknown>;
      assert.equal((raw as Record<string, unknown>)["maxPresetNum"], "300");
      assert.deepEqual(
        { ...told, commandPresets: undefined },
        {
          done: "capabilities",
          absolute: { azimuth: { min: 0, max: 360 }, elevation: { min: -20, max: 90 }, zoom: { min: 1, max: 42 } },
          relative: { pan: { min: -255, max: 255 }, tilt: { min: -255, max: 255 }, zoom: { min: -100, max: 100 } },
          presets: 300,
          patrols: 8,
          patterns: 4,
          commandPresets: undefined,
          zoomToBox: true,
          track: true,
          limits: true,
        },
      );
    });
  });

  describe("presets that are commands", () => {
    for (const [action, values] of [
      ["gotoPreset", { preset: 94 }],
      ["gotoPreset", { preset: "94" }],
      ["setPreset", { preset: 94, name: "Mine" }],
      ["deletePreset", { preset: 94 }],
      ["setPatrol", { patrol: 1, steps: [{ preset: 94, seconds: 5 }] }],
      ["gotoPreset", { preset: 94, confirm: false }],
    ] as const) {
      it(`are not sent unless confirmed: ${action} ${JSON.stringify(values)}`, async () => {
        await start();
        const sent = await rig.refuses(
          "badRequest",
          /Preset 94 is a command .*restarts the device.*confirm: true/,
          action,
          values,
        );
        assert.ok(!sent.some((line) => /^(PUT|DELETE)/.test(line)), sent.join());
        assert.equal(rig.head().restarts, 0);
      });
    }

    it("are sent when confirmed", async () => {
      await start();
      await rig.run("gotoPreset", { preset: 94, confirm: true });
      assert.equal(rig.head().restarts, 1);
    });

    it("are those that the device lists, else those of most domes", async () => {
      await start();
      await rig.run("setPreset", { preset: 60 });
      await rig.refuses("badRequest", /Preset 33 is a command/, "gotoPreset", { preset: 33 });
      await rig[Symbol.asyncDispose]();
      await start({ model: "dvr" });
      await rig.refuses("badRequest", /Preset 60 is a command/, "setPreset", { preset: 60 });
      await rig.run("setPreset", { preset: 32 });
      await rig.run("setPreset", { preset: 120 });
      await rig.run("setPreset", { preset: 60, confirm: true });
    });

    it("are refused by name, too, and marked in the list", async () => {
      await start();
      const { position } = rig.head();
      rig.head().presets.set(95, { name: "Menu", position });
      rig.head().presets.set(1, { name: "Gate", position });
      await rig.refuses("badRequest", /Preset 95 is a command/, "gotoPreset", { preset: "Menu" });
      assert.deepEqual(await rig.run("listPresets"), [
        { preset: 1, name: "Gate" },
        { preset: 95, name: "Menu", command: true },
      ]);
    });
  });

  describe("names of presets", () => {
    it("are read again when one is unknown; the error names known ones", async () => {
      await start();
      const { presets, position } = rig.head();
      presets.set(1, { name: "Gate", position });
      await rig.run("gotoPreset", { preset: "Gate" });
      presets.set(2, { name: "Door", position });
      assert.deepEqual(await rig.run("gotoPreset", { preset: "Door" }), { done: "gotoPreset", preset: 2 });
      await rig.refuses("notFound", /no preset "Roof" on channel 1.*"Gate", "Door"/, "gotoPreset", { preset: "Roof" });
    });

    it("stay when the position is stored again", async () => {
      await start();
      const { presets, position } = rig.head();
      presets.set(1, { name: "Gate", position });
      assert.deepEqual(await rig.run("setPreset", { preset: 1 }), { done: "setPreset", preset: 1, name: "Gate" });
    });
  });

  describe("patrols", () => {
    it("are written in the unit that the device has used", async () => {
      await start();
      const { patrols } = rig.head();
      patrols.set(1, { name: "Old", stops: [{ preset: 1, delay: 30, speed: 10 }], state: "stopped" });
      await rig.run("setPatrol", { patrol: 2, steps: [{ preset: 1, seconds: 12 }] });
      assert.deepEqual(patrols.get(2)?.stops, [{ preset: 1, delay: 12, speed: 30 }]);
    });

    for (const [steps, words] of [
      [[], /give a list of 1 to 32 steps/],
      ["1,2", /"steps" is "1,2"/],
      [[{ preset: 1, seconds: 0, speed: 10 }], /"steps\[0\].seconds" is 0: give a number from 1 to 800 s/],
      [[{ preset: 1, seconds: 5, speed: 41 }], /"steps\[0\].speed" is 41: give a number from 1 to 40/],
      [[{ preset: 1, seconds: 5 }, { preset: 0 }], /"preset" is 0/],
      [[null], /Step 1 is an object/],
    ] as const) {
      it(`refuse the steps ${JSON.stringify(steps)}`, async () => {
        await start();
        await rig.refuses("badRequest", words, "setPatrol", { patrol: 1, steps });
      });
    }
  });

  describe("serial", () => {
    it("sends bytes as they are: opens the channel, closes it again", async () => {
      await start();
      const data = Buffer.from([0xff, 0x01, 0x00, 0x07, 0x0d, 0x0a]);
      assert.deepEqual(await rig.run("serial", { port: 1, data }), { done: "serial", port: 1, bytes: 6 });
      const port = serialPortsOf(rig.device).get(1);
      assert.deepEqual([port?.sent, port?.open], [[data], false]);
    });

    it("sends messages one after the other: the channel has one user", async () => {
      await start();
      await Promise.all(["a", "b", "c", "d"].map((data) => rig.run("serial", { data })));
      assert.equal(Buffer.concat(serialPortsOf(rig.device).get(1)?.sent ?? []).toString(), "abcd");
    });

    it("closes the channel when sending failed", async () => {
      await start();
      rig.device.fail(/transData/, status("deviceError"));
      await rig.refuses("protocol", /serial port 1/, "serial", { data: "x" });
      assert.equal(serialPortsOf(rig.device).get(1)?.open, false);
    });

    it("says how the port is set when it is not transparent", async () => {
      await start();
      const port = serialPortsOf(rig.device).get(1);
      assert.ok(port);
      port.workMode = "console";
      await rig.refuses("badRequest", /works as "console".*transparent/, "serial", { data: "x" });
    });

    it("refuses what are not bytes, and a port that does not exist", async () => {
      await start();
      await rig.refuses("badRequest", /"data" is missing/, "serial", {});
      await rig.refuses("badRequest", /"data" is an object/, "serial", { data: {} });
      await rig.refuses("notSupported", /serial port 7/, "serial", { port: 7, data: "x" });
    });
  });

  describe("speeds", () => {
    const wrong: [action: string, values: Record<string, unknown>, words: RegExp][] = [
      ["move", { pan: 101 }, /"pan" is 101: give a number from -100 to 100/],
      ["move", {}, /at least one of "pan", "tilt" and "zoom"/],
      ["move", { pan: 10, duration: -1 }, /"duration" is -1: give a number from 0.01 to 3600 s/],
      ["momentary", { pan: 10 }, /"duration" is missing/],
      ["focus", { duration: 1 }, /"speed" is missing/],
      ["relative", { pan: 2 }, /"pan" is 2: give a number from -1 to 1/],
      ["gotoPreset", {}, /"preset" is missing: give the number or the name/],
      ["gotoPreset", { preset: 0 }, /presets have whole numbers from 1/],
      ["gotoPreset", { preset: 1.5 }, /whole numbers/],
      ["startPatrol", { patrol: 1.5 }, /"patrol" is 1.5: give a whole number/],
    ];
    for (const [action, values, words] of wrong) {
      it(`out of range are refused with the range: ${action} ${JSON.stringify(values)}`, async () => {
        await start();
        const sent = await rig.refuses("badRequest", words, action, values);
        assert.ok(!sent.some((line) => line.startsWith("PUT")));
      });
    }

    it("are clamped when asked", async () => {
      await start();
      assert.deepEqual(await rig.run("move", { pan: 500, tilt: -500 }, { clamp: true }), {
        done: "move",
        pan: 100,
        tilt: -100,
        zoom: 0,
      });
    });
  });

  describe("the stop", () => {
    it("comes when the flow ends", async () => {
      await start();
      await rig.run("move", { pan: 30 });
      assert.equal(rig.head().moving, true);
      rig.life.abort();
      assert.equal(rig.beforeClose.length, 1);
      await Promise.all(rig.beforeClose);
      assert.equal(rig.head().moving, false);
    });

    it("comes when the device is closed, for motors and lens", async () => {
      await start();
      const focus = rig.run("focus", { speed: 30, duration: 3600 });
      await rig.run("move", { pan: 30 });
      await until(() => rig.head().focus !== 0, "the lens turns");
      await rig.ptz.stop();
      assert.deepEqual([rig.head().moving, rig.head().focus], [false, 0]);
      assert.deepEqual(await focus, { done: "focus", speed: 30, duration: 3600, superseded: true });
    });

    it("comes after a move whose answer got lost", async () => {
      await start();
      await rig.run("stop");
      rig.device.fail("/ISAPI/PTZCtrl/channels/1/continuous", { kind: "truncate", bytes: 10 }, { times: 1 });
      await assert.rejects(rig.run("move", { pan: 30 }));
      await Promise.all(rig.beforeClose);
      assert.equal(rig.head().moving, false);
    });

    it("does not wait behind slow commands", async () => {
      await start();
      await rig.run("move", { pan: 30 });
      rig.device.fail(/deviceInfo|status/, { kind: "slow", ms: 400 });
      const slow = Array.from({ length: 4 }, () => rig.isapi.get("/ISAPI/System/deviceInfo"));
      const before = Date.now();
      await rig.run("stop");
      assert.ok(Date.now() - before < 300, `${Date.now() - before} ms`);
      assert.equal(rig.head().moving, false);
      await Promise.all(slow);
    });

    it("of an earlier move does not end a move to a preset, nor a later move", async () => {
      await start();
      rig.head().presets.set(1, { name: "Gate", position: { azimuth: 0, elevation: 0, zoom: 10 } });
      const move = rig.run("move", { pan: 30, duration: 1 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await rig.run("gotoPreset", { preset: 1 });
      assert.deepEqual(await move, { done: "move", pan: 30, tilt: 0, zoom: 0, duration: 1, superseded: true });
      await new Promise((resolve) => setTimeout(resolve, 80));
      assert.equal(rig.head().moving, true);
    });
  });

  it("names every action of the contract, and knows an action by its name in another case", async () => {
    await start();
    const contract =
      "move momentary stop relative absolute gotoPreset listPresets setPreset deletePreset listPatrols setPatrol startPatrol " +
      "pausePatrol stopPatrol deletePatrol startPatternRecording stopPatternRecording runPattern stopPattern deletePattern " +
      "gotoHome setHome clearHome zoomToBox track regionFocus focus iris onePushFocus aux autoPan park autoTrack limits lock " +
      "status capabilities serial";
    assert.deepEqual([...PTZ_ACTIONS].sort(), contract.split(" ").sort());
    await rig.refuses("badRequest", /no PTZ action "gotopreset"\. Do you mean "gotoPreset"\?/, "gotopreset");
    await rig.refuses("badRequest", /no PTZ action "toString"\. There are move,/, "toString");
  });

  it("says which model does not have it, after asking each path once", async () => {
    await start({ model: "dvr" });
    const sent = await rig.refuses(
      "notSupported",
      /^VD-7204-V does not offer this PTZ function on channel 2/,
      "status",
      {},
      { channel: 2 },
    );
    const asked = sent.filter((line) => line.includes("/status"));
    assert.equal(asked.filter((line) => line.includes("PTZCtrl")).length, 2);
  });

  it("repeats what a busy device refused, with a limit", async () => {
    await start();
    rig.device.fail(/continuous/, status("deviceBusy"), { times: 1 });
    await rig.run("move", { pan: 10 });
    assert.equal(rig.head().moving, true);
  });
});

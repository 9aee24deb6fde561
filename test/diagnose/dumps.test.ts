import assert from "node:assert/strict";
import type { Check, CheckId, Report } from "../../src/diagnose/check";
import { dumpFile, dumps, hasDumps, whyNoDumps } from "../support/dumps";
import { startVirtualDevice } from "../virtual-device";
import { look } from "./look";

interface Expected {
  readonly device: string;
  readonly channels: string;
  readonly storage: string;
  /** What is said about recorders' inputs without a picture. */
  readonly offline?: string;
  /** Nobody named an event: those that are switched on and do not reach Node-RED, with their channels. */
  readonly unsent: readonly string[];
  /** And those that do. */
  readonly sent: readonly string[];
  /** What is said when {@link ASKED} are wanted; "+" right, "-" wrong, "?" not known. */
  readonly asked: readonly string[];
}

const ASKED = ["VMD", "linedetection", "IO", "PIR", "scenechangedetection"];
const OF_EVENTS: readonly CheckId[] = ["supported", "detection", "linkage", "schedule"];

/** Read off the recorded answers by hand. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  "DS-2CD2346G2-ISU": {
    device: 'DS-2CD2346G2-ISU/SL, "CAMERA 1", firmware V5.7.18',
    channels: "1 channel",
    storage: "Disk 1 works, 26.6 of 121.9 GB free.",
    unsent: ["VMD 1", "tamperdetection 1"],
    sent: ["diskfull", "diskerror", "illaccess", "fielddetection 1", "badvideo 1"],
    asked: [
      "+ Motion on channel 1 is switched on.",
      "- Motion on channel 1 is not sent to Node-RED.",
      "- Line crossing on channel 1 is switched off.",
      "- Alarm input 1 is switched off.",
      "- PIR motion is not among the events that the device lists.",
      "+ Scene change on channel 1 is switched on.",
      "+ Scene change on channel 1 is sent to Node-RED.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-2CD2386G2-IU": {
    device: 'DS-2CD2386G2-IU, "yard", firmware V5.7.15',
    channels: "1 channel",
    storage: "Disk 1 works, 27.4 of 30.4 GB free; Network storage 9 works, 119.3 of 122.3 GB free.",
    unsent: [],
    sent: ["diskfull", "diskerror", "illaccess", "linedetection 1", "badvideo 1"],
    asked: [
      "- Motion on channel 1 is switched off.",
      "+ Line crossing on channel 1 is switched on.",
      "+ Line crossing on channel 1 is sent to Node-RED.",
      "- Alarm input is not among the events that the device lists.",
      "- PIR motion is not among the events that the device lists.",
      "+ Scene change on channel 1 is switched on.",
      "+ Scene change on channel 1 is sent to Node-RED.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-2CD2443G0-IW": {
    device: 'DS-2CD2443G0-IW, "Pietro", firmware V5.6.5',
    channels: "1 channel",
    storage: "Network storage 9 works, 0.5 of 15.4 GB free.",
    unsent: [],
    sent: ["diskfull", "diskerror", "illaccess", "PIR 1"],
    asked: [
      "- Motion on channel 1 is switched off.",
      "- Line crossing on channel 1 is switched off.",
      "- Alarm input is not among the events that the device lists.",
      "+ PIR motion on channel 1 is switched on.",
      "+ PIR motion on channel 1 is sent to Node-RED.",
      "? Scene change is not among the events that the device lists.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-2CD2T46G2-ISU": {
    device: 'DS-2CD2T46G2-ISU/SL, "CAMERA 2", firmware V5.7.18',
    channels: "1 channel",
    storage: "Disk 1 works, all 121.9 GB in use.",
    unsent: ["VMD 1", "tamperdetection 1", "linedetection 1"],
    sent: ["diskfull", "diskerror", "illaccess", "fielddetection 1", "badvideo 1"],
    asked: [
      "+ Motion on channel 1 is switched on.",
      "- Motion on channel 1 is not sent to Node-RED.",
      "+ Line crossing on channel 1 is switched on.",
      "- Line crossing on channel 1 is not sent to Node-RED.",
      "- Alarm input 1 is switched off.",
      "- PIR motion is not among the events that the device lists.",
      "+ Scene change on channel 1 is switched on.",
      "+ Scene change on channel 1 is sent to Node-RED.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-2CD2T86G2-ISU": {
    device: 'DS-2CD2T86G2-ISU/SL, "CAMERA 3", firmware V5.7.18',
    channels: "1 channel",
    storage: "Disk 1 works, 81.6 of 244.5 GB free.",
    unsent: ["VMD 1", "tamperdetection 1"],
    sent: ["diskfull", "diskerror", "illaccess", "fielddetection 1", "badvideo 1"],
    asked: [
      "+ Motion on channel 1 is switched on.",
      "- Motion on channel 1 is not sent to Node-RED.",
      "- Line crossing on channel 1 is switched off.",
      "- Alarm input 1 is switched off.",
      "- PIR motion is not among the events that the device lists.",
      "+ Scene change on channel 1 is switched on.",
      "+ Scene change on channel 1 is sent to Node-RED.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-2TD1228-2-QA": {
    device: 'DS-2TD1228-2-QA, "Camera", firmware V5.5.98',
    channels: "2 channels",
    storage: "Disk 1 works, 156.9 of 244.5 GB free.",
    unsent: [],
    sent: ["VMD 1", "TMA 2"],
    asked: [
      "? The device does not tell whether Motion on channel 1 is switched on.",
      "+ Motion on channel 1 is sent to Node-RED.",
      "- Line crossing is not among the events that the device lists.",
      "? The device does not tell whether Alarm input 1 is switched on.",
      "- Alarm input 1 is not sent to Node-RED.",
      "- PIR motion is not among the events that the device lists.",
      "? The device does not tell whether Scene change on channel 1 is switched on.",
      "- Scene change on channel 1 is not sent to Node-RED.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-7608NXI-I2": {
    device: 'DS-7608NXI-I2/8P/S, "nvr", firmware V4.62.210',
    channels: "4 channels",
    storage: "Disk 1 works, all 1907.7 GB in use.",
    unsent: ["regionExiting 2"],
    sent: [
      "videoloss 1 2 3",
      "fielddetection 3",
      "linedetection 1 2",
      "regionEntrance 2",
      "faceContrast 1 2 3",
      "faceContrastSuccess 1 2 3",
      "illaccess",
      "recordingfailure",
    ],
    asked: [
      "? The device does not tell whether Motion on channel 1 is switched on.",
      "- Motion on channel 1 is not sent to Node-RED.",
      "+ Line crossing on channel 1, 2 is switched on; on channel 3 it is off.",
      "+ Line crossing on channel 1, 2 is sent to Node-RED.",
      "? The device does not tell whether Alarm input 1–4 is switched on.",
      "- Alarm input 1–4 is not sent to Node-RED.",
      "- PIR motion is not among the events that the device lists.",
      "- Scene change on channel 1, 2 is switched off.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "DS-7616NI-K2": {
    device: 'DS-7616NI-K2, "NVR", firmware V4.74.210',
    channels: "6 channels",
    storage: "Disk 1 works, all 7630.9 GB in use.",
    unsent: ["VMD 2 4 5", "tamperdetection 2 3", "videoloss 3", "scenechangedetection 4 5"],
    sent: ["IO", "fielddetection 1 3 4 5", "linedetection 3", "diskfull", "illaccess"],
    asked: [
      "+ Motion on channel 2, 4, 5 is switched on; on channel 1, 3, 6 it is off.",
      "- Motion on channel 2, 4, 5 is not sent to Node-RED.",
      "+ Line crossing on channel 3 is switched on; on channel 1, 4, 5 it is off.",
      "+ Line crossing on channel 3 is sent to Node-RED.",
      "? The device does not tell whether Alarm input 1–4, 101, 301, 401, 501 is switched on.",
      "+ Alarm input 101 is sent to Node-RED.",
      "- PIR motion is not among the events that the device lists.",
      "+ Scene change on channel 1, 3–5 is switched on.",
      "- Scene change on channel 4, 5 is not sent to Node-RED.",
      "+ Scene change on channel 1, 3 is sent to Node-RED.",
      "? The device does not tell when its events are armed.",
    ],
  },
  "iDS-7204HUHI-M1": {
    device: 'iDS-7204HUHI-M1/E, "Embedded Net DVR", firmware V4.75.011',
    channels: "4 channels",
    storage: "Disk 1 works, 814.1 of 953.9 GB free.",
    offline: 'No picture from channel 2 "Camera 02", 4 "Camera 04".',
    unsent: [],
    sent: ["VMD 1 3", "videoloss 1 3", "fielddetection 1 3"],
    asked: [
      "+ Motion on channel 1, 3 is switched on; on channel 2, 4 it is off.",
      "+ Motion on channel 1, 3 is sent to Node-RED.",
      "- Line crossing on channel 1–4 is switched off.",
      "- Alarm input is not among the events that the device lists.",
      "- PIR motion is not among the events that the device lists.",
      "? Scene change is not among the events that the device lists.",
      "? The device does not tell when its events are armed.",
    ],
  },
};

function textOf({ checks }: Report, id: CheckId): string | undefined {
  return checks.find((check) => check.id === id)?.text.toString();
}

function linked({ checks }: Report, wanted: boolean): string[] {
  return checks
    .filter(({ id, ok }) => id === "linkage" && ok === wanted)
    .map(({ event, channels = [] }) => [event, ...channels].join(" "));
}

function marked({ ok, text }: Check): string {
  return `${ok === null ? "?" : ok ? "+" : "-"} ${text.toString()}`;
}

(hasDumps ? describe : describe.skip)(`the diagnosis of recorded devices${whyNoDumps}`, () => {
  it("knows all of them", () => {
    assert.deepEqual(dumps(), Object.keys(EXPECTED).sort());
  });

  for (const [model, expected] of Object.entries(EXPECTED)) {
    it(`is sensible for the ${model}`, async () => {
      await using device = await startVirtualDevice({ dump: dumpFile(model) });
      const report = await look(device);
      const { offline } = expected;
      assert.equal(textOf(report, "device"), expected.device);
      assert.equal(textOf(report, "channels"), expected.channels);
      assert.equal(textOf(report, "storage"), expected.storage);
      assert.equal(textOf(report, "online"), offline);
      assert.deepEqual([linked(report, false), linked(report, true)], [expected.unsent, expected.sent]);
      const wrong = new Set(report.checks.filter(({ ok }) => ok === false).map(({ id }) => id));
      assert.deepEqual([...wrong].sort(), [
        ...(expected.unsent.length > 0 ? ["linkage"] : []),
        ...(offline ? ["online"] : []),
      ]);
      // Not recorded, so not known, and no reason to give up.
      for (const id of ["clock", "rights", "schedule"] as const)
        assert.equal(report.checks.find((check) => check.id === id)?.ok, null, id);
      assert.equal(report.checks.find(({ id }) => id === "heartbeat")?.ok, true);

      const asked = (await look(device, { events: ASKED })).checks.filter(({ id }) => OF_EVENTS.includes(id));
      assert.deepEqual(asked.map(marked), expected.asked);
      assert.ok(
        device.requests.every(({ method }) => method === "GET"),
        "nothing was changed",
      );
    });
  }
});

import assert from "node:assert/strict";
import { EVENT_GROUPS, EVENT_TYPES, eventLabelKey, eventType, isKnownEventType } from "../../src/events/event-types";

/** What devices and the SDK name, typed in from there. */
const NAMED = `
VMD videoloss shelteralarm tamperdetection IO PIR WLSensor softIO callhelp
linedetection fielddetection regionEntrance regionExiting loitering group rapidMove parking unattendedBaggage
attendedBaggage objectsThrownDetection
scenechangedetection defocus audioexception badvideo videomismatch VQDDiagnose videoException
facedetection faceCapture faceSnap faceContrast faceContrastSuccess faceContrastFailure whiteFaceContrast
whiteListFaceContrast alarmResult targetCapture mixedTargetDetection faceSnapModeling safetyHelmetDetection HFPD
PeopleCounting personDensityDetection peopleNumChange personQueueTime personQueueCounting personQueueRealTime heatmap
leavePosition retention running violentMotion failDown
ANPR vehicledetection AID vehicleMatchResult vehicleRcogResult ChannelPassingEvent
TMA TMPA temperature thermometry fireDetection smokeDetection smokeAndFireDetection shipsDetection
diskfull diskerror diskUnformat nicbroken ipconflict illaccess recordException recordingfailure hotSpare poe
storageDetection sysStorFull versionAbnormal nodeOffline recordCycleAbnormal ipcTransferAbnormal abnormalReboot
duration heartBeat other AccessControllerEvent VideoIntercomEvent VideoIntercomAlarm cidEvent MultiRadarTargetEvent
IOTD tagInfo baseStationInfo cityManagement pocException cardMatch IOOutput
`
  .trim()
  .split(/\s+/);

describe("event types", () => {
  for (const name of NAMED) {
    it(`knows ${name}`, () => {
      assert.equal(isKnownEventType(name), true);
      assert.notEqual(eventType(name).label, name, "has a label of its own");
    });
  }

  const aliases: [string, string][] = [
    ["fieldddetection", "fielddetection"],
    ["PERSON_DENSITY_DETECTION", "personDensityDetection"],
    ["shelteralarm", "tamperdetection"],
    ["Shelteralarm", "tamperdetection"],
    ["thermometry", "TMA"],
    ["VMDHumanVehicle", "VMD"],
    ["vmd", "VMD"],
    ["FieldDetection", "fielddetection"],
    ["heartbeat", "heartBeat"],
    ["REGIONENTRANCE", "regionEntrance"],
  ];
  for (const [alias, canonical] of aliases) {
    it(`spells ${alias} as ${canonical}`, () => assert.equal(eventType(alias).type, canonical));
  }

  it("takes an unknown type as one of its own, to the letter", () => {
    const unknown = eventType("quantumDetection");
    assert.equal(unknown.type, "quantumDetection");
    assert.equal(unknown.label, "quantumDetection");
    assert.equal(unknown.lasts, true);
    assert.equal(isKnownEventType("quantumDetection"), false);
  });

  it("uses no name, alias or label key twice", () => {
    const names = EVENT_TYPES.flatMap(({ type, aliases }) => [type, ...aliases]).map((name) => name.toLowerCase());
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
    assert.equal(new Set(EVENT_TYPES.map(({ type }) => eventLabelKey(type))).size, EVENT_TYPES.length);
  });

  it("shows every type in exactly one group, in the order of the groups", () => {
    const order = EVENT_TYPES.map(({ group }) => EVENT_GROUPS.indexOf(group));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
    assert.deepEqual(new Set(EVENT_TYPES.map(({ group }) => group)), new Set(EVENT_GROUPS));
  });

  it("reports what was counted, seen or done, and tracks what lasts", () => {
    for (const name of ["ANPR", "PeopleCounting", "personDensityDetection", "faceSnap"]) {
      assert.equal(eventType(name).lasts, false, name);
    }
    for (const name of ["VMD", "IO", "videoloss", "fielddetection", "regionEntrance", "diskfull"]) {
      assert.equal(eventType(name).lasts, true, name);
    }
  });
});

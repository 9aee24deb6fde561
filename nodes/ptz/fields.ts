/** hikvision-ptz's saved properties, and the values of every action with bounds and defaults. */
import { PTZ_BOUNDS } from "../../src";
import { type Bounds, channel, type Field, type Fields, property } from "../shared/fields";

const whole = (bounds: Bounds): Bounds => ({ ...bounds, whole: true });

export const fields = {
  channel,
  action: { value: "gotoPreset" },
  values: { value: {} },
  clamp: { value: false },
  property,
} as const satisfies Fields;

const number = (rule: Bounds, value = ""): Field => ({ value, literal: "num", rule });
const flag = (value = "false"): Field => ({ value, literal: "bool" });
const text: Field = { value: "", literal: "str", optional: true };
const speeds: Fields = {
  pan: number(PTZ_BOUNDS.speed, "0"),
  tilt: number(PTZ_BOUNDS.speed, "0"),
  zoom: number(PTZ_BOUNDS.speed, "0"),
};
const duration = number(PTZ_BOUNDS.duration, "1");
const preset: Field = { value: "", literal: "str", rule: "filled", list: "presets" };
const patrol: Field = { ...number(whole(PTZ_BOUNDS.patrol)), list: "patrols" };
const pattern = number(whole(PTZ_BOUNDS.pattern), "1");
/** Empty: as it is; where nothing else is given it is only read. */
const onOff: Field = { value: "", literal: "str", optional: true, options: ["", "true", "false"] };
const box: Field = { value: '{"x":0.25,"y":0.25,"width":0.5,"height":0.5}', literal: "json", rule: "box" };
const lens: Fields = { speed: number(PTZ_BOUNDS.speed, "20"), duration };

/** Actions in the order of the list, group by group. */
export const ACTION_GROUPS: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  message: { msg: {} },
  move: {
    move: { ...speeds, duration: { ...duration, value: "", optional: true } },
    momentary: { ...speeds, duration },
    stop: {},
    relative: {
      pan: number(PTZ_BOUNDS.relative, "0"),
      tilt: number(PTZ_BOUNDS.relative, "0"),
      zoom: number(PTZ_BOUNDS.relativeZoom, "0"),
    },
    absolute: {
      azimuth: number(PTZ_BOUNDS.azimuth),
      elevation: number(PTZ_BOUNDS.elevation),
      zoom: number(PTZ_BOUNDS.zoom, "1"),
    },
    zoomToBox: { box },
    track: {
      x: { ...number(PTZ_BOUNDS.box, "0.5"), optional: true },
      y: { ...number(PTZ_BOUNDS.box, "0.5"), optional: true },
      box: { ...box, value: "", optional: true },
    },
    autoPan: { speed: number(PTZ_BOUNDS.speed, "30") },
  },
  presets: {
    gotoPreset: {
      preset,
      wait: flag(),
      seconds: { ...number(PTZ_BOUNDS.waitSeconds), optional: true },
      confirm: flag(),
    },
    listPresets: {},
    setPreset: { preset: { ...number(whole(PTZ_BOUNDS.preset)), list: "presets" }, name: text, confirm: flag() },
    deletePreset: { preset, confirm: flag() },
  },
  home: { gotoHome: {}, setHome: {}, clearHome: {} },
  patrols: {
    startPatrol: { patrol },
    pausePatrol: { patrol },
    stopPatrol: { patrol },
    listPatrols: {},
    setPatrol: {
      patrol,
      name: text,
      steps: {
        value: '[{"preset":1,"seconds":10,"speed":20},{"preset":2,"seconds":10,"speed":20}]',
        literal: "json",
        rule: "patrolSteps",
      },
      confirm: flag(),
    },
    deletePatrol: { patrol },
  },
  patterns: {
    runPattern: { pattern },
    stopPattern: { pattern },
    startPatternRecording: { pattern },
    stopPatternRecording: { pattern },
    deletePattern: { pattern },
  },
  lens: { focus: lens, iris: lens, onePushFocus: {}, regionFocus: { box } },
  settings: {
    park: {
      enabled: onOff,
      seconds: { ...number(PTZ_BOUNDS.parkSeconds), optional: true },
      to: text,
      confirm: flag(),
    },
    autoTrack: { on: onOff },
    limits: { on: onOff },
    lock: { seconds: { ...number(PTZ_BOUNDS.lockSeconds), optional: true } },
  },
  other: {
    aux: {
      aux: { value: "light", literal: "str", rule: "filled", options: ["light", "wiper", "heater", "fan"] },
      on: flag("true"),
    },
    status: {},
    capabilities: {},
    serial: { port: number(whole(PTZ_BOUNDS.serialPort), "1"), data: { value: "", literal: "bin", rule: "filled" } },
  },
};

/** The values of each action. */
export const actionValues: Readonly<Record<string, Fields>> = Object.fromEntries(
  Object.values(ACTION_GROUPS).flatMap((actions) => Object.entries(actions)),
);

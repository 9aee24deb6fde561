/** hikvision-ptz's saved properties, and the values of every action with bounds and defaults. */
import { type Bounds, channel, type Field, type Fields, property } from "../shared/fields";

/** As src/ptz takes them. */
const SPEED: Bounds = { min: -100, max: 100 };
const SECONDS: Bounds = { min: 0.01, max: 3600 };
const WAIT_SECONDS: Bounds = { min: 0.1, max: 60 };
const HALVES: Bounds = { min: -1, max: 1 };
const PRESETS: Bounds = { min: 1, max: 400, whole: true };
const STORED: Bounds = { min: 1, max: 64, whole: true };
const SERIAL_PORTS: Bounds = { min: 1, max: 64, whole: true };

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
const speeds: Fields = { pan: number(SPEED, "0"), tilt: number(SPEED, "0"), zoom: number(SPEED, "0") };
const duration = number(SECONDS, "1");
const preset: Field = { value: "", literal: "str", rule: "filled", list: "presets" };
const patrol: Field = { ...number(STORED), list: "patrols" };
const pattern = number(STORED, "1");
const lens: Fields = { speed: number(SPEED, "20"), duration };

/** Actions in the order of the list, group by group. */
export const ACTION_GROUPS: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  message: { msg: {} },
  move: {
    move: { ...speeds, duration: { ...duration, value: "", optional: true } },
    momentary: { ...speeds, duration },
    stop: {},
    relative: { pan: number(HALVES, "0"), tilt: number(HALVES, "0"), zoom: number(SPEED, "0") },
    absolute: {
      azimuth: number({ min: 0, max: 360 }),
      elevation: number({ min: -90, max: 270 }),
      zoom: number({ min: 1, max: 100 }, "1"),
    },
    zoomToBox: { box: { value: '{"x":0.25,"y":0.25,"width":0.5,"height":0.5}', literal: "json", rule: "box" } },
    autoPan: { speed: number(SPEED, "30") },
  },
  presets: {
    gotoPreset: { preset, wait: flag(), seconds: { ...number(WAIT_SECONDS), optional: true }, confirm: flag() },
    listPresets: {},
    setPreset: { preset: { ...number(PRESETS), list: "presets" }, name: text, confirm: flag() },
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
  lens: { focus: lens, iris: lens, onePushFocus: {} },
  other: {
    aux: {
      aux: { value: "light", literal: "str", rule: "filled", options: ["light", "wiper", "heater", "fan"] },
      on: flag("true"),
    },
    status: {},
    capabilities: {},
    serial: { port: number(SERIAL_PORTS, "1"), data: { value: "", literal: "bin", rule: "filled" } },
  },
};

/** The values of each action. */
export const actionValues: Readonly<Record<string, Fields>> = Object.fromEntries(
  Object.values(ACTION_GROUPS).flatMap((actions) => Object.entries(actions)),
);

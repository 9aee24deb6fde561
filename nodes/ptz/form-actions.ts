/** Every ptz action with its values: what each means, its bounds and unit (design: message `payload` of the ptz node). */
import type { ValueSpec } from "../editor/values";
import { checks, jsonCheck, numberCheck, optional } from "../editor/validate";

const number = (name: string, min: number, max: number, initial?: string): ValueSpec => ({
  name,
  literal: "num",
  check: numberCheck(min, max),
  ...(initial !== undefined && { initial }),
});
const maybe = (spec: ValueSpec): ValueSpec => ({ ...spec, check: optional(spec.check) });
const flag = (name: string): ValueSpec => ({ name, literal: "bool", check: () => undefined, initial: "false" });
const text = (name: string): ValueSpec => ({ name, literal: "str", check: () => undefined });

const speeds = ["pan", "tilt", "zoom"].map((name) => number(name, -100, 100, "0"));
const duration = number("duration", 0.1, 60, "1");
const preset: ValueSpec = { name: "preset", literal: "str", check: checks.filled, list: "presets" };
const presetNumber: ValueSpec = { ...preset, literal: "num", check: numberCheck(1, 400) };
const patrol: ValueSpec = { name: "patrol", literal: "num", check: numberCheck(1, 64), list: "patrols" };
const pattern: ValueSpec = number("pattern", 1, 64, "1");
const lens = [number("speed", -100, 100, "20"), duration];

const isBox = (value: unknown): boolean =>
  isObject(value) && ["x", "y", "width", "height"].every((name) => isFraction(value[name]));
const areSteps = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (step) => isObject(step) && ["preset", "seconds", "speed"].every((name) => typeof step[name] === "number"),
  );

/** Actions in the order of the list, group by group. */
export const PTZ_GROUPS: Readonly<Record<string, Readonly<Record<string, readonly ValueSpec[]>>>> = {
  message: { msg: [] },
  move: {
    move: [...speeds, maybe({ ...duration, initial: "" })],
    momentary: [...speeds, duration],
    stop: [],
    relative: [number("pan", -1, 1, "0"), number("tilt", -1, 1, "0"), number("zoom", -100, 100, "0")],
    absolute: [number("azimuth", 0, 360), number("elevation", -90, 270), number("zoom", 1, 100, "1")],
    zoomToBox: [
      {
        name: "box",
        literal: "json",
        check: jsonCheck(isBox, "validate.box"),
        initial: '{"x":0.25,"y":0.25,"width":0.5,"height":0.5}',
      },
    ],
    autoPan: [number("speed", -100, 100, "30")],
  },
  presets: {
    gotoPreset: [preset, flag("wait"), flag("confirm")],
    listPresets: [],
    setPreset: [presetNumber, text("name"), flag("confirm")],
    deletePreset: [preset, flag("confirm")],
  },
  home: { gotoHome: [], setHome: [], clearHome: [] },
  patrols: {
    startPatrol: [patrol],
    pausePatrol: [patrol],
    stopPatrol: [patrol],
    listPatrols: [],
    setPatrol: [
      patrol,
      text("name"),
      {
        name: "steps",
        literal: "json",
        check: jsonCheck(areSteps, "validate.steps"),
        initial: '[{"preset":1,"seconds":10,"speed":20},{"preset":2,"seconds":10,"speed":20}]',
      },
      flag("confirm"),
    ],
    deletePatrol: [patrol],
  },
  patterns: {
    runPattern: [pattern],
    stopPattern: [pattern],
    startPatternRecording: [pattern],
    stopPatternRecording: [pattern],
    deletePattern: [pattern],
  },
  lens: { focus: lens, iris: lens, onePushFocus: [] },
  other: {
    aux: [
      {
        name: "aux",
        literal: "str",
        check: checks.filled,
        initial: "light",
        options: ["light", "wiper", "heater", "fan"],
      },
      { ...flag("on"), initial: "true" },
    ],
    status: [],
    capabilities: [],
    serial: [number("port", 1, 16, "1"), { name: "data", literal: "bin", check: checks.filled }],
  },
};

/** The values of an action; none for an unknown one. */
export function ptzValues(action: string): readonly ValueSpec[] {
  for (const actions of Object.values(PTZ_GROUPS)) {
    if (Object.hasOwn(actions, action)) return actions[action] ?? [];
  }
  return [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isFraction(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** The actions on what a device stores: presets, home, patrols, patterns; and what is switched or asked. */
import { say } from "../lib/sentence";
import * as bodies from "./requests";
import { waitUntilStill } from "./wait-until-still";
import type { PtzChannel } from "./channel";
import type { Outcome } from "./moves";
import { readPatrols, stepsOf, writePatrol } from "./patrols";
import { invalidValue, shown, type Range, type Values } from "./values";

type Do = (channel: PtzChannel, values: Values, signal: AbortSignal) => Promise<Outcome>;

/** Domes have 8 patrols and 4 patterns; recorders more. */
const NUMBERS: Range = { min: 1, max: 64 };
const AUXILIARIES: ReadonlySet<string> = new Set(["light", "wiper", "heater", "fan"]);

/** With `wait` the outcome comes when the camera has arrived, and says where that is. */
export const gotoPreset: Do = async (channel, values, signal) => {
  const preset = await presetOf(channel, values, signal);
  const wait = values.flag("wait");
  // A device that does not tell where it looks is found out before it moves.
  if (wait) await channel.position(signal);
  const tail = `presets/${preset}/goto`;
  await channel.motors.instead((cut) => channel.put("presets/goto", undefined, { signal: cut }, tail), signal);
  if (!wait) return { preset };
  return { preset, ...(await waitUntilStill(() => channel.position(signal), channel.clock, signal)) };
};

/** Stores the present view. Without a name the preset keeps the one it has. */
export const setPreset: Do = async (channel, values, signal) => {
  const preset = await presetOf(channel, values, signal);
  const name = values.text("name") ?? (await nameOf(channel, preset, signal)) ?? `Preset ${preset}`;
  await channel.put("presets", bodies.preset(preset, name), { signal }, `presets/${preset}`);
  channel.presets.forget();
  return { preset, name };
};

export const deletePreset: Do = async (channel, values, signal) => {
  const preset = await presetOf(channel, values, signal);
  await channel.delete("presets", `presets/${preset}`, { signal });
  channel.presets.forget();
  return { preset };
};

export const setPatrol: Do = async (channel, values, signal) => {
  const patrol = values.whole("patrol", NUMBERS);
  const steps = stepsOf(values);
  const confirmed = values.flag("confirm");
  for (const { preset } of steps) await channel.presets.mayUse(preset, confirmed, signal);
  const name = values.text("name") ?? `Patrol ${patrol}`;
  await writePatrol(channel, { number: patrol, name, steps }, { signal });
  return { patrol, name, steps };
};

export const listPatrols = (channel: PtzChannel, _values: Values, signal: AbortSignal) =>
  readPatrols(channel, { signal });

export const startPatrol = patrolCommand("start");
export const pausePatrol = patrolCommand("pause");
export const stopPatrol = patrolCommand("stop");

export const deletePatrol: Do = async (channel, values, signal) => {
  const patrol = values.whole("patrol", NUMBERS);
  await channel.delete("patrols", `patrols/${patrol}`, { signal });
  return { patrol };
};

export const startPatternRecording = patternCommand(["recordstart"]);
export const stopPatternRecording = patternCommand(["recordstop"]);
// The service's word, and the one of the vendor's web UI.
export const runPattern = patternCommand(["run", "start"]);
export const stopPattern = patternCommand(["stop"]);

export const deletePattern: Do = async (channel, values, signal) => {
  const pattern = values.whole("pattern", NUMBERS);
  await channel.delete("patterns", `patterns/${pattern}`, { signal });
  return { pattern };
};

export const gotoHome: Do = async (channel, _values, signal) => {
  await channel.motors.instead((cut) => channel.put("homeposition/goto", undefined, { signal: cut }), signal);
  return {};
};

export const setHome: Do = async (channel, _values, signal) => {
  await channel.put("homeposition", undefined, { signal });
  return {};
};

export const clearHome: Do = async (channel, _values, signal) => {
  await channel.delete("homeposition", "homeposition", { signal });
  return {};
};

export const aux: Do = async (channel, values, signal) => {
  const type = values.text("aux")?.toLowerCase() ?? "";
  if (!AUXILIARIES.has(type))
    throw invalidValue(say`"aux" is ${shown(values.raw("aux"))}: give "light", "wiper", "heater" or "fan".`);
  const on = values.optionalFlag("on");
  if (on === undefined) throw invalidValue(say`"on" is missing: give true or false.`);
  const id = await channel.auxNumber(type.toUpperCase(), signal);
  await channel.put("auxcontrols", bodies.aux(id, type.toUpperCase(), on), { signal }, `auxcontrols/${id}`);
  return { aux: type, on };
};

async function presetOf(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<number> {
  const preset = await channel.presets.numberOf(values.raw("preset"), signal);
  await channel.presets.mayUse(preset, values.flag("confirm"), signal);
  return preset;
}

/** A device that does not list its presets can be given one all the same. */
async function nameOf(channel: PtzChannel, preset: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await channel.presets.nameOf(preset, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

function patrolCommand(command: "start" | "pause" | "stop"): Do {
  return async (channel, values, signal) => {
    const patrol = values.whole("patrol", NUMBERS);
    const tail = `patrols/${patrol}/${command}`;
    await channel.motors.instead((cut) => channel.put(`patrols/${command}`, undefined, { signal: cut }, tail), signal);
    return { patrol };
  };
}

function patternCommand(commands: readonly string[]): Do {
  return async (channel, values, signal) => {
    const pattern = values.whole("pattern", NUMBERS);
    const tails = commands.map((command) => `patterns/${pattern}/${command}`);
    const name = `patterns/${commands.join("/")}`;
    await channel.motors.instead((cut) => channel.putOneOf(name, tails, () => undefined, { signal: cut }), signal);
    return { pattern };
  };
}

/** The actions on what a device stores: presets, home, patrols, patterns; and auxiliaries. */
import { codeOf } from "../lib/errors";
import { say } from "../lib/sentence";
import { PTZ_BOUNDS } from "./bounds";
import * as requests from "./requests";
import { waitUntilStill } from "./wait-until-still";
import type { PtzChannel } from "./channel";
import type { ActionResult } from "./moves";
import { readPatrols, stepsOf, writePatrol } from "./patrols";
import { invalidValue, valueText, type Values } from "./values";

type StoredAction = (channel: PtzChannel, values: Values, signal: AbortSignal) => Promise<ActionResult>;

const AUXILIARIES: ReadonlySet<string> = new Set(["light", "wiper", "heater", "fan"]);

/**
 * With `wait` it resolves when the camera is still, with its position; a device that does not tell its position is waited for
 * `seconds`.
 */
export const gotoPreset: StoredAction = async (channel, values, signal) => {
  const preset = await presetOf(channel, values, signal);
  const wait = values.flag("wait");
  const seconds = wait ? values.optionalNumber("seconds", PTZ_BOUNDS.waitSeconds, "s") : undefined;
  // Refused before it moves, if there is no other way to wait.
  const told = wait && (await tellsPosition(channel, seconds !== undefined, signal));
  const tail = `presets/${preset}/goto`;
  await channel.motors.supersede((cut) => channel.put("presets/goto", undefined, { signal: cut }, tail), signal);
  if (!told) {
    if (seconds === undefined) return { preset };
    await channel.clock.wait(seconds * 1000, signal);
    return { preset, waited: seconds };
  }
  return { preset, ...(await waitUntilStill(() => channel.position(signal), channel.clock, signal)) };
};

/** Does the device tell where the camera is? A refusal is thrown unless it is `allowed`. */
async function tellsPosition(channel: PtzChannel, allowed: boolean, signal: AbortSignal): Promise<boolean> {
  try {
    await channel.position(signal);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (allowed && (code === "notSupported" || code === "notFound" || code === "protocol")) return false;
    throw error;
  }
}

/** Stores the current position. Without a name the preset keeps its name. */
export const setPreset: StoredAction = async (channel, values, signal) => {
  const preset = await presetOf(channel, values, signal);
  const name = values.text("name") ?? (await nameOf(channel, preset, signal)) ?? `Preset ${preset}`;
  await channel.put("presets", requests.preset(preset, name), { signal }, `presets/${preset}`);
  channel.presets.forget();
  return { preset, name };
};

export const deletePreset: StoredAction = async (channel, values, signal) => {
  const preset = await presetOf(channel, values, signal);
  // The second is for the IP channels of recorders, as the vendor's web page sends it.
  await channel.delete("presets", [`presets/${preset}`, `presets/${preset}/delete`], { signal });
  channel.presets.forget();
  return { preset };
};

export const setPatrol: StoredAction = async (channel, values, signal) => {
  const patrol = values.whole("patrol", PTZ_BOUNDS.patrol);
  const steps = stepsOf(values);
  const confirmed = values.flag("confirm");
  for (const { preset } of steps) await channel.presets.refuseCommand(preset, confirmed, signal);
  const name = values.text("name") ?? `Patrol ${patrol}`;
  await writePatrol(channel, { number: patrol, name, steps }, { signal });
  return { patrol, name, steps };
};

export const listPatrols = (channel: PtzChannel, _values: Values, signal: AbortSignal) =>
  readPatrols(channel, { signal });

export const startPatrol = patrolCommand("start");
export const pausePatrol = patrolCommand("pause");
export const stopPatrol = patrolCommand("stop");

export const deletePatrol: StoredAction = async (channel, values, signal) => {
  const patrol = values.whole("patrol", PTZ_BOUNDS.patrol);
  await channel.delete("patrols", `patrols/${patrol}`, { signal });
  return { patrol };
};

export const startPatternRecording = patternCommand(["recordstart"]);
export const stopPatternRecording = patternCommand(["recordstop"]);
// The name in ISAPI, and the one in the vendor's web UI.
export const runPattern = patternCommand(["run", "start"]);
export const stopPattern = patternCommand(["stop"]);

export const deletePattern: StoredAction = async (channel, values, signal) => {
  const pattern = values.whole("pattern", PTZ_BOUNDS.pattern);
  await channel.delete("patterns", `patterns/${pattern}`, { signal });
  return { pattern };
};

/** As most clients write it, and as the vendor's web page does. */
const HOME = ["homeposition", "homePosition"] as const;

export const gotoHome: StoredAction = async (channel, _values, signal) => {
  const tails = HOME.map((home) => `${home}/goto`);
  await channel.motors.supersede(
    (cut) => channel.putOneOf("homeposition/goto", tails, () => undefined, { signal: cut }),
    signal,
  );
  return {};
};

export const setHome: StoredAction = async (channel, _values, signal) => {
  await channel.putOneOf("homeposition", HOME, () => undefined, { signal });
  return {};
};

export const clearHome: StoredAction = async (channel, _values, signal) => {
  await channel.delete("homeposition", HOME, { signal });
  return {};
};

export const aux: StoredAction = async (channel, values, signal) => {
  const type = values.text("aux")?.toLowerCase() ?? "";
  if (!AUXILIARIES.has(type))
    throw invalidValue(say`"aux" is ${valueText(values.raw("aux"))}: give "light", "wiper", "heater" or "fan".`);
  const on = values.optionalFlag("on");
  if (on === undefined) throw invalidValue(say`"on" is missing: give true or false.`);
  const listed = await channel.auxNumber(type.toUpperCase(), signal);
  const id = listed ?? 1;
  const body = requests.aux(id, type.toUpperCase(), on);
  if (type === "wiper") {
    // Some have a path for it. Where others are listed, number 1 is one of those and not the wiper.
    const tails = listed === undefined ? ["Wiper"] : [`auxcontrols/${id}`, "Wiper"];
    await channel.putOneOf("auxcontrols wiper", tails, () => body, { signal });
  } else await channel.put("auxcontrols", body, { signal }, `auxcontrols/${id}`);
  return { aux: type, on };
};

async function presetOf(channel: PtzChannel, values: Values, signal: AbortSignal): Promise<number> {
  const preset = await channel.presets.numberOf(values.raw("preset"), signal);
  await channel.presets.refuseCommand(preset, values.flag("confirm"), signal);
  return preset;
}

/** Undefined, too, where the device does not list its presets. */
async function nameOf(channel: PtzChannel, preset: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await channel.presets.nameOf(preset, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

function patrolCommand(command: "start" | "pause" | "stop"): StoredAction {
  return async (channel, values, signal) => {
    const patrol = values.whole("patrol", PTZ_BOUNDS.patrol);
    const tail = `patrols/${patrol}/${command}`;
    await channel.motors.supersede(
      (cut) => channel.put(`patrols/${command}`, undefined, { signal: cut }, tail),
      signal,
    );
    return { patrol };
  };
}

function patternCommand(commands: readonly string[]): StoredAction {
  return async (channel, values, signal) => {
    const pattern = values.whole("pattern", PTZ_BOUNDS.pattern);
    const tails = commands.map((command) => `patterns/${pattern}/${command}`);
    const name = `patterns/${commands.join("/")}`;
    await channel.motors.supersede((cut) => channel.putOneOf(name, tails, () => undefined, { signal: cut }), signal);
    return { pattern };
  };
}

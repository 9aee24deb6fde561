/** The actions on what a channel is set to: park action, auto tracking, limits, lock. Without values they read. */
import type { LeafValue } from "../control/device-document";
import { FatalError } from "../lib/errors";
import { isNotOffered } from "../isapi/unavailable";
import { boolean, child, number, text } from "../isapi/xml";
import { enumerate, say } from "../lib/sentence";
import { PTZ_BOUNDS } from "./bounds";
import type { PtzChannel, SettingsDocument } from "./channel";
import type { ActionResult } from "./moves";
import * as requests from "./requests";
import { putRooted, told } from "./targets";
import { invalidValue, Values, valueText, type NumberRange } from "./values";

type SettingAction = (channel: PtzChannel, values: Values, signal: AbortSignal) => Promise<ActionResult>;

export interface Setting {
  /** Given one of these it writes. */
  readonly values: readonly string[];
  readonly read: SettingAction;
  readonly write: SettingAction;
}

/** These take a number. */
const NUMBERED: ReadonlySet<string> = new Set(["preset", "patrol", "pattern"]);
/** Where a device does not list its own. */
const PARK_ACTIONS = "autoscan framescan randomscan panoramascan tiltscan patrol pattern preset autotrack".split(" ");

/** What the camera does by itself after so many seconds without a command. */
export const park: Setting = {
  values: ["enabled", "seconds", "to"],

  async read(channel, _values, signal) {
    return parkOf((await channel.settings("parkaction", { signal })).value);
  },

  async write(channel, values, signal) {
    const enabled = values.optionalFlag("enabled");
    const offered = await parkOffer(channel, signal);
    const seconds = values.optionalNumber("seconds", offered.seconds, "s");
    const target = values.has("to") ? await parkTarget(channel, values, offered.actions, signal) : undefined;
    const document = await channel.settings("parkaction", { signal });
    const wanted = new Map<string, LeafValue>();
    if (enabled !== undefined) wanted.set("enabled", enabled);
    if (seconds !== undefined) wanted.set("Parktime", Math.round(seconds));
    if (target) {
      wanted.set("Action/ActionType", target.type);
      // Of a scan it is 0; some leave it out there.
      if (target.number > 0 || child(document.value, "Action", "ActionNum") !== undefined)
        wanted.set("Action/ActionNum", target.number);
    }
    await channel.change(document, wanted, signal);
    return {
      ...parkOf(document.value),
      ...(enabled !== undefined && { enabled }),
      ...(seconds !== undefined && { seconds: Math.round(seconds) }),
      ...(target && { to: targetText(target.type, target.number) }),
    };
  },
};

/** Follows by itself what its rules find (smart tracking). Only `enabled` of its document is known. */
export const autoTrack: Setting = switchOf((channel, signal) =>
  channel.settings("IntelliTrace", { signal }, "tracking", String(channel.number)),
);

/** The limits of pan and tilt that were set on the web page. */
export const limits: Setting = switchOf(async (channel, signal) => {
  if ((await told(channel, signal)).limits === false)
    throw new FatalError(
      "notSupported",
      say`The device says that channel ${channel.number} has no limits of pan and tilt.`,
    );
  return channel.settings("ptzlimiteds", { signal });
});

/** Nobody moves it for so many seconds; 0 ends that. Sent as the vendor's web page does: what is read is a clock, not a setting. */
export const lock: Setting = {
  values: ["seconds"],

  async read(channel, _values, signal) {
    return { secondsLeft: number((await channel.settings("lockPTZ", { signal })).value, "lockTime") ?? 0 };
  },

  async write(channel, values, signal) {
    const seconds = Math.round(values.number("seconds", PTZ_BOUNDS.lockSeconds, "s"));
    const bodyOf = (root: string): string => requests.lock(seconds, root);
    await putRooted(channel, "lockPTZ", ["LockPtz", "LockPTZ"], bodyOf, signal);
    return { seconds };
  },
};

/** One `enabled` in a document, as `on`. */
function switchOf(find: (channel: PtzChannel, signal: AbortSignal) => Promise<SettingsDocument>): Setting {
  return {
    values: ["on"],
    async read(channel, _values, signal) {
      return { on: boolean((await find(channel, signal)).value, "enabled") ?? false };
    },
    async write(channel, values, signal) {
      const on = values.flag("on");
      await channel.change(await find(channel, signal), new Map([["enabled", on]]), signal);
      return { on };
    },
  };
}

function parkOf(value: unknown): { readonly enabled: boolean; readonly seconds?: number; readonly to?: string } {
  const seconds = number(value, "Parktime");
  const type = text(value, "Action", "ActionType");
  return {
    enabled: boolean(value, "enabled") ?? false,
    ...(seconds !== undefined && { seconds }),
    ...(type !== undefined && { to: targetText(type, number(value, "Action", "ActionNum") ?? 0) }),
  };
}

function targetText(type: string, number: number): string {
  return NUMBERED.has(type) ? `${type} ${number}` : type;
}

interface ParkOffer {
  readonly seconds: NumberRange;
  readonly actions: readonly string[];
}

async function parkOffer(channel: PtzChannel, signal: AbortSignal): Promise<ParkOffer> {
  const value = await channel.settings("parkaction/capabilities", { signal }).then(
    (document) => document.value,
    (error: unknown) => {
      if (isNotOffered(error)) return undefined;
      throw error;
    },
  );
  const time = child(value, "Parktime");
  const options = text(value, "Action", "ActionType", "@_opt")
    ?.split(",")
    .map((option) => option.trim());
  return {
    seconds: {
      min: number(time, "@_min") ?? PTZ_BOUNDS.parkSeconds.min,
      max: number(time, "@_max") ?? PTZ_BOUNDS.parkSeconds.max,
    },
    actions: options?.filter((option) => option !== "") ?? PARK_ACTIONS,
  };
}

/** "autoscan", "preset 3", "preset Gate". A preset that is a command (94 restarts the device) needs `confirm` here, too. */
async function parkTarget(
  channel: PtzChannel,
  values: Values,
  actions: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly type: string; readonly number: number }> {
  const given = values.text("to")?.trim() ?? "";
  const [word = ""] = given.split(/\s/, 1);
  const rest = given.slice(word.length).trim();
  const type = actions.find((action) => action.toLowerCase() === word.toLowerCase());
  const numbered = type !== undefined && NUMBERED.has(type);
  if (type === undefined || numbered === (rest === "")) {
    const forms = actions.map((action) => (NUMBERED.has(action) ? `"${action} 1"` : `"${action}"`));
    throw invalidValue(say`"to" is ${valueText(values.raw("to"))}: give one of ${enumerate(forms)}.`);
  }
  if (!numbered) return { type, number: 0 };
  if (type === "patrol" || type === "pattern")
    return { type, number: new Values({ [type]: rest }).whole(type, PTZ_BOUNDS[type]) };
  const preset = await channel.presets.numberOf(rest, signal);
  await channel.presets.refuseCommand(preset, values.flag("confirm"), signal);
  return { type, number: preset };
}

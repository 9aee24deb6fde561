/**
 * Presets by number or name, and which numbers are commands: many domes run a command when some presets are called, set or
 * deleted (94 restarts the device). Those are refused unless confirmed.
 */
import { FatalError } from "../lib/errors";
import { boolean, list, number, text } from "../isapi/xml";
import { Cached } from "../lib/cached";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { PTZ_BOUNDS } from "./bounds";
import type { ChannelAccess } from "./channel-access";
import { invalidValue, valueText } from "./values";

export interface Preset {
  readonly preset: number;
  readonly name?: string;
  /** A command on this device, or on most domes. */
  readonly command?: true;
}

const KEEP_MS = 10 * 60_000;
const NUMBERS = PTZ_BOUNDS.preset;
const RESTART = 94;
/** Below this no device has commands. */
const FIRST_COMMAND = 33;

/** The best known commands, from the manuals of Hikvision's domes. */
const KNOWN_COMMANDS: ReadonlyMap<number, Sentence> = new Map([
  [92, say`sets the limits of movement`],
  [RESTART, say`restarts the device`],
  [95, say`opens the menu in the picture`],
  [96, say`ends a scan`],
  [97, say`starts a random scan`],
  [98, say`starts a frame scan`],
  [99, say`starts an auto-pan`],
]);

/**
 * For devices that do not list their own: 33 to 105 as vendors' clients keep free, and 106 to 108, 130 to 132 and 200
 * from the manual of the DS-2DE5184-AE.
 */
export function isUsualCommand(preset: number): boolean {
  return (preset >= FIRST_COMMAND && preset <= 108) || (preset >= 130 && preset <= 132) || preset === 200;
}

export class Presets {
  readonly #channel: ChannelAccess;
  readonly #list: Cached<readonly Preset[]>;

  constructor(channel: ChannelAccess) {
    this.#channel = channel;
    this.#list = new Cached(() => this.#read(), channel.clock, KEEP_MS);
  }

  /** Those in use, by number, as the device has them now. */
  list(signal: AbortSignal): Promise<readonly Preset[]> {
    this.#list.forget();
    return this.#list.get(signal);
  }

  /** The cached list may be outdated. */
  forget(): void {
    this.#list.forget();
  }

  /** The name from the cached list, read again after ten minutes; undefined where there is none. */
  async nameOf(preset: number, signal: AbortSignal): Promise<string | undefined> {
    return (await this.#list.get(signal)).find((one) => one.preset === preset)?.name;
  }

  /**
   * The number of a preset given by number or name. An unknown name is looked up again, once.
   * Throws `notFound` naming some that there are, `badRequest` for what is neither.
   */
  async numberOf(given: unknown, signal: AbortSignal): Promise<number> {
    if (typeof given === "number" || (typeof given === "string" && /^\s*\d+\s*$/.test(given)))
      return presetNumber(given);
    if (typeof given !== "string")
      throw invalidValue(say`"preset" is ${valueText(given)}: give the number or the name of a preset.`);
    const known = find(await this.#list.get(signal), given) ?? find(await this.list(signal), given);
    if (known) return known.preset;
    const some = (await this.#list.get(signal)).flatMap(({ name }) => (name === undefined ? [] : [`"${name}"`]));
    throw new FatalError(
      "notFound",
      some.length > 0
        ? say`There is no preset ${valueText(given)} on channel ${this.#channel.number}. There are ${enumerate(some.slice(0, 8))}.`
        : say`There is no preset ${valueText(given)} on channel ${this.#channel.number}. The device lists none with a name.`,
    );
  }

  /** Throws `badRequest` for a number that is a command, unless confirmed. Reads the device's own list if needed. */
  async refuseCommand(preset: number, confirmed: boolean, signal: AbortSignal): Promise<void> {
    if (confirmed || preset < FIRST_COMMAND) return;
    if (preset !== RESTART && !isCommand(preset, (await this.#channel.capabilities(signal)).commandPresets)) return;
    const known = KNOWN_COMMANDS.get(preset);
    throw invalidValue(
      known === undefined
        ? say`Preset ${preset} is a command on many domes. Take another number, or add confirm: true if this is meant.`
        : say`Preset ${preset} is a command on many domes (it ${known}).
            Take another number, or add confirm: true if this is meant.`,
    );
  }

  async #read(): Promise<readonly Preset[]> {
    const signal = new AbortController().signal;
    const { value } = await this.#channel.get("presets", { signal });
    const commands = (await this.#channel.capabilities(signal)).commandPresets;
    return list(value, "PTZPreset")
      .flatMap((node) => {
        const preset = number(node, "id");
        // Recorders list every possible number.
        if (preset === undefined || boolean(node, "enabled") === false) return [];
        const name = text(node, "presetName");
        return [
          {
            preset,
            ...(name !== undefined && { name }),
            ...(isCommand(preset, commands) && { command: true as const }),
          },
        ];
      })
      .sort((a, b) => a.preset - b.preset);
  }
}

export function presetNumber(given: unknown): number {
  const preset = Number(given);
  if (!Number.isInteger(preset) || preset < NUMBERS.min || preset > NUMBERS.max)
    throw invalidValue(
      say`"preset" is ${valueText(given)}: presets have whole numbers from ${NUMBERS.min} to ${NUMBERS.max}.`,
    );
  return preset;
}

function isCommand(preset: number, commandPresets: readonly number[] | undefined): boolean {
  return preset === RESTART || (commandPresets ? commandPresets.includes(preset) : isUsualCommand(preset));
}

/** An exact match first, then one in any case. */
function find(presets: readonly Preset[], given: string): Preset | undefined {
  const folded = given.trim().toLowerCase();
  return (
    presets.find(({ name }) => name === given) ?? presets.find(({ name }) => name?.trim().toLowerCase() === folded)
  );
}

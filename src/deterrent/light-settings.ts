/**
 * What makes a camera's white light shine: the picture in night mode, and the supplement light white, set by hand, and bright. By day
 * it stays dark whatever is set (JoshADC/hikvision_isapi). Reads the documents and says what to put into them; writes nothing.
 */
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { enumerate, say } from "../lib/sentence";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { isRefusedPath, isUnavailable } from "../isapi/unavailable";
import { child, number, parseXml, text, type XmlNode } from "../isapi/xml";

export interface SettingsDocument {
  readonly path: string;
  /** As it came. */
  readonly bytes: Buffer;
  readonly value: XmlNode | string;
}

/** Texts by the path of their leaf below the root. */
export type Leaves = ReadonlyMap<string, string>;
export type LightState = "on" | "off" | "unknown";

export const MODE = "supplementLightMode";
export const FILTER = "IrcutFilterType";
const REGULATION = "mixedLightBrightnessRegulatMode"; // sic
/**
 * Below the root only: EventIntelligenceModeCfg has a whiteLightBrightness of its own, for events. Lights with a near and a far beam
 * have a level for each.
 */
const LEVELS = ["whiteLightBrightness", "highWhiteLightBrightness", "lowWhiteLightBrightness"] as const;
/** Newer cameras' word for it, older cameras'. */
const WHITE = ["colorvuwhitelight", "whitelight"] as const;
/** Spellings of the last part of a path: firmware disagrees. */
const LIGHT_NAMES = ["supplementLight", "SupplementLight"] as const;
const FILTER_NAMES = ["IrcutFilter", "ircutFilter"] as const;
const NIGHT = "night";
const MOST_CHARACTERS = 60;

export class LightSettings {
  readonly #isapi: Pick<Isapi, "reply">;
  readonly #lights: PathFallback<string>;
  readonly #filters: PathFallback<string>;

  constructor(isapi: Pick<Isapi, "reply">, clock: Pick<Clock, "elapsed">) {
    this.#isapi = isapi;
    this.#lights = new PathFallback<string>(LIGHT_NAMES, clock);
    this.#filters = new PathFallback<string>(FILTER_NAMES, clock);
  }

  /** Throws `notSupported` or the like for a camera without. */
  light(channel: number, signal?: AbortSignal): Promise<SettingsDocument> {
    const options = { purpose: say`the white light of channel ${channel}`, ...(signal && { signal }) };
    return this.#lights.ask({ of: String(channel) }, (name) => this.#read(channel, name, options));
  }

  /** Undefined where the camera has none. */
  async filter(channel: number, signal?: AbortSignal): Promise<SettingsDocument | undefined> {
    const options = { purpose: say`the day/night switch of channel ${channel}`, ...(signal && { signal }) };
    try {
      const found = await this.#filters.ask({ of: String(channel) }, (name) => this.#read(channel, name, options));
      return has(found, FILTER) ? found : undefined;
    } catch (error) {
      if (isRefusedPath(error)) return undefined;
      throw error;
    }
  }

  /** The device's word for white. Throws `notSupported` for a light that cannot be white. */
  async white(light: SettingsDocument, signal?: AbortSignal): Promise<string> {
    const present = text(light.value, MODE);
    const modes = await this.#modes(light, signal);
    const mode = modes
      ? WHITE.flatMap((word) => modes.find((one) => one.toLowerCase() === word) ?? [])[0]
      : guessed(present);
    if (mode !== undefined && has(light, MODE)) return mode;
    const others = modes ?? (present === undefined ? [] : [present]);
    throw new FatalError(
      "notSupported",
      others.length === 0
        ? say`The camera has no white light that can be switched.`
        : say`The camera has no white light that can be switched. Its light can be ${enumerate(others.slice(0, 10).map(shown))}.`,
    );
  }

  /** Of the camera's own capabilities; undefined where it keeps them to itself. */
  async #modes({ path }: SettingsDocument, signal: AbortSignal | undefined): Promise<readonly string[] | undefined> {
    try {
      const { body } = await this.#isapi.reply("GET", `${path}/capabilities`, { ...(signal && { signal }) });
      const options = child(parseXml(body).value, MODE, "@_opt");
      return typeof options === "string"
        ? options
            .slice(0, 1_000)
            .split(",")
            .map((word) => word.trim())
        : undefined;
    } catch (error) {
      if (isUnavailable(error)) return undefined;
      throw error;
    }
  }

  async #read(channel: number, name: string, options: CallOptions): Promise<SettingsDocument> {
    const path = `/ISAPI/Image/channels/${channel}/${name}`;
    const { body } = await this.#isapi.reply("GET", path, options);
    return { path, bytes: body, value: parseXml(body).value };
  }
}

/** Of the light; levels that the document does not have are left out. */
export function shining(light: SettingsDocument, white: string, brightness: number): Leaves {
  return new Map([
    [MODE, white],
    ...(has(light, REGULATION) ? [[REGULATION, "manual"] as const] : []),
    ...LEVELS.filter((name) => has(light, name)).map((name) => [name, String(brightness)] as const),
  ]);
}

export const nightly: Leaves = new Map([[FILTER, NIGHT]]);

export function hasLevel(light: SettingsDocument): boolean {
  return LEVELS.some((name) => has(light, name));
}

/** Is it as a command leaves it? */
export function isShining(light: SettingsDocument, white: string, filter: SettingsDocument | undefined): boolean {
  return text(light.value, MODE) === white && (!filter || text(filter.value, FILTER) === NIGHT);
}

/** Of the first of its beams. */
export function levelIn(texts: Readonly<Record<string, string>>): number | undefined {
  return LEVELS.map((name) => number(texts, name)).find((level) => level !== undefined);
}

/** What the document has in these leaves. */
export function present({ value }: SettingsDocument, leaves: Leaves): Leaves {
  return new Map([...leaves.keys()].map((name) => [name, text(value, name) ?? ""]));
}

/** As far as the settings tell; whether it is dark enough for "auto" they do not. */
export function stateOf(light: SettingsDocument, filter: SettingsDocument | undefined): LightState {
  const mode = text(light.value, MODE)?.toLowerCase();
  if (mode === "close" || mode === "irlight") return "off";
  if (mode === undefined || !(WHITE as readonly string[]).includes(mode)) return "unknown";
  const level = LEVELS.map((name) => number(light.value, name)).find((one) => one !== undefined);
  const manual = text(light.value, REGULATION)?.toLowerCase() !== "auto";
  if (manual && level === 0) return "off";
  const filtered = filter && text(filter.value, FILTER)?.toLowerCase();
  if (filtered === "day") return "off";
  return filtered === NIGHT && manual ? "on" : "unknown";
}

function has({ value }: SettingsDocument, name: string): boolean {
  return child(value, name) !== undefined;
}

/** Without capabilities: by the family of the mode that is set. Undefined: no light of which anything is known. */
function guessed(mode: string | undefined): string | undefined {
  if (mode === undefined) return undefined;
  return /^(?:mixed|whitelight)$/i.test(mode) ? "whitelight" : "colorVuWhiteLight";
}

function shown(word: string): string {
  return word.slice(0, MOST_CHARACTERS);
}

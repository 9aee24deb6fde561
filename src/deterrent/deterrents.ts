/** What a camera drives people away with: siren, voice clips, white light. One command at a time per input; see docs/contract.md. */
import { setMaxListeners } from "node:events";
import type { DocumentChanges } from "../control/document-changes";
import type { WriteQueue } from "../control/write-queue";
import type { DeviceFacts } from "../isapi/device-facts";
import type { Isapi } from "../isapi/isapi";
import { isUnreachable } from "../isapi/unavailable";
import type { Clock } from "../lib/clock";
import { FatalError } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { Values } from "../ptz/values";
import { DETERRENT_BOUNDS, DETERRENT_DEFAULTS } from "./bounds";
import { LightSettings, type LightState } from "./light-settings";
import { CLIP_S, Siren } from "./siren";
import { readSounds, type Sound } from "./sounds";
import { type KeptLight, type KeptLights, WhiteLight } from "./white-light";

export interface DeterrentCommand {
  readonly channel: number;
  /** siren, light, stop, list or status. */
  readonly action: string;
  /** sound, times; brightness, duration. Those of other actions are not looked at. */
  readonly values: Readonly<Record<string, unknown>>;
}

export type DeterrentResult =
  | { readonly done: "siren"; readonly sound: string | number; readonly seconds: number }
  | { readonly done: "light"; readonly brightness?: number; readonly seconds?: number }
  | { readonly done: "stop"; readonly note?: Sentence }
  | { readonly light?: LightState; readonly playing: boolean }
  | readonly Sound[];

export interface DeterrentsOptions {
  readonly isapi: Isapi;
  readonly changes: DocumentChanges;
  readonly writes: WriteQueue;
  readonly channels: DeviceFacts["channels"];
  readonly clock: Clock;
  /** How lights were before they were switched on, over deploys. */
  readonly kept: KeptLights;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

/** "playing" while a clip is heard, "on" while the light is, for a node's status. */
export type DeterrentPhase = "playing" | "on";

const ACTIONS = ["siren", "light", "stop", "list", "status"] as const;

export class Deterrents {
  readonly #options: DeterrentsOptions;
  readonly #settings: LightSettings;
  readonly #siren: Siren;
  readonly #lights = new Map<number, WhiteLight>();
  readonly #closing = new AbortController();

  constructor(options: DeterrentsOptions) {
    // Every command that is under way listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.#options = options;
    this.#settings = new LightSettings(options.isapi, options.clock);
    this.#siren = new Siren({ ...options, closing: this.#closing.signal });
  }

  /** Throws `badRequest` before anything is sent for what is no command, `notSupported` for a camera behind a recorder. */
  async run(
    command: DeterrentCommand,
    signal: AbortSignal,
    progress: (phase: DeterrentPhase) => void = () => undefined,
  ): Promise<DeterrentResult> {
    const { channel, action } = command;
    const values = new Values(command.values);
    switch (action) {
      case "siren": {
        const times = values.has("times") ? values.whole("times", DETERRENT_BOUNDS.times) : DETERRENT_DEFAULTS.times;
        return this.#held(this.#play(channel, values.raw("sound"), times, signal, progress));
      }
      case "light": {
        const { brightness: range, duration } = DETERRENT_BOUNDS;
        const brightness = values.has("brightness") ? values.whole("brightness", range) : DETERRENT_DEFAULTS.brightness;
        const seconds = values.optionalNumber("duration", duration, "s");
        const ms = seconds === undefined ? undefined : seconds * 1000;
        return this.#held(this.#lightUp(channel, brightness, ms, signal, progress));
      }
      case "stop":
        return this.#held(this.#stop(channel, signal));
      case "list":
        await this.#refuseBehindRecorder(channel, signal);
        return this.#siren.list(signal);
      case "status":
        return this.#status(channel, signal);
      default:
        throw new FatalError("badRequest", say`"${action.slice(0, 30)}" is no action: give ${enumerate(ACTIONS)}.`);
    }
  }

  /** For a form: as they are now. Throws what {@link readSounds} throws, `notSupported` for a camera behind a recorder. */
  async sounds(channel: number, signal: AbortSignal): Promise<readonly Sound[]> {
    await this.#refuseBehindRecorder(channel, signal);
    return readSounds(this.#options.isapi, signal);
  }

  /** Ends what is under way, and puts back what was changed for it, before close. Repeatable. */
  stop(): void {
    this.#closing.abort();
  }

  /** Close waits for it. */
  #held<T>(work: Promise<T>): Promise<T> {
    this.#options.beforeClose(work);
    return work;
  }

  async #play(
    channel: number,
    sound: unknown,
    times: number,
    signal: AbortSignal,
    progress: (phase: DeterrentPhase) => void,
  ): Promise<DeterrentResult> {
    await this.#refuseBehindRecorder(channel, signal);
    return { done: "siren", ...(await this.#siren.play(sound, times, signal, () => progress("playing"))) };
  }

  async #lightUp(
    channel: number,
    brightness: number,
    ms: number | undefined,
    signal: AbortSignal,
    progress: (phase: DeterrentPhase) => void,
  ): Promise<DeterrentResult> {
    await this.#refuseBehindRecorder(channel, signal);
    return { done: "light", ...(await this.#light(channel).on(brightness, ms, signal, () => progress("on"))) };
  }

  /** Asks nothing first: what is on goes off at once. */
  async #stop(channel: number, signal: AbortSignal): Promise<DeterrentResult> {
    this.#siren.stop();
    const playing = this.#siren.isPlaying;
    const wasLit = await this.#light(channel).stop();
    if (!wasLit && !playing)
      await this.#refuseBehindRecorder(channel, signal).catch((error: unknown) => {
        // There is nothing to stop, whether the device answers or not.
        if (!isUnreachable(error) || signal.aborted) throw error;
      });
    return {
      done: "stop",
      ...(playing && { note: say`A clip cannot be cut off: it ends by itself after about ${CLIP_S} s.` }),
    };
  }

  async #status(channel: number, signal: AbortSignal): Promise<DeterrentResult> {
    await this.#refuseBehindRecorder(channel, signal);
    const light = await this.#light(channel).state(signal);
    // Without a light there has to be a siren, or there is nothing to tell of.
    if (light === undefined) await this.#siren.list(signal);
    return { ...(light !== undefined && { light }), playing: this.#siren.isPlaying };
  }

  #light(channel: number): WhiteLight {
    const known = this.#lights.get(channel);
    if (known) return known;
    const light = new WhiteLight(channel, {
      ...this.#options,
      settings: this.#settings,
      closing: this.#closing.signal,
    });
    this.#lights.set(channel, light);
    return light;
  }

  /** No recorder passes these calls on to a camera. */
  async #refuseBehindRecorder(channel: number, signal: AbortSignal): Promise<void> {
    const channels = await this.#options.channels(signal).catch((error: unknown) => {
      if (isUnreachable(error)) throw error;
      return [];
    });
    const found = channels.find(({ number, kind }) => number === channel && kind === "digital");
    if (!found) return;
    const address = found.source?.address?.slice(0, 100);
    throw new FatalError(
      "notSupported",
      address === undefined
        ? say`Channel ${channel} is a camera behind a recorder. Its siren and light can be used only at the camera's own address:
            add the camera as a device of its own, and choose that here.`
        : say`Channel ${channel} is a camera behind a recorder. Its siren and light can be used only at the camera's own address,
            ${address}: add it as a device of its own, and choose that here.`,
    ).at(this.#options.isapi.http.identity);
  }
}

/** Lights of one device in a memory for all of them. */
export function keptLightsOf(
  memory: {
    get(key: string): KeptLight | undefined;
    set(key: string, kept: KeptLight): void;
    delete(key: string): void;
  },
  device: string,
): KeptLights {
  const key = (channel: number): string => `${device} ${channel}`;
  return {
    get: (channel) => memory.get(key(channel)),
    set: (channel, kept) => (kept ? memory.set(key(channel), kept) : memory.delete(key(channel))),
  };
}

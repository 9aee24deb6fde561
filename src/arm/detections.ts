/** The switches of the detections, each in a document of its own. */
import type { DocumentChanges } from "../control/document-changes";
import { DeviceDocument } from "../control/device-document";
import type { Channel } from "../isapi/channels";
import { DETECTION_TYPES, switchPaths } from "../isapi/detection-paths";
import type { DeviceFacts } from "../isapi/device-facts";
import type { Isapi } from "../isapi/isapi";
import { isDeviceError } from "../isapi/response-status";
import { isRefusedPath } from "../isapi/unavailable";
import { FatalError, type HikvisionError, isHikvisionError, RetryableError } from "../lib/errors";
import { Semaphore } from "../lib/semaphore";
import { say, type Sentence } from "../lib/sentence";
import { seesNothing, switchLeaf } from "./detection-document";
import type { ExclusiveFunctions } from "./exclusive-functions";
import { concernsAll, keptError } from "./failures";
import { chosenChannels, isChosen, knownChannels, withMissing } from "./selection";
import { placeOf, type TriggerLookup } from "./trigger-lookup";
import type { ArmFailure, ArmPlace, ArmSelection, ArmSwitch, ArmSwitches } from "./types";

export interface DetectionsOptions {
  readonly isapi: Pick<Isapi, "bytes">;
  readonly facts: Pick<DeviceFacts, "channels" | "channelsNow">;
  readonly changes: DocumentChanges;
  readonly exclusive: ExclusiveFunctions;
}

export interface DetectionSwitch extends ArmSwitch {
  /** Why it sees nothing when it is on, by its document. */
  readonly unseeing: Sentence | undefined;
}

interface DetectionSwitches extends ArmSwitches {
  readonly switches: readonly DetectionSwitch[];
}

/** Of a device's documents at once. */
const READERS = 4;
const MOST_BYTES = 256 * 1024;

export class Detections {
  readonly #options: DetectionsOptions;

  constructor(options: DetectionsOptions) {
    this.#options = options;
  }

  /** Reads all that are chosen. Throws when the device cannot be talked to. */
  async read(selection: ArmSelection, triggers: TriggerLookup, signal: AbortSignal): Promise<DetectionSwitches> {
    const channels = await knownChannels(this.#options.facts, signal);
    const kinds = new Map(channels?.map(({ number, kind }) => [number, kind]));
    const places = await this.#places(selection, channels, triggers);
    const readers = new Semaphore(READERS);
    const switches: DetectionSwitch[] = [];
    const failures: ArmFailure[] = [];
    const read = await Promise.all(
      places.map(async (place) => {
        try {
          return await readers.run(() => this.#switch(place, kinds.get(place.channel ?? 0), signal), signal);
        } catch (error) {
          if (concernsAll(error) || !isHikvisionError(error)) throw error;
          return isRefusedPath(error) && !isNamed(selection, place) ? undefined : { place, error };
        }
      }),
    );
    for (const one of read) {
      if (one === undefined) continue;
      if ("error" in one) failures.push(one);
      else switches.push(one);
    }
    const explained = await this.#explained(failures, signal);
    const { failures: all } = withMissing("detection", selection, { switches, failures: explained });
    return { switches, failures: all };
  }

  /** Of a camera that is off, a recorder says "internal error". */
  async #explained(failures: readonly ArmFailure[], signal: AbortSignal): Promise<readonly ArmFailure[]> {
    if (!failures.some(({ error }) => isDeviceError(error))) return failures;
    const channels = await this.#options.facts.channelsNow(signal).catch(() => []);
    const off = new Set(channels.flatMap(({ number, online }) => (online === false ? [number] : [])));
    return failures.map((failure) =>
      isDeviceError(failure.error) && off.has(failure.place.channel ?? 0)
        ? { ...failure, error: cameraOffline(failure.error) }
        : failure,
    );
  }

  async #places(
    selection: ArmSelection,
    channels: readonly Channel[] | undefined,
    triggers: TriggerLookup,
  ): Promise<readonly ArmPlace[]> {
    const { types } = selection;
    const numbers = chosenChannels(selection, channels);
    const ofChannels = (wanted: readonly string[]): readonly ArmPlace[] =>
      numbers.flatMap((channel) => wanted.map((type) => ({ channel, type })));
    if (types.length > 0) {
      const inputs = types.includes("IO") ? await inputsOf(selection, triggers) : [];
      return [...ofChannels(types.filter((type) => type !== "IO")), ...inputs];
    }
    const listed = await triggers.list();
    if (!listed) return ofChannels(DETECTION_TYPES);
    const places = listed
      .map(placeOf)
      .filter((place) => isChosen(selection, place) && DETECTION_TYPES.includes(place.type));
    // A camera may leave out of its list what it has (V5.7); of a recorder that would be too many questions.
    const all = numbers.length === 1 ? [...places, ...ofChannels(DETECTION_TYPES)] : places;
    return [...new Map(all.map((place) => [`${place.channel} ${place.type}`, place])).values()];
  }

  async #switch(place: ArmPlace, kind: Channel["kind"] | undefined, signal: AbortSignal): Promise<DetectionSwitch> {
    const { path, document } = await this.#document(place, kind, signal);
    const leaf = switchLeaf(document);
    if (leaf === undefined) throw withoutSwitch();
    const text = new DeviceDocument(document).text(leaf);
    const { changes, exclusive } = this.#options;
    const on = isOn(text);
    const write = async (value: string | boolean, queueSignal?: AbortSignal): Promise<void> => {
      const { refused } = await changes.change({
        path,
        values: new Map([[leaf, value]]),
        ...(queueSignal && { queueSignal }),
      });
      if (refused.length > 0) throw keptError();
    };
    return {
      place,
      on,
      unseeing: seesNothing(document, place.type),
      set: async (wanted, queueSignal) => {
        if (wanted && place.channel !== null) await exclusive.check(place.type, place.channel, queueSignal);
        try {
          await write(wanted, queueSignal);
        } catch (error) {
          throw isHikvisionError(error) ? await exclusive.explained(error) : error;
        }
      },
      restore: () => write(text),
      state: async () => {
        const { data } = await this.#options.isapi.bytes(path, { maxBytes: MOST_BYTES });
        const now = switchLeaf(data);
        return now === undefined ? undefined : isOn(new DeviceDocument(data).text(now));
      },
    };
  }

  async #document(
    place: ArmPlace,
    kind: Channel["kind"] | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly path: string; readonly document: Buffer }> {
    const { channel, type, inputPort: input } = place;
    const paths = switchPaths({ type, channel: channel ?? undefined, input }, kind);
    let refusal: HikvisionError | undefined;
    for (const path of paths) {
      try {
        const options = { purpose: say`the switch of the detection`, maxBytes: MOST_BYTES, signal };
        const { data } = await this.#options.isapi.bytes(path, options);
        return { path, document: data };
      } catch (error) {
        if (!isRefusedPath(error) || !isHikvisionError(error)) throw error;
        refusal ??= error;
      }
    }
    throw refusal ?? withoutSwitch();
  }
}

async function inputsOf(selection: ArmSelection, triggers: TriggerLookup): Promise<readonly ArmPlace[]> {
  const listed = (await triggers.list()) ?? [];
  const inputs = listed.map(placeOf).filter(({ type, inputPort }) => type === "IO" && inputPort !== undefined);
  // The first hundred are the device's own; those of a camera carry its number in front.
  const isHere = (input: number): boolean =>
    selection.channels.length === 0 || input <= 100 || selection.channels.includes(Math.floor(input / 100));
  return inputs.filter(({ inputPort }) => isHere(inputPort ?? 0));
}

/** Both the channel and the type were asked for by name. */
function isNamed({ channels, types }: ArmSelection, { channel }: ArmPlace): boolean {
  return types.length > 0 && channel !== null && channels.includes(channel);
}

function cameraOffline({ cause }: HikvisionError): RetryableError {
  return new RetryableError(
    "offline",
    say`The camera behind the recorder is offline. Check its power and network.`,
    cause,
  );
}

function isOn(text: string): boolean {
  return /^(?:true|1)$/i.test(text);
}

function withoutSwitch(): FatalError {
  return new FatalError("notSupported", say`It has no switch of its own that is known here.`);
}

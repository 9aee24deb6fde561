/**
 * The siren and the voice clips of a camera. Ids and texts are each camera's own, so there is no table of them here: those of its
 * capabilities count (VG §15.3.22; maciej-or/hikvision_next#114). A text may hold commas and "&", and is never taken apart.
 */
import { FatalError, RetryableError } from "../lib/errors";
import { enumerate, say, type SentenceValue } from "../lib/sentence";
import type { Isapi } from "../isapi/isapi";
import { isNotOffered } from "../isapi/unavailable";
import { child, list, number, text } from "../isapi/xml";

export interface Sound {
  readonly id: number;
  readonly name: string;
  /** "custom": somebody has uploaded it to the camera. */
  readonly kind: "siren" | "voice" | "custom";
}

/** What a command asks for: a sound of the list, or an id for which there is no list. */
export type WantedSound = Sound | { readonly id: number; readonly name?: undefined; readonly kind?: undefined };

export const AUDIO_ALARM = "/ISAPI/Event/triggers/notifications/AudioAlarm";
/** Lists of the capabilities with their names for id and text: newer firmware's, older firmware's. */
const LISTS = [
  ["AlertAudioTypeListCap", "alertAudioID", "alertAudioDescription"],
  ["audioTypeListCap", "audioID", "audioDescription"],
] as const;
const MOST_SOUNDS = 1_000;
const MOST_CHARACTERS = 200;
const MOST_NAMED = 30;
/** "Siren", "(Siren)&Danger,please keep away", "Audio Warning", "beep": more than words. */
const SIREN = /siren|audio warning|^beep|警笛|警报|警報/i;

/**
 * All sounds of the camera, in its order. Throws what {@link Isapi.json} throws: `notSupported` or the like for a device without,
 * `protocol` where its answer has no list.
 */
export async function readSounds(isapi: Pick<Isapi, "json">, signal?: AbortSignal): Promise<readonly Sound[]> {
  const options = { purpose: say`siren and voice`, ...(signal && { signal }) };
  const answer = await isapi.json("GET", `${AUDIO_ALARM}/capabilities?format=json`, undefined, options);
  const capabilities = child(answer, "AudioAlarmCap") ?? answer;
  const found = LISTS.find(([name]) => Array.isArray(child(capabilities, name)));
  if (!found)
    throw new RetryableError(
      "protocol",
      say`The device does not list its siren and voice clips in a way that can be understood.`,
    );
  const [name, id, description] = found;
  const own = soundsIn(child(capabilities, name), id, description, (words) => (SIREN.test(words) ? "siren" : "voice"));
  return [...own, ...(await readUploaded(isapi, own, signal))];
}

/** Uploaded clips, where the camera keeps a list of them that can be read. */
async function readUploaded(
  isapi: Pick<Isapi, "json">,
  own: readonly Sound[],
  signal: AbortSignal | undefined,
): Promise<readonly Sound[]> {
  try {
    const options = { purpose: say`siren and voice`, ...(signal && { signal }) };
    const answer = await isapi.json("GET", `${AUDIO_ALARM}/customAudioInfo?format=json`, undefined, options);
    const entries = child(answer, "CustomAudioInfoList") ?? child(answer, "CustomAudioInfo", "CustomAudioInfoList");
    const uploaded = soundsIn(entries, "customAudioID", "customAudioName", () => "custom");
    return uploaded.filter(({ id, name }) => !own.some((sound) => sound.id === id && sound.name === name));
  } catch (error) {
    if (isNotOffered(error)) return [];
    throw error;
  }
}

function soundsIn(entries: unknown, id: string, name: string, kind: (name: string) => Sound["kind"]): readonly Sound[] {
  if (!Array.isArray(entries)) return [];
  return list(entries.slice(0, MOST_SOUNDS)).flatMap((entry) => {
    const value = number(entry, id);
    if (value === undefined || !Number.isInteger(value) || value < 0) return [];
    const words = (text(entry, name) ?? String(value)).trim().slice(0, MOST_CHARACTERS);
    return [{ id: value, name: words, kind: kind(words) }];
  });
}

/**
 * The sound with this id or, in any letter case, this name; nothing given means the camera's siren. Of a device that keeps its list
 * to itself (`sounds` undefined), any id. Throws `badRequest` for what is neither, `notFound` for what the camera does not have once.
 */
export function soundOf(given: unknown, sounds: readonly Sound[] | undefined): WantedSound {
  const wanted = typeof given === "string" ? given.trim() : given;
  if (wanted === undefined || wanted === null || wanted === "") {
    const siren = sounds?.find(({ kind }) => kind === "siren") ?? sounds?.[0];
    if (siren) return siren;
    throw new FatalError(
      "badRequest",
      say`The device does not list its sounds. Give the id of one, for example 1: "sound" is empty.`,
    );
  }
  if (typeof wanted !== "string" && typeof wanted !== "number")
    throw new FatalError("badRequest", say`"sound" has to be the id or the name of a sound.`);
  const id = /^\d{1,6}$/.test(String(wanted)) ? Number(wanted) : undefined;
  if (!sounds) {
    if (id !== undefined) return { id };
    throw new FatalError(
      "notFound",
      say`The device does not list its sounds, so none is found by the name "${shown(wanted)}". Give an id.`,
    );
  }
  const byId = sounds.find((sound) => sound.id === id);
  if (byId) return byId;
  const [found, ...others] = sounds.filter(({ name }) => name.toLowerCase() === String(wanted).toLowerCase());
  if (found && others.length === 0) return found;
  throw new FatalError(
    "notFound",
    found
      ? say`Several sounds are called "${shown(wanted)}": ${described([found, ...others])}. Give the id instead.`
      : say`There is no sound "${shown(wanted)}". The device has ${described(sounds)}. Give an id, or one of these names.`,
  );
}

function described(sounds: readonly Sound[]): SentenceValue {
  return enumerate(sounds.slice(0, MOST_NAMED).map(({ id, name }) => say`${id} "${name}"`));
}

function shown(given: string | number): string {
  return String(given).slice(0, 60);
}

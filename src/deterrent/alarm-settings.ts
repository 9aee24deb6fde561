/**
 * `audioClass` of a camera's AudioAlarm has to fit the sound: while it is `customAudio`, a stock id plays another clip
 * (JoeyGE0/hikvision_isapi). It is changed for the sound and put back after it; the document is JSON and written as a whole.
 */
import { FatalError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { isRefusedPath } from "../isapi/unavailable";
import { AUDIO_ALARM, type WantedSound } from "./sounds";

const PATH = `${AUDIO_ALARM}?format=json`;
/** What a sound may need to have changed. */
const MEMBERS = ["audioClass", "audioID", "alertAudioID", "customAudioID"] as const;

type Members = Readonly<Record<string, unknown>>;

interface Settings {
  readonly bytes: Buffer;
  readonly members: Members;
}

/** Settings that were changed, to be put back. */
export interface ChangedSettings {
  readonly before: Settings;
  /** As the camera tells them after the change. */
  readonly changed: Settings;
}

/** Undefined: they fit already, or there are none. Where the camera does not take the change they are as before, and it throws. */
export async function fitSettings(
  isapi: Pick<Isapi, "reply">,
  sound: WantedSound,
): Promise<ChangedSettings | undefined> {
  const before = await read(isapi, {}).catch((error: unknown) => {
    if (isRefusedPath(error)) return undefined;
    throw error;
  });
  const present = before?.members["audioClass"];
  const wanted = classOf(sound);
  if (!before || wanted === undefined || typeof present !== "string" || present === wanted) return undefined;
  let changed: Settings | undefined;
  try {
    // Leaving customAudio needs a valid alertAudioID in the same document.
    const id = wanted === "customAudio" ? { customAudioID: sound.id } : { alertAudioID: sound.id };
    const { members } = before;
    await write(isapi, jsonOf({ ...members, audioClass: wanted, audioID: sound.id, ...id }), {});
    changed = await read(isapi, {});
    if (changed?.members["audioClass"] === wanted) return { before, changed };
    throw new FatalError(
      "notSupported",
      say`The device keeps its sound type "${present.slice(0, 40)}", with which it would play another clip. Choose the type of
        the sound on its web page (audible alarm).`,
    );
  } catch (error) {
    await putBackSettings(isapi, { before, changed: changed ?? before }).catch(() => undefined);
    throw error;
  }
}

/** Writes nothing where they are as before; what others have changed meanwhile stays. */
export async function putBackSettings(
  isapi: Pick<Isapi, "reply">,
  { before, changed }: ChangedSettings,
): Promise<void> {
  const urgent = { urgent: true };
  const present = await read(isapi, urgent);
  if (present?.bytes.equals(before.bytes)) return;
  if (!present || present.bytes.equals(changed.bytes) || changed === before) return write(isapi, before.bytes, urgent);
  const restored = Object.fromEntries(
    Object.entries({ ...present.members, ...pick(before.members) }).filter(
      ([name]) => Object.hasOwn(before.members, name) || !isMember(name),
    ),
  );
  return write(isapi, jsonOf(restored), urgent);
}

/** Undefined: a sound of which nothing is known is played with the settings that there are. */
function classOf({ kind }: WantedSound): string | undefined {
  if (kind === undefined) return undefined;
  return kind === "custom" ? "customAudio" : "alertAudio";
}

/** Undefined: the answer is no such document. */
async function read(isapi: Pick<Isapi, "reply">, options: CallOptions): Promise<Settings | undefined> {
  const { body } = await isapi.reply("GET", PATH, { ...options, purpose: say`the settings of siren and voice` });
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString("utf8"));
  } catch {
    throw new RetryableError(
      "protocol",
      say`The device does not tell the settings of siren and voice in a way that can be understood.`,
    );
  }
  const members = isMembers(answer) ? answer["AudioAlarm"] : undefined;
  return isMembers(members) ? { bytes: body, members } : undefined;
}

async function write(isapi: Pick<Isapi, "reply">, body: string | Buffer, options: CallOptions): Promise<void> {
  // The same document again does no harm.
  const safe = { retryBusy: true, contentType: "application/json; charset=UTF-8" };
  await isapi.reply("PUT", PATH, { ...options, ...safe, body, purpose: say`the settings of siren and voice` });
}

function jsonOf(members: Members): string {
  return JSON.stringify({ AudioAlarm: members });
}

function pick(members: Members): Members {
  return Object.fromEntries(MEMBERS.flatMap((name) => (Object.hasOwn(members, name) ? [[name, members[name]]] : [])));
}

function isMember(name: string): boolean {
  return (MEMBERS as readonly string[]).includes(name);
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Which video a form and a message ask for. */
import { channelNumber, type Device, playbackUriOf, type Recording, streamNumber, type VideoRequest } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import { type ValueReader, withTimeWords } from "../shared/typed-values";
import { fields } from "./fields";

/** As the form saves it, without what a message may bring. */
export interface VideoForm {
  readonly kind?: "live" | "time" | "recording";
}

/** Throws `badRequest` for values that are none, and what finding a recording by its name throws. */
export async function videoRequest(
  { recordings, time }: Pick<Device, "recordings" | "time">,
  { kind = "live" }: VideoForm,
  readAsGiven: ValueReader,
  message: FlowMessage,
  signal: AbortSignal,
): Promise<VideoRequest> {
  const read = withTimeWords(readAsGiven, fields, { time }, signal);
  if (kind === "recording") {
    const recording = await read("recording", message);
    const find = (name: string): Promise<Recording> => recordings.findByName(name, { signal });
    return { kind, playbackUri: await playbackUriOf(recording, find) };
  }
  const channel = channelNumber(await read("channel", message));
  if (kind === "time") return { kind, channel, start: await read("start", message), end: await read("end", message) };
  const stream = await read("stream", message);
  return { kind, channel, stream: stream === undefined ? undefined : streamNumber(stream) };
}

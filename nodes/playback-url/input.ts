/** Which address a playback-url's form and a message ask for. */
import {
  channelNumber,
  type CoveredUrl,
  coveredUrl,
  type Device,
  playbackUriOf,
  type Recording,
  streamNumber,
  type StreamUrl,
} from "../../src";
import type { FlowMessage } from "../shared/on-input";
import { type ValueReader, withTimeWords } from "../shared/typed-values";
import { fields } from "./fields";

/** As the form saves it, without what a message may bring. */
export interface PlaybackForm {
  readonly kind?: "live" | "time" | "recording";
  readonly transport?: "unicast" | "multicast";
  readonly withCredentials?: boolean;
}

/** Throws `badRequest` for values that are none, and what {@link StreamUrls} throws. */
export async function playbackAddress(
  device: Pick<Device, "streamUrls" | "recordings" | "time">,
  form: PlaybackForm,
  readAsGiven: ValueReader,
  message: FlowMessage,
  signal: AbortSignal,
): Promise<StreamUrl | CoveredUrl> {
  const { streamUrls, recordings } = device;
  const read = withTimeWords(readAsGiven, fields, device, signal);
  const common = { signal, withCredentials: form.withCredentials === true };
  const channel = async (): Promise<number> => channelNumber(await read("channel", message));
  switch (form.kind) {
    case "time":
      return coveredUrl(device, {
        ...common,
        channel: await channel(),
        start: await read("start", message),
        end: await read("end", message),
      });
    case "recording": {
      const recording = await read("recording", message);
      const find = (name: string): Promise<Recording> => recordings.findByName(name, { signal });
      return streamUrls.byRecording({ ...common, playbackUri: await playbackUriOf(recording, find) });
    }
    default:
      return streamUrls.live({
        ...common,
        channel: await channel(),
        stream: streamNumber(await read("stream", message)),
        transport: form.transport === "multicast" ? "multicast" : "unicast",
      });
  }
}

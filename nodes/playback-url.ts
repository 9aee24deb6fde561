/** hikvision-playback-url: one RTSP address per message. Knows RED; src/rtsp knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { playbackUriOf } from "../src/rtsp/chosen-recording";
import type { Recording } from "../src/recordings/recording";
import type { StreamUrl } from "../src/rtsp/stream-urls";
import { channelNumber, streamNumber } from "../src/values/channel";
import { deviceNodeOf, findDeviceNode } from "./runtime/device-node";
import { onInput } from "./runtime/on-input";
import { valueReader } from "./runtime/typed-values";
import { tell } from "./runtime/words";

interface PlaybackUrlDef extends NodeDef {
  readonly device?: string;
  readonly kind?: "live" | "time" | "recording";
  readonly transport?: "unicast" | "multicast";
  readonly withCredentials?: boolean;
}

export = function (RED: NodeAPI): void {
  function PlaybackUrl(this: Node, def: PlaybackUrlDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def);
    const said = new Set<string>();

    onInput(
      RED,
      this,
      () => findDeviceNode(RED, def.device)?.device?.identity,
      async (message, { signal }) => {
        const { streamUrls, recordings, identity } = deviceNodeOf(RED, def.device).device;
        const common = { signal, withCredentials: def.withCredentials === true };
        const channel = async (): Promise<number> => channelNumber(await read("channel", message));

        const make = async (): Promise<StreamUrl> => {
          switch (def.kind) {
            case "time":
              return streamUrls.byTime({
                ...common,
                channel: await channel(),
                start: await read("start", message),
                end: await read("end", message),
              });
            case "recording": {
              const recording = await read("recording", message);
              const find = (name: string): Promise<Recording> => recordings.named(name, { signal });
              return streamUrls.byRecording({ ...common, playbackUri: await playbackUriOf(recording, find) });
            }
            default:
              return streamUrls.live({
                ...common,
                channel: await channel(),
                stream: streamNumber(await read("stream", message)),
                transport: def.transport === "multicast" ? "multicast" : "unicast",
              });
          }
        };
        const { url, ...made } = await make();
        const playback = { ...made, notices: made.notices.map((notice) => tell(RED, notice)) };
        for (const notice of playback.notices) {
          if (!said.has(notice)) this.warn(notice);
          said.add(notice);
        }
        const { id, name, host } = identity;
        return Object.assign(message, { payload: url, playback: { ...playback, device: { id, name, host } } });
      },
    );
  }

  RED.nodes.registerType("hikvision-playback-url", PlaybackUrl);
};

/** hikvision-playback-url: one RTSP address per message. Knows RED; src/rtsp knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";
import { playbackAddress } from "./input";

interface PlaybackUrlDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function PlaybackUrl(this: Node, def: PlaybackUrlDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const warned = new Set<string>();

    const { settings, fault } = checkSettings(RED, this, def, fields);

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      const { url, ...made } = await playbackAddress(device, settings, read, message, signal);
      const playback = { ...made, notices: made.notices.map((notice) => render(RED, notice)) };
      for (const notice of playback.notices) {
        if (!warned.has(notice)) this.warn(notice);
        warned.add(notice);
      }
      const { id, name, host } = device.identity;
      return Object.assign(message, { payload: url, playback: { ...playback, device: { id, name, host } } });
    });
  }

  RED.nodes.registerType("hikvision-playback-url", PlaybackUrl);
};

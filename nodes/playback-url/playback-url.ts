/** hikvision-playback-url: one RTSP address per message. Knows RED; src/rtsp knows the device. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { deviceNodeOf, findDeviceNode } from "../shared/device-node";
import { onInput } from "../shared/on-input";
import { playbackAddress, type PlaybackForm } from "./input";
import { valueReader } from "../shared/typed-values";
import { render } from "../shared/render";

interface PlaybackUrlDef extends NodeDef, PlaybackForm {
  readonly device?: string;
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
        const { device } = deviceNodeOf(RED, def.device);
        const { url, ...made } = await playbackAddress(device, def, read, message, signal);
        const playback = { ...made, notices: made.notices.map((notice) => render(RED, notice)) };
        for (const notice of playback.notices) {
          if (!said.has(notice)) this.warn(notice);
          said.add(notice);
        }
        const { id, name, host } = device.identity;
        return Object.assign(message, { payload: url, playback: { ...playback, device: { id, name, host } } });
      },
    );
  }

  RED.nodes.registerType("hikvision-playback-url", PlaybackUrl);
};

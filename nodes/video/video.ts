/** hikvision-video: one signed address of a video per message. Knows RED; src/video knows the device, video-route.ts the browsers. */
import type { Node, NodeAPI, NodeDef } from "node-red";
import { onInput } from "../shared/on-input";
import { render } from "../shared/render";
import { checkSettings } from "../shared/settings";
import { valueReader } from "../shared/typed-values";
import { fields } from "./fields";
import { videoRequest } from "./input";
import { checkRoot, deployVideoNode, serveVideo, videoPath } from "./video-route";

interface VideoDef extends NodeDef {
  readonly device?: string;
}

export = function (RED: NodeAPI): void {
  function HikvisionVideo(this: Node, def: VideoDef): void {
    RED.nodes.createNode(this, def);
    const read = valueReader(RED, this, def, fields);
    const { settings, fault } = checkSettings(RED, this, def, fields);
    serveVideo(RED);
    const withdraw = deployVideoNode(this.id);

    onInput(RED, this, { device: def.device, fault }, async (message, { device, signal }) => {
      checkRoot(RED);
      const request = await videoRequest(device, settings, read, message, signal);
      const { video, mime, codec, duration, notices } = await device.videos.find(request, signal);
      const expires = device.clock.now() + settings.expires * 1000;
      const url = videoPath(RED, { node: this.id, device: device.identity.id, video, expires });
      const payload = {
        url,
        mime,
        codec,
        ...(duration !== undefined && { duration }),
        expires: new Date(expires).toISOString(),
        notices: notices.map((notice) => render(RED, notice)),
      };
      return Object.assign(message, { payload });
    });
    this.on("close", (done: () => void) => {
      withdraw();
      done();
    });
  }

  RED.nodes.registerType("hikvision-video", HikvisionVideo);
};

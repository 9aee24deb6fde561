/** What keeps a Node-RED busy: a camera with events as fast as wanted, pictures of any size, long answers, and a loudspeaker. */
import { alerts, padJpeg, plainPictures, startVirtualDevice, type VirtualDevice } from "../../test/virtual-device";
import { serve } from "./child";
import type { LoopDevice } from "./protocol";

const TICK_MS = 10;
const DESCRIPTION = "Motion alarm".padEnd(103, ".");
const SEARCH = "/ISAPI/ContentMgmt/search";

let device: VirtualDevice | undefined;
let lift: (() => void) | undefined;

const loop: LoopDevice = {
  async device() {
    device = await startVirtualDevice();
    const { host, port, username, password } = device;
    return { host, port, username, password };
  },

  isListened: () => Promise.resolve((device?.streams ?? 0) > 0),

  async events({ perSecond, pictureBytes, seconds }) {
    if (!device) return;
    const scene = { width: 640, height: 360, channel: 1, stamp: "2026-03-01 12:00:00", channelName: "Bench" };
    const data = pictureBytes > 0 ? padJpeg(plainPictures.scene(scene), pictureBytes) : undefined;
    const event = (count: number): alerts.Alert =>
      data
        ? alerts.intrusion({ channel: 1, count, pictures: [{ name: "fieldDetectionImage", data }] })
        : alerts.motion({ channel: 1, count, description: DESCRIPTION });
    const began = performance.now();
    for (let sent = 0; sent < perSecond * seconds;) {
      const due = Math.min(perSecond * seconds, Math.ceil(((performance.now() - began) / 1000) * perSecond));
      if (due > sent)
        await device.emit(alerts.together(...Array.from({ length: due - sent }, (_, i) => event(sent + i + 1))));
      sent = Math.max(sent, due);
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  },

  answer(bytes) {
    lift?.();
    const body = listOf(bytes);
    const handle = device?.fail(SEARCH, { kind: "answer", status: 200, contentType: "application/xml", body });
    lift = () => handle?.lift();
    return Promise.resolve();
  },
};

/** So many bytes of matches. */
function listOf(bytes: number): string {
  const match = (index: number): string => {
    const at = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString().slice(0, 19);
    return (
      `<searchMatchItem><sourceID>{0}</sourceID><trackID>101</trackID>` +
      `<timeSpan><startTime>${at}Z</startTime><endTime>${at}Z</endTime></timeSpan><mediaSegmentDescriptor>` +
      `<contentType>video</contentType><codecType>H.264-BP</codecType><playbackURI>rtsp://192.0.2.10/Streaming/tracks/101/` +
      `?starttime=${at}Z&amp;endtime=${at}Z&amp;name=ch01_${index}&amp;size=4096</playbackURI></mediaSegmentDescriptor>` +
      `<metadataMatches><metadataDescriptor>recordType.meta.hikvision.com/timing</metadataDescriptor></metadataMatches>` +
      `</searchMatchItem>`
    );
  };
  const each = match(0).length;
  const matches = Array.from({ length: Math.floor(bytes / each) }, (_, index) => match(index));
  return (
    `<?xml version="1.0" encoding="UTF-8"?><CMSearchResult version="2.0"><responseStatusStrg>OK</responseStatusStrg>` +
    `<numOfMatches>${matches.length}</numOfMatches><matchList>${matches.join("")}</matchList></CMSearchResult>`
  );
}

serve(loop);

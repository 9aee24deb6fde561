/** Pictures that alerts point to (bkgUrl), behind the same login as everything else. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";

const picturesOf = perDevice(() => new Map<string, Buffer>());

/** Stores a picture and returns its path, for `pictureUrl` of an alert. */
export function storePicture(device: VirtualDevice, data: Buffer): string {
  const pictures = picturesOf(device);
  const name = `ch01_${String(pictures.size + 1).padStart(17, "0")}`;
  pictures.set(name, data);
  return `/picture/Streaming/tracks/103/?name=${name}&size=${data.length}`;
}

function sendPicture(exchange: Exchange): void {
  const data = picturesOf(exchange.device).get(exchange.query.get("name") ?? "");
  if (data) exchange.send(200, "image/jpeg", data);
  else exchange.send(404, "text/html", "<html><body><h2>Access Error: 404 -- Not Found</h2></body></html>\r\n");
}

export const eventPictures: readonly Route[] = [route("GET", "/picture/Streaming/tracks/:track/", sendPicture)];

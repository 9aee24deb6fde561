/**
 * …/overlays: texts in the picture. Documents are kept as they were written, and judged as devices do: another order, an unknown or a
 * missing element is "Invalid XML Content" (getdoover/cameras); a document made anew, without the xmlns that its children repeat, is
 * an internal error (JoshADC/hikvision_isapi); a value that is not in the list is answered OK and ignored (DVRtool).
 */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, PROLOG } from "../xml";
import { rootAttributes } from "./system";

/** The documents by channel, whole and byte for byte; for tests to look into and to change. */
export const overlaysOf = perDevice(
  (device) => new Map(device.profile.channels.map(({ number }) => [number, PROLOG + overlay(device)])),
);

const LISTED: Readonly<Record<string, RegExp>> = {
  fontSize: /^(adaptive|16\*16|32\*32|48\*48|64\*64)$/,
  timeStyle: /^(12hour|24hour)$/,
  enabled: /^(true|false)$/,
  positionX: /^\d{1,3}$/,
  positionY: /^\d{1,3}$/,
};
const MAX_TEXT = 44;

/** A recorder has no text lines for its cameras. */
function overlay(device: VirtualDevice): string {
  const { xmlns, version } = device.profile;
  const own = `version="${version}" xmlns="${xmlns}"`;
  const place = (enabled: boolean, x: number, y: number): string =>
    leaf("enabled", enabled) + leaf("positionX", x) + leaf("positionY", y);
  const line = (id: number): string =>
    element("TextOverlay", leaf("id", id) + place(false, 0, 576) + "<displayText></displayText>\n");
  const lines = [1, 2, 3, 4].map(line).join("");
  return element(
    "VideoOverlay",
    element("normalizedScreenSize", leaf("normalizedScreenWidth", 704) + leaf("normalizedScreenHeight", 576)) +
      element("attribute", leaf("transparent", false) + leaf("flashing", false)) +
      leaf("fontSize", "adaptive") +
      (device.profile.model === "camera" ? element("TextOverlayList", lines, `size="4"`) : "") +
      element(
        "DateTimeOverlay",
        place(true, 0, 576) + leaf("dateStyle", "YYYY-MM-DD") + leaf("timeStyle", "24hour") + leaf("displayWeek", true),
        own,
      ) +
      element("channelNameOverlay", place(true, 512, 64), own),
    rootAttributes(device),
  );
}

function withChannel(exchange: Exchange, use: (channel: number, document: string) => void): void {
  const channel = Number(exchange.param("channel"));
  const document = overlaysOf(exchange.device).get(channel);
  if (document === undefined) exchange.status("notSupport");
  else use(channel, document);
}

function write(exchange: Exchange): void {
  withChannel(exchange, (channel, document) => {
    const sent = exchange.body.toString("utf8");
    if (exchange.xmlBody("VideoOverlay") === undefined) return;
    if (tags(sent).join() !== tags(document).join()) exchange.status("badXmlContent");
    else if (namespaces(sent) !== namespaces(document)) exchange.status("deviceError");
    else {
      overlaysOf(exchange.device).set(channel, kept(sent, document));
      exchange.status("ok");
    }
  });
}

/** Start tags by name, in their order. */
function tags(document: string): readonly string[] {
  return [...document.matchAll(/<([A-Za-z][\w.:-]*)/g)].map(([, name]) => name ?? "");
}

function namespaces(document: string): number {
  return (document.match(/\sxmlns="/g) ?? []).length;
}

/** What was sent, with the present value in each leaf whose new one is not listed. */
function kept(sent: string, present: string): string {
  const leaves = /<([A-Za-z]\w*)((?:\s[^>]*)?)>([^<]*)<\/\1>/g;
  const before = [...present.matchAll(leaves)].map(([, , , value]) => value ?? "");
  let index = -1;
  return sent.replace(leaves, (whole, name: string, attributes: string, value: string) => {
    index += 1;
    const good = (LISTED[name]?.test(value) ?? true) && (name !== "displayText" || value.length <= MAX_TEXT);
    return good ? whole : `<${name}${attributes}>${before[index] ?? ""}</${name}>`;
  });
}

const PATH = "/ISAPI/System/Video/inputs/channels/:channel/overlays";

export const overlays: readonly Route[] = [
  route("GET", PATH, (exchange) =>
    withChannel(exchange, (_channel, document) => exchange.send(200, 'application/xml; charset="UTF-8"', document)),
  ),
  route("PUT", PATH, write),
];

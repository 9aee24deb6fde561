/** Event/notification/httpHosts: whom the device pushes its events to. Cameras have three places, recorders one. */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";
import { rootAttributes } from "./system";

const CAMERA_PLACES = 3;
const PLACE = /<HttpHostNotification(?:\s[^>]*)?>([\s\S]*?)<\/HttpHostNotification>/g;

/** The places as documents, for tests to look at: each the element's content, as a GET shows it. */
export const hostsOf = perDevice((device): { places: string[] } => ({
  places: Array.from({ length: device.profile.model === "camera" ? CAMERA_PLACES : 1 }, (_, index) =>
    freePlace(device, index + 1),
  ),
}));

/** Where the device would push to now. */
export function hostAddresses(device: VirtualDevice): string[] {
  return hostsOf(device).places.flatMap((place) => {
    const host = readLeaf(place, "hostName") ?? readLeaf(place, "ipAddress") ?? "0.0.0.0";
    if (host === "0.0.0.0") return [];
    const protocol = (readLeaf(place, "protocolType") ?? "HTTP").toLowerCase();
    return [`${protocol}://${host}:${readLeaf(place, "portNo") ?? "80"}${readLeaf(place, "url") ?? "/"}`];
  });
}

/** As in the answers of a DS-2CD2T46G2-ISU/SL V5.7.18 and a DS-7608NXI-I2 V4.62. */
function freePlace({ profile }: VirtualDevice, id: number): string {
  const common =
    leaf("id", id) +
    leaf("url", "/") +
    leaf("protocolType", "HTTP") +
    leaf("parameterFormatType", "XML") +
    leaf("addressingFormatType", "ipaddress") +
    leaf("ipAddress", "0.0.0.0") +
    leaf("portNo", 80);
  return profile.model === "camera"
    ? `\n${common}${leaf("userName", "")}${leaf("httpAuthenticationMethod", "none")}${leaf("httpBroken", false)}`
    : `\n${common}${leaf("httpAuthenticationMethod", "none")}` +
        element("Extensions", leaf("intervalBetweenEvents", 0), 'xmlns="urn:selfextension:psiaext-ver10-xsd"');
}

function show(exchange: Exchange): void {
  const { device } = exchange;
  const attributes = device.profile.model === "camera" ? ` ${rootAttributes(device)}` : "";
  const all = hostsOf(device).places.map(
    (place) => `<HttpHostNotification${attributes}>${place}</HttpHostNotification>\n`,
  );
  exchange.xml(element("HttpHostNotificationList", all.join(""), rootAttributes(device)));
}

/** The whole list, place for place as it was but for values: what is missing, new or elsewhere is refused. */
function change(exchange: Exchange): void {
  const body = exchange.xmlBody("HttpHostNotificationList");
  if (body === undefined) return;
  const state = hostsOf(exchange.device);
  const sent = [...body.matchAll(PLACE)].map(([, place]) => place ?? "");
  const good =
    sent.length === state.places.length && sent.every((place, index) => fits(place, state.places[index] ?? ""));
  if (good) state.places = sent;
  exchange.status(good ? "ok" : "badXmlContent");
}

function fits(place: string, former: string): boolean {
  const value = (name: string): string => readLeaf(place, name) ?? "";
  const named = place.includes("<hostName>");
  return (
    shape(place) === shape(former) &&
    value("id") === readLeaf(former, "id") &&
    value("addressingFormatType") === (named ? "hostname" : "ipaddress") &&
    (named ? /^[\w.-]+$/ : /^\d+\.\d+\.\d+\.\d+$/).test(value(named ? "hostName" : "ipAddress")) &&
    /^HTTPS?$/.test(value("protocolType")) &&
    value("url").startsWith("/") &&
    Number(value("portNo")) > 0 &&
    Number(value("portNo")) < 65_536
  );
}

/** The elements in their order; a name may stand for an address. */
function shape(place: string): string {
  const names = [...place.matchAll(/<([A-Za-z]\w*)/g)].map(([, name]) => name);
  return names.join(" ").replace("hostName", "ipAddress");
}

export const httpHosts: readonly Route[] = [
  route("GET", "/ISAPI/Event/notification/httpHosts", show),
  route("PUT", "/ISAPI/Event/notification/httpHosts", change),
];

/** Something answers, but not ISAPI: what is it? Reads its front page without credentials. */
import type { Clock } from "../lib/clock";
import type { DeviceHttp } from "../http/device-http";
import { fetchBanner, type Banner } from "../http/banner";
import { say, type Sentence } from "../lib/sentence";
import type { Check } from "./check";

/** `Server` headers of Hikvision's web servers, as known from network scanners. */
const HIKVISION = /^(?:App-webs|DNVRS-Webs|DVRDVS-Webs|Hikvision-Webs)\b/i;

/** The check, with what is known about the server that answers. */
export async function inspectForeignServer(
  http: Pick<DeviceHttp, "address" | "tls">,
  check: Check,
  clock: Clock,
  signal: AbortSignal,
): Promise<Check> {
  const banner = await fetchBanner(http.address, http.tls, clock, signal);
  if (HIKVISION.test(banner.server ?? "")) {
    return {
      ...check,
      text: say`A Hikvision device answers, but it does not speak ISAPI.`,
      remedy: say`On its web page, under Network, Advanced Settings, Integration Protocol, enable Hikvision-CGI (ISAPI). If it is not there, update the firmware.`,
    };
  }
  const name = serverText(banner);
  if (name === undefined) return check;
  return {
    ...check,
    text: say`Something else answers at this address: ${name}.`,
    remedy: say`Check host, port and protocol: this is not a Hikvision device, or not its web server.`,
  };
}

function serverText({ title, server }: Banner): Sentence | undefined {
  if (title !== undefined) return server === undefined ? say`"${title}"` : say`"${title}" (${server})`;
  return server === undefined ? undefined : say`a web server called ${server}`;
}

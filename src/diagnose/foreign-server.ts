/** Something answers, but not as ISAPI does: what is it? Looked at as any visitor would, without credentials. */
import type { Clock } from "../lib/clock";
import type { DeviceHttp } from "../http/device-http";
import { fetchBanner, type Banner } from "../http/banner";
import { say, type Sentence } from "../lib/sentence";
import type { Check } from "./check";

/** As Hikvision's web servers call themselves (the banners that scanners know them by). */
const HIKVISION = /^(?:App-webs|DNVRS-Webs|DVRDVS-Webs|Hikvision-Webs)\b/i;

/** The finding with what was learnt about who answers. */
export async function inspectForeignServer(
  http: Pick<DeviceHttp, "address" | "tls">,
  check: Check,
  clock: Clock,
  signal: AbortSignal,
): Promise<Check> {
  const page = await fetchBanner(http.address, http.tls, clock, signal);
  if (HIKVISION.test(page.server ?? "")) {
    return {
      ...check,
      text: say`A Hikvision device answers, but it does not speak ISAPI.`,
      remedy: say`On its web page, under Network, Advanced Settings, Integration Protocol, enable Hikvision-CGI (ISAPI). If it is not there, update the firmware.`,
    };
  }
  const name = inWords(page);
  if (name === undefined) return check;
  return {
    ...check,
    text: say`Something else answers at this address: ${name}.`,
    remedy: say`Check host, port and protocol: this is no Hikvision device, or not its web server.`,
  };
}

function inWords({ title, server }: Banner): Sentence | undefined {
  if (title !== undefined) return server === undefined ? say`"${title}"` : say`"${title}" (${server})`;
  return server === undefined ? undefined : say`a web server called ${server}`;
}

/** The families of PTZ paths, and which functions each of them has. */
import type { Exchange } from "../exchange";
import { headsOf, type Head } from "./ptz-head";

export type Family = "dome" | "coaxial" | "proxy";

/** Presets that are commands. */
export const COMMANDS = [33, 34, 35, 90, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105];

/** The functions each family has; a dome turns round by preset 99 and 96 only. */
const FUNCTIONS: Readonly<Record<Family, ReadonlySet<string>>> = {
  dome: new Set(
    "capabilities continuous momentary relative absolute absoluteEx status position3D presets patrols patterns homeposition homePosition auxcontrols onepushfoucs parkaction ptzlimiteds lockPTZ ManualTrace Wiper".split(
      " ",
    ),
  ),
  coaxial: new Set("capabilities continuous momentary autoPan presets patrols patterns auxcontrols".split(" ")),
  proxy: new Set("capabilities continuous momentary autoPan presets patrols patterns position3D".split(" ")),
};

/** Which family serves a channel under this root; undefined: refused. */
export function familyOf(exchange: Exchange, root: "plain" | "proxy", name: string): Family | undefined {
  const { device } = exchange;
  const channel = device.profile.channels.find(({ number }) => number === Number(exchange.param("channel")));
  if (!channel) return undefined;
  if (device.profile.model === "camera") return root === "plain" ? "dome" : undefined;
  if (channel.source === "own") return root === "plain" ? "coaxial" : undefined;
  // One-push focus is on the plain path even for a recorder's cameras.
  if (name === "onepushfoucs") return root === "plain" ? "dome" : undefined;
  return (root === "plain") === headsOf(device).proxyDenied ? "proxy" : undefined;
}

export type Use = (exchange: Exchange, head: Head, family: Family) => void;

export function serve(root: "plain" | "proxy", name: string, use: Use) {
  return (exchange: Exchange): void => {
    const heads = headsOf(exchange.device);
    const family = familyOf(exchange, root, name);
    const head = heads.channels.get(Number(exchange.param("channel")));
    if (root === "proxy" && heads.proxyDenied) exchange.send(403, "text/html", "<html><body>Forbidden</body></html>");
    else if (!head || !family || !FUNCTIONS[family].has(name)) exchange.status("notSupport");
    else use(exchange, head, family);
  };
}

/** /ISAPI/Security: is this login good, and which ports does the device have. */
import { userCheck } from "../authenticator";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import type { Exchange } from "../exchange";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

/** RTSP is not on 554, so that who guesses is found out. */
export const RTSP_PORT = 10554;

export interface Access {
  port: number;
  enabled: boolean;
}

/** The ways to the device's video, for tests to change. SRTP is RTSP over TLS, off unless somebody switches it on. */
export const accessOf = perDevice((): { readonly rtsp: Access; readonly srtp: Access } => ({
  rtsp: { port: RTSP_PORT, enabled: true },
  srtp: { port: 322, enabled: false },
}));

function adminAccesses(exchange: Exchange): void {
  const { device } = exchange;
  const { rtsp, srtp } = accessOf(device);
  const protocols: readonly (readonly [name: string, port: number, enabled: boolean])[] = [
    ["HTTP", device.secure ? 80 : device.port, !device.secure],
    ["RTSP", rtsp.port, rtsp.enabled],
    ["HTTPS", device.secure ? device.port : 443, device.secure],
    ["DEV_MANAGE", 8000, true],
    ["SRTP", srtp.port, srtp.enabled],
  ];
  const all = protocols.map(([name, port, enabled], index) =>
    element(
      "AdminAccessProtocol",
      leaf("id", index + 1) + leaf("enabled", enabled) + leaf("protocol", name) + leaf("portNo", port),
    ),
  );
  exchange.xml(element("AdminAccessProtocolList", all.join(""), rootAttributes(device)));
}

export const security: readonly Route[] = [
  route("GET", "/ISAPI/Security/userCheck", (exchange) => exchange.send(200, "application/xml", userCheck(true))),
  route("GET", "/ISAPI/Security/adminAccesses", adminAccesses),
];

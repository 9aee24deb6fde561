/** A serial port with its transparent channel: open by one at a time, raw bytes while it is open, then close. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

export interface SerialPort {
  workMode: "transparent" | "console" | "screenCtrl";
  open: boolean;
  /** All that was sent out. */
  readonly sent: Buffer[];
}

/** By number, for tests to look at. */
export const serialPortsOf = perDevice(
  (): ReadonlyMap<number, SerialPort> => new Map([[1, { workMode: "transparent", open: false, sent: [] }]]),
);

function onPort(use: (exchange: Exchange, port: SerialPort) => void) {
  return (exchange: Exchange): void => {
    const port = serialPortsOf(exchange.device).get(Number(exchange.param("port")));
    if (port && ["1", ""].includes(exchange.param("channel"))) use(exchange, port);
    else exchange.status("notSupport");
  };
}

const get = onPort((exchange, { workMode }) => {
  const inner = leaf("id", exchange.param("port")) + leaf("enabled", true) + leaf("workMode", workMode);
  exchange.xml(element("SerialPort", inner, rootAttributes(exchange.device)));
});

const open = onPort((exchange, port) => {
  if (port.workMode !== "transparent") exchange.status("invalidOperation");
  else if (port.open) exchange.status("deviceBusy");
  else {
    port.open = true;
    exchange.status("ok");
  }
});

const send = onPort((exchange, port) => {
  const raw = exchange.request.headers["content-type"] === "application/octet-stream";
  if (!port.open) exchange.status("invalidOperation");
  else if (!raw || exchange.body.length === 0) exchange.status("badParameters");
  else {
    port.sent.push(exchange.body);
    exchange.status("ok");
  }
});

const close = onPort((exchange, port) => {
  port.open = false;
  exchange.status("ok");
});

const PORT = "/ISAPI/System/Serial/ports/:port";
const CHANNEL = `${PORT}/Transparent/channels/:channel`;

export const serial: readonly Route[] = [
  route("GET", PORT, get),
  route("PUT", `${CHANNEL}/open`, open),
  route("PUT", `${CHANNEL}/transData`, send),
  route("PUT", `${CHANNEL}/close`, close),
];

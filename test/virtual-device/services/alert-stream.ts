/** Event/notification/alertStream: one slot each, and none beyond. */
import type { Exchange } from "../exchange";
import { route, type Route } from "../router";

function openStream(exchange: Exchange, legacy: boolean): void {
  const { device } = exchange;
  if (device.stream.full) {
    exchange.status("deployExceedMax");
    return;
  }
  device.stream.accept(exchange, device.source(legacy));
}

function isapiStream(exchange: Exchange): void {
  if (exchange.device.options.legacyStream) exchange.send(404, "text/html", "<h2>Access Error: 404 -- Not Found</h2>");
  else openStream(exchange, false);
}

export const alertStream: readonly Route[] = [
  route("GET", "/ISAPI/Event/notification/alertStream", isapiStream),
  route("GET", "/Event/notification/alertStream", (exchange) => openStream(exchange, true)),
];

/** Hik-Connect: /ISAPI/System/Network/EZVIZ. It can have the device encrypt its video, which other players then show black. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

/** For tests to change. */
export const platformAccessOf = perDevice(() => ({
  enabled: false,
  encrypted: false,
  /** A secret: whoever has it can watch. */
  verificationCode: "VERIFY-SECRET",
}));

function answer(exchange: Exchange): void {
  const { enabled, encrypted, verificationCode } = platformAccessOf(exchange.device);
  const inner =
    leaf("enabled", enabled) +
    leaf("registerStatus", enabled) +
    element("serverAddress", leaf("hostName", "platform.example")) +
    leaf("verificationCode", verificationCode) +
    leaf("streamEncrypteEnabled", encrypted);
  exchange.xml(element("EZVIZ", inner, rootAttributes(exchange.device)));
}

export const platformAccess: readonly Route[] = [route("GET", "/ISAPI/System/Network/EZVIZ", answer)];

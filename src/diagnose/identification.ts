/** Who answers, and does it know us? One request, one login: a refused password is never sent again. */
import type { Clock } from "../lib/clock";
import { codeOf } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import { readDeviceInfo, type DeviceInfo } from "../isapi/device-info";
import type { Isapi } from "../isapi/isapi";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { failed, good, unanswered, unknown, type Check } from "./check";
import { inspectForeignServer } from "./foreign-server";

export interface Identification {
  readonly checks: readonly Check[];
  /** Undefined: it does not say, or there is nobody. */
  readonly info?: DeviceInfo;
  /** Worth asking further questions? */
  readonly known: boolean;
}

export async function identify(
  isapi: Isapi,
  http: Pick<DeviceHttp, "address" | "login" | "tls">,
  clock: Clock,
  signal: AbortSignal,
): Promise<Identification> {
  const trusted = http.address.protocol === "https" ? [trust(http)] : [];
  try {
    const info = await readDeviceInfo(isapi, signal);
    isapi.model = info.model;
    const known = [...trusted, ...welcome(http), good("device", inWords(info))];
    return { checks: known, info, known: true };
  } catch (error) {
    switch (codeOf(error)) {
      case "tls":
        return { checks: [failed("tls", error)], known: false };
      case "unauthorized":
      case "locked":
        return { checks: [...trusted, answers(), failed("login", error)], known: false };
      case "notActivated":
        return { checks: [...trusted, answers(), failed("activated", error)], known: false };
      case "forbidden":
      case "notSupported":
      case "notFound":
        return { checks: [...trusted, ...welcome(http), unanswered("device", error)], known: true };
      case "notIsapi":
        return {
          checks: [...trusted, await inspectForeignServer(http, failed("isapi", error), clock, signal)],
          known: false,
        };
      default:
        return { checks: [...trusted, failed("isapi", error)], known: false };
    }
  }
}

function trust({ tls }: Pick<DeviceHttp, "tls">): Check {
  switch (tls.mode) {
    case "verify":
      return good("tls", say`The certificate is valid.`);
    case "pinned":
      return good("tls", say`The certificate is the one with the entered fingerprint.`);
    case "insecure":
      return unknown(
        "tls",
        say`The certificate is not checked, so anybody in between can read the password.`,
        say`Fetch the device's certificate and trust it.`,
      );
  }
}

function answers(): Check {
  return good("isapi", say`A Hikvision device answers.`);
}

function welcome({ login }: Pick<DeviceHttp, "login">): readonly Check[] {
  const { scheme } = login;
  const asked = scheme !== undefined && scheme !== "none";
  const text = asked ? say`${scheme}, user name and password are right.` : say`No login was asked for.`;
  return [answers(), good("login", text), good("activated", say`The device is activated.`)];
}

function inWords({ model, name, firmware }: DeviceInfo): Sentence {
  const words = [model, name && `"${name}"`, firmware && say`firmware ${firmware}`].filter(
    (word) => word !== undefined,
  );
  return words.length === 0 ? say`It answers, without saying its model.` : say`${enumerate(words)}`;
}

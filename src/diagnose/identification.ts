/** Which device answers, and does it accept the login? One request, one login: a refused password is never sent again. */
import type { Clock } from "../lib/clock";
import { codeOf, FatalError } from "../lib/errors";
import type { DeviceAddress, DeviceHttp } from "../http/device-http";
import { fetchCertificate } from "../http/tls";
import { readDeviceInfo, type DeviceInfo } from "../isapi/device-info";
import type { Isapi } from "../isapi/isapi";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { failed, passed, unanswered, undetermined, type Check } from "./check";
import { inspectForeignServer } from "./foreign-server";

export interface Identification {
  readonly checks: readonly Check[];
  /** Undefined: not reported, or no device. */
  readonly info?: DeviceInfo;
  /** A Hikvision device that accepts the login: further checks make sense. */
  readonly known: boolean;
}

export async function identify(
  isapi: Isapi,
  http: Pick<DeviceHttp, "address" | "login" | "tls">,
  clock: Clock,
  signal: AbortSignal,
): Promise<Identification> {
  const tlsChecks = http.address.protocol === "https" ? [certificateCheck(http)] : [];
  try {
    const info = await readDeviceInfo(isapi, signal);
    isapi.model = info.model;
    const known = [...tlsChecks, ...loginChecks(http), passed("device", deviceText(info))];
    return { checks: known, info, known: true };
  } catch (error) {
    switch (codeOf(error)) {
      case "tls":
        return { checks: [failed("tls", error)], known: false };
      case "unauthorized":
      case "locked":
        return { checks: [...tlsChecks, isapiAnswers(), failed("login", error)], known: false };
      case "notActivated":
        return { checks: [...tlsChecks, isapiAnswers(), failed("activated", error)], known: false };
      case "forbidden":
      case "notSupported":
      case "notFound":
        return { checks: [...tlsChecks, ...loginChecks(http), unanswered("device", error)], known: true };
      case "notIsapi":
        return {
          checks: [...tlsChecks, await inspectForeignServer(http, failed("isapi", error), clock, signal)],
          known: false,
        };
      default:
        // Nothing was answered: the certificate may never have been looked at.
        return { checks: [(await withoutHttps(http.address, clock, signal)) ?? failed("isapi", error)], known: false };
    }
  }
}

/** The failed check of a port that is to speak HTTPS, and does not come to a handshake. */
async function withoutHttps(address: DeviceAddress, clock: Clock, signal: AbortSignal): Promise<Check | undefined> {
  if (address.protocol !== "https") return undefined;
  try {
    await fetchCertificate(address, { signal, clock });
    return undefined;
  } catch (error) {
    if (signal.aborted || codeOf(error) === "timeout") return undefined;
    return failed(
      "tls",
      new FatalError(
        "tls",
        say`${address.host} port ${address.port} speaks no HTTPS. Choose HTTP, or the device's HTTPS port (usually 443).`,
      ),
    );
  }
}

function certificateCheck({ tls }: Pick<DeviceHttp, "tls">): Check {
  switch (tls.mode) {
    case "verify":
      return passed("tls", say`The certificate is valid.`);
    case "pinned":
      return passed("tls", say`The certificate is the one with the entered fingerprint.`);
    case "insecure":
      return undetermined(
        "tls",
        say`The certificate is not checked, so anybody in between can read the password.`,
        say`Fetch the device's certificate and trust it.`,
      );
  }
}

function isapiAnswers(): Check {
  return passed("isapi", say`A Hikvision device answers.`);
}

function loginChecks({ login }: Pick<DeviceHttp, "login">): readonly Check[] {
  const { scheme } = login;
  const asked = scheme !== undefined && scheme !== "none";
  const text = asked ? say`${scheme}, user name and password are right.` : say`No login was asked for.`;
  return [isapiAnswers(), passed("login", text), passed("activated", say`The device is activated.`)];
}

function deviceText({ model, name, firmware }: DeviceInfo): Sentence {
  const words = [model, name && `"${name}"`, firmware && say`firmware ${firmware}`].filter(
    (word) => word !== undefined,
  );
  return words.length === 0 ? say`It answers, but does not report its model.` : say`${enumerate(words)}`;
}

/** Which device answers, and does it accept the login? One request, one login: a refused password is never sent again. */
import type { Clock } from "../lib/clock";
import { codeOf } from "../lib/errors";
import type { DeviceHttp } from "../http/device-http";
import { readDeviceInfo, type DeviceInfo } from "../isapi/device-info";
import type { Isapi } from "../isapi/isapi";
import { enumerate, say, type Sentence } from "../lib/sentence";
import { failed, passed, unanswered, undetermined, type Check } from "./check";
import { checkHandshake } from "./handshake";
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
  // Whatever answered over HTTPS has shown its certificate before.
  const tlsChecks = http.address.protocol === "https" ? [certificateCheck(http)] : [];
  try {
    const info = await readDeviceInfo(isapi, signal);
    isapi.model = info.model;
    const inactive = http.login.scheme === "none" ? await notActivated(isapi, signal) : undefined;
    if (inactive) return { checks: [...tlsChecks, isapiAnswers(), inactive], info, known: false };
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
      default: {
        if (tlsChecks.length === 0) return { checks: [failed("isapi", error)], known: false };
        const handshake = await checkHandshake(http, certificateCheck(http), clock, signal);
        return { checks: handshake.ok === false ? [handshake] : [handshake, failed("isapi", error)], known: false };
      }
    }
  }
}

/** A device without a password lets everybody in, and says so only where it is asked about the login. */
async function notActivated(isapi: Isapi, signal: AbortSignal): Promise<Check | undefined> {
  try {
    await isapi.get("/ISAPI/Security/userCheck", { purpose: say`the login`, signal });
    return undefined;
  } catch (error) {
    return codeOf(error) === "notActivated" ? failed("activated", error) : undefined;
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
  const activated = passed("activated", say`The device is activated.`);
  if (scheme === undefined || scheme === "none")
    return [isapiAnswers(), passed("login", say`No login was asked for.`), activated];
  const text = say`${login.withoutQop ? `${scheme} (RFC 2069)` : scheme}, user name and password are right.`;
  if (!login.schemes.weakened) return [isapiAnswers(), passed("login", text), activated];
  const weaker = undetermined(
    "login",
    say`${text} Before, the device logged in with SHA-256; the weaker login is accepted from now on.`,
    say`If you did not change the authentication on the device, find out what answers at this address.`,
  );
  return [isapiAnswers(), weaker, activated];
}

function deviceText({ model, name, firmware }: DeviceInfo): Sentence {
  const words = [model, name && `"${name}"`, firmware && say`firmware ${firmware}`].filter(
    (word) => word !== undefined,
  );
  return words.length === 0 ? say`It answers, but does not report its model.` : say`${enumerate(words)}`;
}

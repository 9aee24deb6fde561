/** "Test connection" and "Fetch the certificate" of the device form: one attempt each, with what the form holds. */
import type { NodeAPI } from "node-red";
import { systemClock } from "../../src/clock";
import { FatalError, isHikvisionError } from "../../src/errors";
import { DeviceHttp } from "../../src/http/device-http";
import { fetchCertificate, type Certificate } from "../../src/http/tls";
import { readDeviceInfo, type DeviceInfo } from "../../src/isapi/device-info";
import { Isapi } from "../../src/isapi/isapi";
import { formSettings } from "./admin-device";
import { findDeviceNode } from "./device-node";

export interface Check {
  readonly id: string;
  /** null = not known. */
  readonly ok: boolean | null;
  readonly code?: string;
  readonly text: string;
  readonly remedy?: string;
}

export interface Report {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly device?: DeviceInfo;
}

/** Logs in once and reads who the device is. A failure of the device is a failed check, not an error. */
export async function testConnection(RED: NodeAPI, body: unknown, signal: AbortSignal): Promise<Report> {
  const http = new DeviceHttp(formSettings(RED, body));
  // A person asks: what was refused before may be sent once more.
  http.login.forgive();
  try {
    const device = await readDeviceInfo(new Isapi(http), signal);
    // The running node waits after a refusal; now it need not.
    findDeviceNode(RED, http.identity.id)?.device?.alerts.retryNow();
    const login = http.login.scheme;
    return {
      ok: true,
      checks: [
        { id: "login", ok: true, text: login === undefined || login === "none" ? "No login was asked for." : login },
        { id: "device", ok: true, text: inWords(device) },
      ],
      device,
    };
  } catch (error) {
    if (!isHikvisionError(error) || error.code === "aborted") throw error;
    const refused = error.code === "unauthorized" || error.code === "locked";
    return {
      ok: false,
      checks: [{ id: refused ? "login" : "device", ok: false, code: error.code, text: error.message }],
    };
  } finally {
    await http.close();
  }
}

export async function certificateOf(RED: NodeAPI, body: unknown, signal: AbortSignal): Promise<Certificate> {
  const connection = { ...(body as { connection?: object }).connection, password: "", tls: "insecure" };
  const { address } = formSettings(RED, { connection });
  if (address.protocol !== "https")
    throw new FatalError("badRequest", "Only HTTPS has a certificate. Choose HTTPS first.");
  return fetchCertificate(address, { signal, clock: systemClock });
}

function inWords({ model, name, firmware }: DeviceInfo): string {
  const words = [model, name !== undefined && `"${name}"`, firmware !== undefined && `firmware ${firmware}`];
  return words.filter((word) => typeof word === "string").join(", ") || "It answers, without saying its model.";
}

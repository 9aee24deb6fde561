/** "Test connection" and "Fetch the certificate" of the device form: one attempt each, with what the form holds. */
import type { NodeAPI } from "node-red";
import {
  type Certificate,
  Device,
  diagnose,
  eventEntry,
  FatalError,
  fetchCertificate,
  type Report,
  say,
  type StreamToCheck,
  systemClock,
} from "../../src";
import { formSettings, isDeployedAt, NO_SUBSCRIBERS } from "./target-device";
import { propertiesOf } from "../shared/unknown-values";
import { findDeviceNode, works } from "../shared/device-node";
import { streamOf } from "../diagnose/diagnosis";

/**
 * The diagnosis of what the form holds; `sendLine` gets `{ check }` as each ends. What `events` name is looked into, nothing means all.
 * A failure of the device is a failed check, not an error.
 */
export async function testConnection(
  RED: NodeAPI,
  body: unknown,
  signal: AbortSignal,
  sendLine: (line: object) => void,
): Promise<Report> {
  const device = new Device(formSettings(RED, body), NO_SUBSCRIBERS);
  const { http, isapi, time, clock } = device;
  const deployed = findDeviceNode(RED, http.identity.id);
  const { events, eventSource } = propertiesOf(body);
  const same = isDeployedAt(deployed, http.address);
  const running = deployed && same && works(deployed) ? streamOf(deployed) : undefined;
  // A person asks: what was refused before may be sent once more, and a weaker login than before is accepted.
  http.login.clearRefusal();
  http.login.schemes.confirm();
  try {
    const report = await diagnose(
      {
        isapi,
        http,
        time,
        clock,
        events: Array.isArray(events) ? events.map((name) => eventEntry(String(name)).type.type) : [],
        stream: wayOfEvents(eventSource === "push" ? "push" : "stream", running),
      },
      signal,
      (check) => sendLine({ check }),
    );
    if (same && report.device) deployed?.identity?.learn(report.device);
    // The running node waits after a refusal; now it need not.
    if (report.checks.some(({ id, ok }) => id === "login" && ok)) deployed?.stream?.retryNow();
    return report;
  } finally {
    await device.close();
  }
}

/** What runs counts only when the form asks for the same way. */
function wayOfEvents(by: "push" | "stream", running: StreamToCheck | undefined): StreamToCheck {
  if (running?.by === by) return running;
  return by === "push" ? { by, heard: false } : { by: "own" };
}

export async function certificateOf(RED: NodeAPI, body: unknown, signal: AbortSignal): Promise<Certificate> {
  const connection = { ...(body as { connection?: object }).connection, password: "", tls: "insecure" };
  const { address } = formSettings(RED, { connection });
  if (address.protocol !== "https")
    throw new FatalError("badRequest", say`Only HTTPS has a certificate. Choose HTTPS first.`);
  return fetchCertificate(address, { signal, clock: systemClock });
}

/** The diagnosis of a deployed device, for its node. */
import { diagnose } from "../../src/diagnose/diagnose";
import type { Report } from "../../src/diagnose/check";
import type { Device } from "../../src/device";

/** `events`: canonical types; empty: all that the device has. Rejects only when stopped. */
export function diagnoseDevice(device: Device, events: readonly string[], signal: AbortSignal): Promise<Report> {
  const { isapi, http, clock } = device;
  return diagnose({ isapi, http, clock, events, stream: streamOf(device) }, signal);
}

/** A stream that runs counts: a second one would take a slot away. */
export function streamOf({ push, alerts }: Device): "open" | "push" | "try" {
  if (push) return "push";
  return alerts.state.phase === "online" ? "open" : "try";
}

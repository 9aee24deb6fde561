/** The diagnosis of a deployed device, for its node. */
import type { NodeAPI } from "node-red";
import { type Check, diagnose, type Report, type StreamToCheck } from "../../src";
import type { WorkingDeviceNode } from "../shared/device-node";
import { render } from "../shared/render";

/** A {@link Report} as a message brings it. */
interface RenderedReport extends Omit<Report, "checks"> {
  readonly checks: readonly (Omit<Check, "text" | "remedy"> & { readonly text: string; readonly remedy?: string })[];
}

/** In the language of Node-RED. `events`: canonical types; empty: all that the device has. Rejects only when stopped. */
export async function diagnoseDevice(
  RED: NodeAPI,
  node: WorkingDeviceNode,
  events: readonly string[],
  signal: AbortSignal,
): Promise<RenderedReport> {
  const { isapi, http, clock, time } = node.device;
  const report = await diagnose({ isapi, http, clock, time, events, stream: streamOf(node) }, signal);
  const checks = report.checks.map(({ text, remedy, ...check }) => ({
    ...check,
    text: render(RED, text),
    ...(remedy && { remedy: render(RED, remedy) }),
  }));
  return { ...report, checks };
}

/** How its events come now. */
export function streamOf({ device: { push }, stream }: WorkingDeviceNode): StreamToCheck {
  if (push) return { by: "push", heard: push.heard };
  return stream.state.phase === "online"
    ? { by: "stream", heard: stream.heard, endings: stream.endings }
    : { by: "own" };
}

/** Is an event's detection switched on? */
import type { Channel } from "../isapi/channels";
import { switchPaths } from "../isapi/detection-paths";
import type { Trigger } from "../isapi/event-triggers";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean } from "../isapi/xml";
import { codeOf } from "../lib/errors";
import { say } from "../lib/sentence";

/** `trigger.type`: canonical. Undefined: not known. Throws only when it is not reachable. */
export async function isSwitchedOn(
  isapi: Pick<Isapi, "get">,
  trigger: Trigger,
  kind: Channel["kind"] | undefined,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const [path] = switchPaths(trigger, kind);
  if (path === undefined) return undefined;
  try {
    const { value } = await isapi.get(path, { purpose: say`whether the event is switched on`, signal });
    // That of sound stands one level deeper (ISAPI guide).
    return boolean(value, "enabled") ?? boolean(value, "audioInput", "enabled");
  } catch (error) {
    // A recorder asks its camera, which may be off or slow: the other channels are still checked.
    if (isUnavailable(error) || codeOf(error) === "busy" || codeOf(error) === "timeout") return undefined;
    throw error;
  }
}

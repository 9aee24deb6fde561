/**
 * A path's 404 is not the device's: is it ISAPI at all that refuses? Asks for the device info, which every device has
 * (docs/contract.md, "Errors").
 */
import type { DeviceHttp, HttpReply } from "../http/device-http";
import type { HikvisionError } from "../lib/errors";
import { refusal } from "./refusals";
import { hasStatus, isXml, replyError } from "./response-status";

const PATH = "/ISAPI/System/deviceInfo";

/** The error `notIsapi` where something else answers, "device" where a device does; undefined where that cannot be told. */
export async function foreignAnswer(
  http: Pick<DeviceHttp, "request">,
  refused: Pick<HttpReply, "statusCode">,
  signal?: AbortSignal,
): Promise<HikvisionError | "device" | undefined> {
  let reply: HttpReply;
  try {
    reply = await http.request({ method: "GET", path: PATH, ...(signal && { signal }) });
  } catch {
    return undefined;
  }
  const error = replyError(reply, { path: PATH });
  if (error?.code === "notIsapi") return error;
  // A device may keep even this from the user, with 403.
  const alike = reply.statusCode === refused.statusCode && reply.statusCode !== 403 && !hasStatus(reply.body);
  const other = error === undefined ? !isXml(reply.body) : alike;
  if (other) return refusal("notIsapi", { statusCode: reply.statusCode }, { path: PATH });
  return error === undefined || hasStatus(reply.body) ? "device" : undefined;
}

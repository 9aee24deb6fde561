/** Whether the device encrypts its video: a Hik-Connect setting that holds for RTSP, too, and that no other player can decode. */
import { codeOf } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean } from "../isapi/xml";
import { say } from "../lib/sentence";

/** Undefined: unknown. The reply contains the verification code as well: it must never be logged or handed on. */
export async function readEncryption(isapi: Pick<Isapi, "get">): Promise<boolean | undefined> {
  try {
    const { value } = await isapi.get("/ISAPI/System/Network/EZVIZ", { purpose: say`its platform access` });
    // The spelling is the vendor's.
    const encrypted = boolean(value, "streamEncrypteEnabled");
    return encrypted && boolean(value, "enabled") !== false;
  } catch (error) {
    if (isUnavailable(error) || codeOf(error) === "busy") return undefined;
    throw error;
  }
}

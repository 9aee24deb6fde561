/** Does the device encrypt its video? Hik-Connect switches that on, for RTSP too, and no other player can read it then. */
import { codeOf } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean } from "../isapi/xml";
import { say } from "../lib/sentence";

/** Undefined: it does not tell. The answer holds the verification code, too: nothing of it may go elsewhere. */
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

/** On which ports a device serves RTSP: `/ISAPI/Security/adminAccesses`. RTSP over TLS is called SRTP there. */
import { FatalError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean, list, number, text } from "../isapi/xml";
import { say } from "../lib/sentence";

export interface RtspPorts {
  /** Undefined: switched off. */
  readonly plain: number | undefined;
  /** Undefined: not offered. */
  readonly secure: number | undefined;
}

const PLAIN = 554;
const SECURE = 322;

/** Throws {@link FatalError} `notSupported` when RTSP is switched off, else what {@link Isapi.get} throws. */
export async function readRtspPorts(isapi: Pick<Isapi, "get">): Promise<RtspPorts> {
  let answer: unknown;
  try {
    answer = (await isapi.get("/ISAPI/Security/adminAccesses", { purpose: say`its RTSP port` })).value;
  } catch (error) {
    if (isUnavailable(error)) return { plain: PLAIN, secure: undefined };
    throw error;
  }
  const protocols = list(answer, "AdminAccessProtocol");
  const entryOf = (name: string): (typeof protocols)[number] | undefined =>
    protocols.find((protocol) => text(protocol, "protocol")?.toUpperCase() === name);
  const port = (name: string, usual: number): number | undefined => {
    const protocol = entryOf(name);
    return protocol && boolean(protocol, "enabled") !== false ? (number(protocol, "portNo") ?? usual) : undefined;
  };
  const plain = entryOf("RTSP") ? port("RTSP", PLAIN) : PLAIN;
  const secure = port("SRTP", SECURE);
  if (plain === undefined && secure === undefined) {
    throw new FatalError(
      "notSupported",
      say`RTSP is switched off on the device. Switch it on on its web page, among the network's ports or protocols.`,
    );
  }
  return { plain, secure };
}

/**
 * SADP, by which Hikvision devices are found: an inquiry and its answers. Bytes only, no sockets. Facts, not code, from
 * skylightcyber.com/2023/09/14/neighbourhood-watch-hikvision-intercom-eavesdropping (both messages, of a DS-KH6210-L) and
 * github.com/cameronnewman/hikvision-tooling (port, fields). Only the inquiry is built: SADP can also change a device.
 */
import { isIPv4, isIPv6 } from "node:net";
import { plainMac } from "../isapi/device-info";
import { defined } from "../lib/defined";
import { boolean, number, parseXml, text, xml, type XmlNode } from "../isapi/xml";

/** Where devices listen, and where most send their answers, too. */
export const SADP_PORT = 37_020;
export const SADP_GROUP = "239.255.255.250";

/** A device that answered. What it left out is absent. Untrusted, anybody in the network can send this: texts are for display only. */
export interface FoundDevice {
  /** IPv4, as sent; else the sender's. */
  readonly address: string;
  readonly ipv6?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  /** Lower case with colons. */
  readonly macAddress?: string;
  /** "V5.5.6 build 180326" */
  readonly firmware?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  /** False: it has no password yet. */
  readonly activated?: boolean;
  readonly dhcp?: boolean;
}

/** Real answers have 0.7 to 2.5 KB. */
const MAX_ANSWER_BYTES = 16_384;
const MAX_TEXT = 100;

/** @param uuid RFC 4122, comes back in the answers */
export function inquiry(uuid: string): Buffer {
  return Buffer.from(
    xml`<?xml version="1.0" encoding="utf-8"?><Probe><Uuid>${uuid}</Uuid><Types>inquiry</Types></Probe>`,
  );
}

/** The device that `bytes` describe; undefined when they are not an answer to this inquiry. Never throws. */
export function answerTo(uuid: string, bytes: Buffer, sender: string): FoundDevice | undefined {
  const fields = fieldsOf(bytes);
  if (fields?.["uuid"] === undefined || word(fields, "uuid")?.toLowerCase() !== uuid.toLowerCase()) return undefined;
  const claimed = word(fields, "ipv4address");
  const ipv6 = word(fields, "ipv6address");
  return {
    address: claimed !== undefined && isIPv4(claimed) && claimed !== "0.0.0.0" ? claimed : sender,
    ...defined({
      ipv6: ipv6 !== undefined && isIPv6(ipv6) && ipv6 !== "::" ? ipv6 : undefined,
      model: word(fields, "devicedescription"),
      serialNumber: word(fields, "devicesn"),
      macAddress: plainMac(word(fields, "mac")),
      // "V5.5.6build 180326"
      firmware: word(fields, "softwareversion")?.replace(/ {0,4}build {0,4}/i, " build "),
      httpPort: port(fields, "httpport"),
      httpsPort: port(fields, "httpsport"),
      activated: boolean(fields, "activated"),
      dhcp: boolean(fields, "dhcp"),
    }),
  };
}

/** The answer's elements, names in lower case: firmware differs (OEMInfo, OEMinfo). */
function fieldsOf(bytes: Buffer): XmlNode | undefined {
  try {
    const { root, value } = parseXml(bytes, MAX_ANSWER_BYTES);
    if (root !== "ProbeMatch" || typeof value === "string") return undefined;
    return Object.fromEntries(Object.entries(value).map(([name, content]) => [name.toLowerCase(), content]));
  } catch {
    return undefined;
  }
}

/** One short line. Devices send "N/A" for nothing. */
function word(fields: XmlNode, name: string): string | undefined {
  const sent = text(fields, name)
    // eslint-disable-next-line no-control-regex -- control characters are what is taken out
    ?.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim()
    .slice(0, MAX_TEXT);
  return sent === "" || sent === "N/A" ? undefined : sent;
}

function port(fields: XmlNode, name: string): number | undefined {
  const sent = number(fields, name);
  return sent !== undefined && Number.isInteger(sent) && sent > 0 && sent < 65_536 ? sent : undefined;
}

/** Where a device is, and what of it goes into a request. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";

export interface DeviceAddress {
  readonly protocol: "http" | "https";
  /** Name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** "lenient": also answers that break the rules of HTTP are read (lenient-client.ts). */
export type HttpMode = "strict" | "lenient";

/** "http://host:port". Throws FatalError "badRequest" when no such address can exist. */
export function originOf({ protocol, host, port }: DeviceAddress): string {
  const origin = `${protocol}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url && url.pathname === "/" && url.username === "" && url.search === "" && url.hash === "") return origin;
  throw new FatalError("badRequest", say`"${host}" with port ${port} is no address. Enter a name or an IP address.`);
}

/** What may stand on a request line and inside the quotes of a Digest header; what is encoded already stays as it is. */
export function requestTarget(path: string): string {
  return path.replace(/[^\x21-\x7e]+|["\\]/g, (text) => encodeURIComponent(Buffer.from(text).toString()));
}

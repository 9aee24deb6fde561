/** What the tests of this folder share: a DeviceHttp at a server on this machine, and what became of promises. */
import { DeviceHttp, type DeviceHttpOptions } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";

/** `logins`: its own unless given, so that tests do not share refusals. */
export function deviceHttp(port: number, password = "right", more: Partial<DeviceHttpOptions> = {}): DeviceHttp {
  return new DeviceHttp({
    identity: { id: "device1", name: "Gate", host: "127.0.0.1" },
    address: { protocol: "http", host: "127.0.0.1", port },
    credentials: { username: "admin", password },
    tls: { mode: "verify" },
    basic: false,
    logins: new Logins(),
    ...more,
  });
}

/** Error codes of what failed, "ok" for the rest. */
export async function outcomes(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => (one.status === "fulfilled" ? "ok" : String((one.reason as { code?: unknown }).code)));
}

export const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Runs the diagnosis against a virtual device, as the device's node would. */
import { systemClock } from "../../src/lib/clock";
import type { Check, Report } from "../../src/diagnose/check";
import { diagnose, type DiagnoseOptions } from "../../src/diagnose/diagnose";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import type { Tls } from "../../src/http/tls";
import { DeviceFacts } from "../../src/isapi/device-facts";
import { Isapi } from "../../src/isapi/isapi";
import { DeviceTime } from "../../src/time/device-time";
import type { VirtualDevice } from "../virtual-device";

export interface How extends Partial<Pick<DiagnoseOptions, "events" | "stream" | "clock" | "time">> {
  readonly password?: string;
  readonly tls?: Tls;
  readonly logins?: Logins;
  readonly host?: string;
  readonly port?: number;
  /** What is entered; default: what the device speaks. */
  readonly protocol?: "http" | "https";
}

/** `told`: the checks in the order in which they ended. */
export async function look(
  device: VirtualDevice,
  how: How = {},
): Promise<Report & { readonly told: readonly Check[] }> {
  const { password = device.password, tls = { mode: "verify" }, host = device.host, port = device.port } = how;
  const http = new DeviceHttp({
    identity: { id: "d", name: "Front", host },
    address: { protocol: how.protocol ?? (device.secure ? "https" : "http"), host, port },
    credentials: { username: device.username, password },
    tls,
    basic: false,
    logins: how.logins ?? new Logins(),
  });
  const told: Check[] = [];
  try {
    const isapi = new Isapi(http);
    const facts = new DeviceFacts(isapi, systemClock);
    const options = {
      isapi,
      time: new DeviceTime({
        isapi,
        info: (signal) => facts.info(signal),
        clock: systemClock,
        timeZone: "auto",
        warn: () => undefined,
      }),
      http,
      events: [],
      stream: { by: "own" },
      clock: systemClock,
      ...how,
    } as const;
    const report = await diagnose(options, new AbortController().signal, (check) => told.push(check));
    return { ...report, told };
  } finally {
    await http.close();
  }
}

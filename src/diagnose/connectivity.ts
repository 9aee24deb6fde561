/** Does the name resolve, and is the port open? One connection, nothing is sent. */
import { connect, isIP } from "node:net";
import type { Clock } from "../lib/clock";
import type { DeviceAddress } from "../http/device-http";
import { hostNames } from "../http/host-names";
import { transportError } from "../http/transport-errors";
import { say } from "../lib/sentence";
import { failed, passed, type Check } from "./check";

const TIMEOUT_MS = 4_000;

/** Only for a name; an address needs no lookup. */
export async function checkName(address: DeviceAddress): Promise<Check | undefined> {
  const { host } = address;
  if (isIP(host) !== 0) return undefined;
  try {
    // What is wrong may have been mended a moment ago.
    hostNames.forget(host);
    const [first] = await hostNames.addresses(host);
    return passed("name", say`${host} is ${first?.address ?? ""}.`);
  } catch (error) {
    return failed("name", transportError(error, address));
  }
}

export async function checkPort(address: DeviceAddress, clock: Clock, signal: AbortSignal): Promise<Check> {
  try {
    await connectOnce(address, clock, signal);
    return passed("port", say`Port ${address.port} is open.`);
  } catch (error) {
    return failed("port", transportError(error, address));
  }
}

function connectOnce({ host, port }: DeviceAddress, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: hostNames.lookup });
    const timer = clock.after(TIMEOUT_MS, () => end(Object.assign(new Error("late"), { code: "ETIMEDOUT" })));
    const stop = (): void => end(Object.assign(new Error("stopped"), { name: "AbortError" }));
    const end = (error?: Error): void => {
      timer.cancel();
      signal.removeEventListener("abort", stop);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    socket.once("connect", () => end()).on("error", end);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}

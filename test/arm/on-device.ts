/** A device of ours beside a virtual one, and all that the virtual one stores about arming. */
import { setMaxListeners } from "node:events";
import { Device } from "../../src";
import type { ArmCommand, ArmItem, ArmResult } from "../../src/arm/types";
import { codeOf, isHikvisionError } from "../../src/lib/errors";
import {
  detectionDocuments,
  detectionsOff,
  inputsOff,
  oneTouchOf,
  startVirtualDevice,
  triggersOf,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";

export interface Pair {
  readonly virtual: VirtualDevice;
  readonly device: Device;
  /** Detections, all on all channels, rollback, unless said otherwise. */
  readonly run: (command: Partial<ArmCommand>, signal?: AbortSignal) => Promise<ArmResult>;
  /** "code: sentence" of the error. */
  readonly failure: (command: Partial<ArmCommand>, signal?: AbortSignal) => Promise<string>;
  /** Every byte that the device stores about arming. */
  readonly stored: () => string;
  /** "PUT /ISAPI/…", without those that only ask. */
  readonly writes: () => readonly string[];
  readonly close: () => Promise<void>;
}

export async function startPair(options: VirtualDeviceOptions = {}): Promise<Pair> {
  const virtual = await startVirtualDevice({ heartbeat: null, ...options });
  const { host, port, username, password } = virtual;
  const device = new Device(
    {
      identity: { id: "device", name: "Yard", host },
      address: { host, port, protocol: "http" },
      credentials: { username, password },
      tls: { mode: "insecure" },
      basic: false,
      eventSource: "push",
      heartbeatTimeout: 30,
      timeZone: "auto",
    },
    {
      notification: () => undefined,
      event: () => undefined,
      wantsPictures: () => false,
      state: () => undefined,
      warn: () => undefined,
    },
  );
  const usual = { what: "detection", action: "status", channels: [], types: [], rollback: true } as const;
  const run = (command: Partial<ArmCommand>, signal = new AbortController().signal): Promise<ArmResult> => {
    setMaxListeners(0, signal);
    return device.arming.run({ ...usual, ...command }, signal);
  };
  return {
    virtual,
    device,
    run,
    failure: (command, signal) =>
      run(command, signal).then(
        () => "",
        (error: unknown) => `${codeOf(error)}: ${isHikvisionError(error) ? error.message : String(error)}`,
      ),
    stored: () =>
      JSON.stringify([
        [...detectionDocuments(virtual)],
        [...detectionsOff(virtual)].sort(),
        [...inputsOff(virtual)],
        triggersOf(virtual).map(({ id, entries }) => [id, entries]),
        [...oneTouchOf(virtual).disturbed],
      ]),
    writes: () =>
      virtual.requests
        .filter(({ method, authorized, path }) => authorized && method !== "GET" && !path.includes("mutexFunction"))
        .map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      await device.close();
      await virtual.close();
    },
  };
}

/** "1 VMD on", "2 linedetection off→on", "3 VMD ?: protocol". */
export function lines({ items }: Pick<ArmResult, "items">): readonly string[] {
  return items.map((item) => `${item.channel ?? item.inputPort ?? "device"} ${item.type} ${stateIn(item)}`);
}

function stateIn({ before, after, changed, error }: ArmItem): string {
  const word = (state: boolean | undefined): string => (state === undefined ? "?" : state ? "on" : "off");
  const states = changed ? `${word(before)}→${word(after)}` : word(after);
  return error ? `${states}: ${error.code}` : states;
}

/** Why nothing can come of it, in English. */
export function blindIn({ items }: Pick<ArmResult, "items">): readonly string[] {
  return items.flatMap(({ type, blind }) => (blind ? [`${type}: ${blind.join(" ")}`] : []));
}

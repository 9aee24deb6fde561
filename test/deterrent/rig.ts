/** Deterrents on a virtual device over HTTP, with a clock a hundred times as fast: durations of the flow, not of the sockets. */
import { DocumentChanges } from "../../src/control/document-changes";
import { WriteQueue } from "../../src/control/write-queue";
import { Deterrents, keptLightsOf, type DeterrentResult } from "../../src/deterrent/deterrents";
import type { KeptLight } from "../../src/deterrent/white-light";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { DeviceFacts } from "../../src/isapi/device-facts";
import { Isapi } from "../../src/isapi/isapi";
import { systemClock, waitOn, type Clock } from "../../src/lib/clock";
import { codeOf } from "../../src/lib/errors";
import { Lru } from "../../src/lib/lru";
import { startVirtualDevice, type VirtualDevice, type VirtualDeviceOptions } from "../virtual-device";
import { audioAlarmOf, lightOf } from "../virtual-device/services/deterrent";

const FASTER = 100;

const hurried: Clock = {
  now: () => systemClock.now(),
  elapsed: () => systemClock.elapsed() * FASTER,
  after: (ms, run) => systemClock.after(ms / FASTER, run),
  wait: (ms, ...signals) => waitOn(hurried, ms, ...signals),
};

/** How a command ended. */
export interface End {
  readonly result?: DeterrentResult;
  readonly code?: string;
  readonly text?: string;
}

export class Rig implements AsyncDisposable {
  readonly device: VirtualDevice;
  readonly life = new AbortController();
  readonly beforeClose = new Set<Promise<unknown>>();
  readonly writes = new WriteQueue();
  readonly phases: string[] = [];
  readonly isapi: Isapi;
  readonly changes: DocumentChanges;
  readonly #memory = new Lru<string, KeptLight>(100);
  readonly #http: DeviceHttp;
  readonly #facts: DeviceFacts;
  deterrents: Deterrents;

  private constructor(device: VirtualDevice) {
    this.device = device;
    this.#http = new DeviceHttp({
      identity: { id: "d1", name: "Yard", host: device.host },
      address: { protocol: "http", host: device.host, port: device.port },
      credentials: { username: device.username, password: device.password },
      tls: { mode: "verify" },
      basic: false,
      logins: new Logins(),
    });
    this.isapi = new Isapi(this.#http);
    this.#facts = new DeviceFacts(this.isapi, systemClock);
    this.changes = new DocumentChanges(this.isapi, this.writes);
    // Over a little before it is waited for.
    audioAlarmOf(device).clipMs = 4_000 / FASTER;
    this.deterrents = this.deployed();
  }

  static async start(options: VirtualDeviceOptions = {}): Promise<Rig> {
    return new Rig(await startVirtualDevice({ heartbeat: null, ...options }));
  }

  /** As after a deploy: only the memory of how lights were stays. */
  deployed(): Deterrents {
    this.deterrents = new Deterrents({
      isapi: this.isapi,
      changes: this.changes,
      writes: this.writes,
      channels: (signal) => this.#facts.channels(signal),
      clock: hurried,
      kept: keptLightsOf(this.#memory, "device"),
      beforeClose: (task) => void this.beforeClose.add(task.catch(() => undefined)),
    });
    return this.deterrents;
  }

  /** Never rejects. */
  run(
    action: string,
    values: Readonly<Record<string, unknown>> = {},
    signal = this.life.signal,
    channel = 1,
  ): Promise<End> {
    return this.deterrents
      .run({ channel, action, values }, signal, (phase) => this.phases.push(phase))
      .then(
        (result) => ({ result }),
        (error: unknown) => ({ code: codeOf(error) ?? String(error), text: String(error) }),
      );
  }

  /** All that the device holds of it, byte for byte. */
  get documents(): readonly string[] {
    const { light, filter } = lightOf(this.device);
    return [light, filter, audioAlarmOf(this.device).document];
  }

  /** The paths that were written to. */
  get writesDone(): readonly string[] {
    return this.device.requests
      .filter(({ method, authorized }) => method === "PUT" && authorized)
      .map(({ path }) => path.replace(/\?.*/, ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.deterrents.stop();
    await Promise.all(this.beforeClose);
    this.isapi.close();
    await this.#http.close();
    await this.device.close();
  }
}

/** A Ptz on a virtual device over HTTP, with a clock twenty times as fast: durations of the flow, not of the sockets. */
import assert from "node:assert/strict";
import { systemClock, waitOn, type Clock } from "../../src/lib/clock";
import { DocumentChanges } from "../../src/control/document-changes";
import { WriteQueue } from "../../src/control/write-queue";
import { DeviceFacts } from "../../src/isapi/device-facts";
import { codeOf, type ErrorCode, type HikvisionError } from "../../src/lib/errors";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { Isapi } from "../../src/isapi/isapi";
import { Ptz } from "../../src/ptz/ptz";
import type { GivenValues } from "../../src/ptz/values";
import {
  headsOf,
  startVirtualDevice,
  type Head,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../virtual-device";

const FASTER = 20;

const hurried: Clock = {
  now: () => systemClock.now(),
  elapsed: () => systemClock.elapsed() * FASTER,
  after: (ms, run) => systemClock.after(ms / FASTER, run),
  wait: (ms, ...signals) => {
    waits.push(ms);
    return waitOn(hurried, ms, ...signals);
  },
};
/** What was waited for so far, ms. */
export const waits: number[] = [];

export class Rig implements AsyncDisposable {
  readonly device: VirtualDevice;
  readonly ptz: Ptz;
  readonly isapi: Isapi;
  readonly life = new AbortController();
  readonly beforeClose: Promise<unknown>[] = [];
  readonly #http: DeviceHttp;

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
    const facts = new DeviceFacts(this.isapi, systemClock);
    this.ptz = new Ptz({
      isapi: this.isapi,
      changes: new DocumentChanges(this.isapi, new WriteQueue()),
      kindOf: (channel, signal) => facts.kindOf(channel, signal),
      clock: hurried,
      beforeClose: (task) => this.beforeClose.push(task.catch(() => undefined)),
    });
  }

  static async start(options: VirtualDeviceOptions = {}): Promise<Rig> {
    return new Rig(await startVirtualDevice({ heartbeat: null, ...options }));
  }

  head(channel = 1): Head {
    const head = headsOf(this.device).channels.get(channel);
    assert.ok(head, `no head ${channel}`);
    return head;
  }

  run(action: string, values: GivenValues = {}, { channel = 1, clamp = false } = {}): Promise<object> {
    return this.ptz.run({ channel, action, values, clamp }, this.life.signal);
  }

  /** Fails with this code and a message that matches. Gives what was sent meanwhile. */
  async refuses(
    code: ErrorCode,
    words: RegExp,
    action: string,
    values: GivenValues = {},
    options: { channel?: number; clamp?: boolean } = {},
  ): Promise<readonly string[]> {
    const before = this.device.requests.length;
    await assert.rejects(this.run(action, values, options), (error: HikvisionError) => {
      assert.equal(codeOf(error), code, String(error));
      assert.match(error.message, words);
      return true;
    });
    return this.sent(before);
  }

  /** "PUT /path" of the requests that got past the login, from the `from`-th on. */
  sent(from = 0): readonly string[] {
    return this.device.requests
      .slice(from)
      .filter(({ authorized }) => authorized)
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** What a command sends, once all that is learnt is learnt. */
  async sentBy(
    action: string,
    values: GivenValues = {},
    options: { channel?: number } = {},
  ): Promise<readonly string[]> {
    const before = this.device.requests.length;
    await this.run(action, values, options);
    return this.sent(before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ptz.close();
    this.isapi.close();
    await this.#http.close();
    await this.device.close();
  }
}

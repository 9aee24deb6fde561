/** A fake Hikvision device that verifies what it gets and misbehaves on demand. Services are in services/. */
import { setMaxListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { AlertStream, type Emitted } from "./alert-stream";
import type { Alert, AlertSource } from "./alerts";
import type { DeviceClock } from "./clock";
import { DeviceTime } from "./device-time";
import { Exchange } from "./exchange";
import { Faults, type Fault, type FaultHandle, type FaultOptions } from "./faults";
import { Authenticator } from "./authenticator";
import { linked } from "./linkage";
import { Listener } from "./listener";
import type { ResolvedOptions } from "./options";
import type { PictureSource } from "./picture-source";
import { makeProfile, type Profile } from "./profile";
import { pushToHosts } from "./push";
import { RequestLog, type RecordedRequest } from "./request-log";
import { Router } from "./router";
import { RtspService } from "./rtsp/rtsp-service";
import { SadpResponder } from "./sadp";
import { routes } from "./services";
import { accessOf } from "./services/security";
import { refusedBeforeLogin } from "./services/doors";

const router = new Router(routes);
const MAX_BODY = 16 * 1024 * 1024;

export class VirtualDevice {
  readonly profile: Profile;
  readonly time: DeviceTime;
  readonly pictures: PictureSource;
  readonly clock: DeviceClock;
  readonly username: string;
  readonly password: string;
  readonly authenticator: Authenticator;
  readonly stream: AlertStream;
  readonly faults = new Faults();
  readonly options: ResolvedOptions;
  /** false: a device fresh from its box, without a password. */
  activated: boolean;

  readonly #log = new RequestLog();
  #listener: Listener | undefined;
  #sadp: SadpResponder | undefined;
  #rtsp: RtspService | undefined;
  readonly #closing = new AbortController();

  private constructor(options: ResolvedOptions) {
    // Every pause in progress listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.options = options;
    this.profile = makeProfile(options);
    this.clock = options.clock;
    this.time = new DeviceTime(options.clock, options.zone, options.driftMs);
    this.pictures = options.pictures;
    this.username = options.username;
    this.password = options.password;
    this.activated = options.activated;
    this.authenticator = new Authenticator(options.clock, options, options.auth);
    this.stream = new AlertStream(options.clock, options);
  }

  static async open(options: ResolvedOptions): Promise<VirtualDevice> {
    const device = new VirtualDevice(options);
    device.#listener = await Listener.open(options.host, options.port, options.tls, (request, response) => {
      device.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    if (options.films) device.#rtsp = await RtspService.open(device, options.films, options.rtspAuth ?? {});
    if (options.sadp) device.#sadp = await SadpResponder.open(device, options.sadp);
    return device;
  }

  get host(): string {
    return this.options.host;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get secure(): boolean {
    return this.options.tls !== undefined;
  }

  /** "http://127.0.0.1:port", without credentials. */
  get url(): string {
    return `${this.secure ? "https" : "http"}://${this.host}:${this.port}`;
  }

  /** The certificate, PEM; undefined without TLS. */
  get certificate(): string | undefined {
    return this.options.tls?.cert;
  }

  /** The last 10 000 requests, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#log.entries;
  }

  get connections(): { readonly open: number; readonly total: number } {
    return this.#listener?.connections ?? { open: 0, total: 0 };
  }

  /** Alert streams open now. */
  get streams(): number {
    return this.stream.open;
  }

  /** RTSP connections open now. */
  get rtspConnections(): number {
    return this.#rtsp?.open ?? 0;
  }

  /** Ends all RTSP connections; it takes new ones. */
  cutVideo(): void {
    this.#rtsp?.cut();
  }

  /** SADP searches received. */
  get inquiries(): number {
    return this.#sadp?.inquiries ?? 0;
  }

  /** What alerts say about their sender. */
  source(legacy: boolean): AlertSource {
    const { profile, time, pictures, host, port, secure } = this;
    return { profile, time, pictures, host, port, secure, legacy };
  }

  /** Sends an alert to every open stream; with none open it is lost, as on a device, and so is what no trigger sends. */
  emit(alert: Alert): Promise<Emitted> {
    return this.stream.emit(linked(this, alert));
  }

  /** Posts an alert to the hosts in its list; the statuses of their answers. */
  pushToHosts(alert: Alert): Promise<number[]> {
    return pushToHosts(this, alert);
  }

  /** From now on the fault applies to requests to `where`. See {@link Faults.add}. */
  fail(where: string | RegExp, fault: Fault, options?: FaultOptions): FaultHandle {
    return this.faults.add(where, fault, options);
  }

  /** Off the network: connections are cut, new ones refused. */
  async disconnect(): Promise<void> {
    if (this.#sadp) this.#sadp.away = true;
    await Promise.all([this.#listener?.stop(), this.#rtsp?.stop()]);
  }

  /** Back on the network, same port. */
  async connect(): Promise<void> {
    await Promise.all([this.#listener?.listen(), this.#rtsp?.listen(accessOf(this).rtsp.port)]);
    if (this.#sadp) this.#sadp.away = false;
  }

  /** Cuts everything, forgets nonces, and is away for `ms`. */
  async reboot(ms: number): Promise<void> {
    await this.disconnect();
    this.authenticator.forgetNonces();
    await this.pause(ms);
    if (!this.closed) await this.connect();
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Resolves after `ms`, when the device is closed, or when `early` aborts. */
  pause(ms: number, early?: AbortSignal): Promise<void> {
    const signals = early ? [this.#closing.signal, early] : [this.#closing.signal];
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        for (const signal of signals) signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.clock.after(ms, done);
      for (const signal of signals) signal.addEventListener("abort", done);
      if (signals.some((signal) => signal.aborted)) done();
    });
  }

  /** Nothing is left open after it. Repeatable. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.#closing.abort();
    this.stream.close();
    this.#sadp?.close();
    await this.disconnect();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const body = await readBody(request);
    if (!body) return;
    const exchange = new Exchange(this, request, response, body);
    const entry = exchange.recorded;
    this.#log.add(entry);
    if (await this.#applyFault("login", exchange)) return;
    if (!this.activated) {
      exchange.status("notActivated");
      return;
    }
    if (refusedBeforeLogin(exchange)) return;
    const denial = this.authenticator.admit(
      { method: exchange.method, target: exchange.target, body },
      request.headers.authorization,
    );
    if (denial) {
      if (denial.refusal) entry.refusal = denial.refusal;
      if (denial.challenges.length > 0) response.setHeader("WWW-Authenticate", [...denial.challenges]);
      exchange.send(401, denial.contentType, denial.body);
      return;
    }
    entry.authorized = true;
    if (await this.#applyFault("service", exchange)) return;
    await this.#dispatch(exchange);
  }

  async #dispatch(exchange: Exchange): Promise<void> {
    const recorded = this.options.dump?.answer(exchange.method, exchange.target);
    if (recorded) {
      exchange.send(recorded.status, recorded.contentType, recorded.body);
      return;
    }
    const found = router.find(exchange.method, exchange.path);
    if (found === "otherMethod") {
      exchange.status("methodNotAllowed");
      return;
    }
    if (!found) {
      exchange.path.startsWith("/ISAPI/") ? exchange.status("notSupport") : notFound(exchange);
      return;
    }
    exchange.params = found.params;
    await found.handler(exchange);
  }

  /** true: the fault has taken the request, or dropped it. */
  async #applyFault(stage: "login" | "service", exchange: Exchange): Promise<boolean> {
    const fault = this.faults.match(stage, exchange.method, exchange.target);
    const { response } = exchange;
    const { socket } = response;
    switch (fault?.kind) {
      case undefined:
        return false;
      case "answer":
        exchange.send(fault.status, fault.contentType, fault.body, fault.headers);
        return true;
      case "reset":
        if (socket) this.#listener?.reset(socket);
        return true;
      case "hang":
        return true;
      case "slow":
        await this.pause(fault.ms);
        return response.destroyed;
      case "resetAfter":
        response.once("finish", () => setImmediate(() => socket && this.#listener?.reset(socket)));
        return false;
      case "truncate":
        this.#truncate(exchange, fault.bytes);
        return false;
    }
  }

  #truncate({ response }: Exchange, bytes: number): void {
    const { socket } = response;
    response.end = ((data: Buffer) => {
      response.write(data.subarray(0, bytes), () => socket && this.#listener?.reset(socket));
      return response;
    }) as ServerResponse["end"];
  }
}

function notFound(exchange: Exchange): void {
  exchange.send(404, "text/html", "<html><body><h2>Access Error: 404 -- Not Found</h2></body></html>\r\n");
}

/** undefined: the caller went away, or sent too much. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY) {
        request.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

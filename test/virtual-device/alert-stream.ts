/** The alert streams a device has open: few slots, heartbeats, and every way of falling silent or apart. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { heartbeat, type Alert, type AlertSource, type HeartbeatShape } from "./alerts";
import { monotonicMs, type DeviceClock, type DeviceTimer } from "./clock";
import type { Exchange } from "./exchange";
import { WIRE_FAULTS, encodeParts, type Wire, type WireFault } from "./wire";

export interface HeartbeatOptions {
  readonly ms: number;
  readonly shape?: HeartbeatShape;
  /** Stop after so many: some NVRs send one and are silent ever after. */
  readonly times?: number;
}

/** When an emission left. Times are the machine's monotonic clock in ms, comparable between processes. */
export interface Emitted {
  /** Streams it went to. */
  readonly streams: number;
  readonly bytes: number;
  /** Just before the first byte was handed to the kernel. */
  readonly startedAt: number;
  /** The kernel has taken the last byte of the last stream. */
  readonly writtenAt: number;
}

interface Listener {
  readonly response: ServerResponse;
  /** Written to directly: ServerResponse holds small writes back until the next tick. */
  readonly socket: Socket;
  readonly source: AlertSource;
  timer: DeviceTimer | undefined;
  beats: number;
}

export interface AlertStreamOptions {
  readonly slots: number;
  readonly heartbeat: HeartbeatOptions | null;
  readonly wire: Wire;
  readonly chunked: boolean;
}

export class AlertStream {
  readonly #clock: DeviceClock;
  readonly #listeners = new Set<Listener>();
  readonly #rightWire: Wire;
  readonly #leaks = new Set<DeviceTimer>();

  /** How many streams may be open; more get 503 deployExceedMax. */
  slots: number;
  /** How long a dropped stream keeps its slot. */
  slotLeakMs = 0;
  heartbeat: HeartbeatOptions | null;
  /** How parts are written from now on. */
  wire: Wire;
  /** Transfer-Encoding: chunked for streams opened from now on. */
  chunked: boolean;
  /** Sent to each new stream at once: history, or what was missed. */
  greeting: readonly Alert[] = [];
  /** Half-open: the socket stays, nothing is written, not even heartbeats. */
  silent = false;
  /** Every write is split into pieces of so many bytes. */
  pieceBytes = Infinity;

  constructor(clock: DeviceClock, options: AlertStreamOptions) {
    this.#clock = clock;
    this.slots = options.slots;
    this.heartbeat = options.heartbeat;
    this.wire = options.wire;
    this.#rightWire = options.wire;
    this.chunked = options.chunked;
  }

  /** Streams open now. */
  get open(): number {
    return this.#listeners.size;
  }

  get full(): boolean {
    return this.#listeners.size + this.#leaks.size >= this.slots;
  }

  /** Spoils the wire from now on; without a fault it is right again. */
  misbehave(fault?: WireFault | Partial<Wire>): void {
    this.wire = { ...this.#rightWire, ...(typeof fault === "string" ? WIRE_FAULTS[fault] : fault) };
  }

  /** Turns this exchange into an alert stream. */
  accept(exchange: Exchange, source: AlertSource): void {
    const { response } = exchange;
    const { socket } = response;
    if (!socket) return;
    const listener: Listener = { response, socket, source, timer: undefined, beats: 0 };
    response.useChunkedEncodingByDefault = this.chunked;
    response.shouldKeepAlive = false;
    exchange.head(200, {
      "MIME-Version": "1.0",
      Connection: "close",
      "Content-Type": `multipart/mixed; boundary=${this.wire.announced}`,
    });
    response.flushHeaders();
    this.#listeners.add(listener);
    response.once("close", () => this.#dropped(listener));
    for (const alert of this.greeting) void this.#write([listener], alert);
    this.#beat(listener);
  }

  /** Sends to every open stream. Resolves when the kernel has taken the last byte. */
  emit(alert: Alert): Promise<Emitted> {
    return this.#write([...this.#listeners], alert);
  }

  /** Bytes as they are. */
  raw(bytes: string | Buffer): Promise<Emitted> {
    const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    return this.#send([...this.#listeners], () => data);
  }

  /** Writes the first bytes of an alert (a fraction below 1, or a number of bytes), then resets the connections. */
  async cutInside(alert: Alert, at: number): Promise<void> {
    await this.#send([...this.#listeners], ({ source }) => {
      const whole = encodeParts(alert(source), this.wire);
      return whole.subarray(0, at < 1 ? Math.floor(whole.length * at) : at);
    });
    this.cut();
  }

  /** Cuts every stream at once, as a power failure of the switch would. */
  cut(): void {
    for (const { socket } of this.#listeners) socket.destroy();
  }

  /** Ends every stream in good order. */
  end(): void {
    for (const { response } of this.#listeners) response.end();
  }

  #write(listeners: readonly Listener[], alert: Alert): Promise<Emitted> {
    let shared: { readonly legacy: boolean; readonly bytes: Buffer } | undefined;
    return this.#send(listeners, ({ source }) => {
      if (shared?.legacy !== source.legacy) {
        shared = { legacy: source.legacy, bytes: encodeParts(alert(source), this.wire) };
      }
      return shared.bytes;
    });
  }

  async #send(listeners: readonly Listener[], bytesFor: (listener: Listener) => Buffer): Promise<Emitted> {
    let bytes = 0;
    const reached = this.silent ? [] : listeners;
    const payloads = reached.map((listener) => ({ listener, data: bytesFor(listener) }));
    const startedAt = monotonicMs();
    let writtenAt = startedAt;
    const pending: Promise<void>[] = [];
    for (const { listener, data } of payloads) {
      bytes = data.length;
      const flushed = this.#writeTo(listener, data);
      if (listener.socket.writableLength === 0 && data.length <= this.pieceBytes) writtenAt = monotonicMs();
      else pending.push(flushed.then(() => void (writtenAt = monotonicMs())));
    }
    await Promise.all(pending);
    return { streams: reached.length, bytes, startedAt, writtenAt };
  }

  /** Resolves when the kernel has it, or when the stream is gone. */
  async #writeTo({ socket, response }: Listener, data: Buffer): Promise<void> {
    for (let at = 0; at < data.length; at += this.pieceBytes) {
      const piece = data.subarray(at, at + this.pieceBytes);
      const framed = response.chunkedEncoding ? chunk(piece) : piece;
      await new Promise<void>((resolve) => socket.write(framed, () => resolve()));
      // Gives the reader a turn, or it would find the pieces joined again.
      if (data.length > this.pieceBytes) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #beat(listener: Listener): void {
    const beat = this.heartbeat;
    if (!beat) return;
    if (listener.beats < (beat.times ?? Infinity)) {
      listener.beats++;
      void this.#write([listener], heartbeat(beat.shape));
    }
    listener.timer = this.#clock.after(beat.ms, () => this.#beat(listener));
  }

  #dropped(listener: Listener): void {
    listener.timer?.cancel();
    this.#listeners.delete(listener);
    if (this.slotLeakMs === 0) return;
    const leak = this.#clock.after(this.slotLeakMs, () => this.#leaks.delete(leak));
    this.#leaks.add(leak);
  }

  /** Cuts what is open and stops every timer. */
  close(): void {
    this.slotLeakMs = 0;
    this.cut();
    for (const leak of this.#leaks) leak.cancel();
    for (const listener of this.#listeners) listener.timer?.cancel();
  }
}

function chunk(data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
}

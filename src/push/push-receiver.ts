/**
 * Events that the device pushes to us (its "HTTP listening"). The HTTP endpoint is elsewhere; this receives the parts.
 * Push has no heartbeat, so a cheap request every minute shows whether the device is reachable.
 */
import type { Clock } from "../lib/clock";
import { isHikvisionError, RetryableError, type DeviceIdentity, type HikvisionError } from "../lib/errors";
import { StateNotifier, type AlertSink, type EventSource, type StreamState } from "../events/event-source";
import type { EventPipeline } from "../events/pipeline";
import type { Part } from "../multipart/part-reader";
import { say } from "../lib/sentence";

export interface PushReceiverOptions {
  readonly identity: DeviceIdentity;
  readonly sink: AlertSink;
  readonly pipeline: EventPipeline;
  /** Rejects when the device is not reachable. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
}

const PROBE_MS = 60_000;

export class PushReceiver implements EventSource {
  readonly #options: PushReceiverOptions;
  readonly #notifier: StateNotifier;
  #stop: AbortController | undefined;
  #wake: AbortController | undefined;
  #blocked: HikvisionError | undefined;
  #heard = false;

  constructor(options: PushReceiverOptions) {
    this.#options = options;
    this.#notifier = new StateNotifier(options.sink);
  }

  get state(): StreamState {
    return this.#notifier.state;
  }

  get heard(): boolean {
    return this.#heard;
  }

  open(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#heard = false;
    this.#notifier.state = { phase: "connecting" };
    this.#options.pipeline.connected();
    void this.#watch(this.#stop.signal);
  }

  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#options.pipeline.close();
    this.#notifier.state = { phase: "closed" };
  }

  retryNow(): void {
    this.#wake?.abort();
  }

  /** Why no push can be received at all; undefined: it can. */
  block(error: HikvisionError | undefined): void {
    this.#blocked = error?.at(this.#options.identity);
    this.retryNow();
  }

  /** What one push brought. False: there was no alert in it. While closed, parts are dropped. */
  receive(parts: readonly Part[]): boolean {
    if (!this.#stop) return true;
    if (!this.#blocked) this.#notifier.state = { phase: "online" };
    const alerts = this.#options.pipeline.body(parts);
    this.#heard ||= alerts > 0;
    return alerts > 0;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { prepare, clock } = this.#options;
    for (;;) {
      const error = this.#blocked ?? (await this.#probe(prepare, signal));
      if (signal.aborted) return;
      this.#notifier.state = error ? { phase: "offline", error } : { phase: "online" };
      const wake = new AbortController();
      this.#wake = wake;
      await clock.wait(PROBE_MS, signal, wake.signal).catch(() => undefined);
    }
  }

  async #probe(
    prepare: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<HikvisionError | undefined> {
    try {
      await prepare(signal);
      return undefined;
    } catch (error) {
      const ours = isHikvisionError(error)
        ? error
        : new RetryableError("protocol", say`The device answered with nonsense.`);
      return ours.at(this.#options.identity);
    }
  }
}

/**
 * Tells a quiet stream from a dead one. Parts are life, stray bytes are not. Heartbeats are learnt: cameras send one every 10 s (0.3 s before firmware 5.5), some recorders
 * one and never again (toxuin/alarmserver#31), others not at all. TCP keep-alive runs beside this.
 */
import type { Clock, Timer } from "../../lib/clock";

export interface WatchdogOptions {
  readonly clock: Clock;
  /** Silence in ms that a stream with heartbeats may not exceed. */
  readonly timeoutMs: number;
  /** Does the device answer? Asked when heartbeats cannot tell. Must not throw. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  readonly onDead: (silentMs: number) => void;
}

/** How one device sends heartbeats, kept over reconnects. */
export class HeartbeatStatistics {
  /** Connections that ended in silence after exactly one heartbeat. */
  #single = 0;

  /** Does silence after so many heartbeats mean that the stream is dead? */
  silenceMeansDead(heartbeats: number): boolean {
    return heartbeats > 1 || (heartbeats === 1 && this.#single < 2);
  }

  diedAfter(heartbeats: number): void {
    if (heartbeats === 1) this.#single += 1;
  }
}

/** Watches one connection of the stream, from its opening to `stop`. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #statistics: HeartbeatStatistics;
  readonly #stopping = new AbortController();
  #timer: Timer;
  #lastPart: number;
  #lastHeartbeat: number | undefined;
  #longestIntervalMs = 0;
  #heartbeats = 0;

  constructor(options: WatchdogOptions, statistics: HeartbeatStatistics) {
    this.#options = options;
    this.#statistics = statistics;
    this.#lastPart = options.clock.elapsed();
    this.#timer = options.clock.after(options.timeoutMs, this.#check);
  }

  /** A whole part, an alert or a picture, shows that the stream is alive. */
  part(): void {
    this.#lastPart = this.#options.clock.elapsed();
  }

  heartbeat(): void {
    const now = this.#options.clock.elapsed();
    if (this.#lastHeartbeat !== undefined)
      this.#longestIntervalMs = Math.max(this.#longestIntervalMs, now - this.#lastHeartbeat);
    this.#lastHeartbeat = now;
    this.#heartbeats += 1;
  }

  stop(): void {
    this.#stopping.abort();
    this.#timer.cancel();
  }

  /** A device whose heartbeats are rarer than the timeout (subscriptions: every 30 s) is given two and a half intervals. */
  get #allowedSilenceMs(): number {
    const slow = this.#longestIntervalMs * 2.5;
    return slow > this.#options.timeoutMs ? slow : this.#options.timeoutMs;
  }

  readonly #check = (): void => {
    const { clock } = this.#options;
    const silentMs = clock.elapsed() - this.#lastPart;
    const leftMs = this.#allowedSilenceMs - silentMs;
    if (leftMs > 0) {
      this.#watch(leftMs);
    } else if (this.#statistics.silenceMeansDead(this.#heartbeats)) {
      this.#statistics.diedAfter(this.#heartbeats);
      this.#options.onDead(silentMs);
    } else {
      void this.#probe(silentMs);
    }
  };

  #watch(ms: number): void {
    this.#timer = this.#options.clock.after(ms, this.#check);
  }

  async #probe(silentMs: number): Promise<void> {
    const alive = await this.#options.probe(this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    if (alive) this.#watch(this.#allowedSilenceMs);
    else this.#options.onDead(silentMs);
  }
}

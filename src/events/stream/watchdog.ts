/**
 * Tells a quiet stream from a dead one. Heartbeats are learnt: cameras beat every 10 s (0.3 s before firmware 5.5), some recorders
 * beat once and never again (toxuin/alarmserver#31), others not at all. TCP keep-alive runs beside this.
 */
import type { Clock, Timer } from "../../lib/clock";

export interface WatchdogOptions {
  readonly clock: Clock;
  /** Silence in ms that a stream with heartbeats may not exceed. */
  readonly timeoutMs: number;
  /** Asks the device for a sign of life when heartbeats cannot tell. Must not throw. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>;
  readonly onDead: (silentMs: number) => void;
}

/** What one device taught us, kept over reconnects. */
export class HeartbeatStatistics {
  /** Lives of the stream that ended in silence after exactly one heartbeat. */
  #single = 0;

  /** Is silence after `beats` heartbeats a sign of death? */
  tells(beats: number): boolean {
    return beats > 1 || (beats === 1 && this.#single < 2);
  }

  silencedAfter(beats: number): void {
    if (beats === 1) this.#single += 1;
  }
}

/** Watches one life of the stream, from its first byte to `stop`. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #habit: HeartbeatStatistics;
  readonly #life = new AbortController();
  #timer: Timer;
  #lastByte: number;
  #lastBeat: number | undefined;
  #interval = 0;
  #beats = 0;

  constructor(options: WatchdogOptions, habit: HeartbeatStatistics) {
    this.#options = options;
    this.#habit = habit;
    this.#lastByte = options.clock.elapsed();
    this.#timer = options.clock.after(options.timeoutMs, this.#check);
  }

  /** Any byte is life. Cheap: called per chunk. */
  bytes(): void {
    this.#lastByte = this.#options.clock.elapsed();
  }

  heartbeat(): void {
    const now = this.#options.clock.elapsed();
    if (this.#lastBeat !== undefined) this.#interval = Math.max(this.#interval, now - this.#lastBeat);
    this.#lastBeat = now;
    this.#beats += 1;
  }

  stop(): void {
    this.#life.abort();
    this.#timer.cancel();
  }

  /** A device that beats slower than the timeout (subscriptions: every 30 s) is given two and a half beats. */
  get #patienceMs(): number {
    const slow = this.#interval * 2.5;
    return slow > this.#options.timeoutMs ? slow : this.#options.timeoutMs;
  }

  readonly #check = (): void => {
    const { clock } = this.#options;
    const silentMs = clock.elapsed() - this.#lastByte;
    const leftMs = this.#patienceMs - silentMs;
    if (leftMs > 0) {
      this.#watch(leftMs);
    } else if (this.#habit.tells(this.#beats)) {
      this.#habit.silencedAfter(this.#beats);
      this.#options.onDead(silentMs);
    } else {
      void this.#ask(silentMs);
    }
  };

  #watch(ms: number): void {
    this.#timer = this.#options.clock.after(ms, this.#check);
  }

  async #ask(silentMs: number): Promise<void> {
    const alive = await this.#options.probe(this.#life.signal);
    if (this.#life.signal.aborted) return;
    if (alive) this.#watch(this.#patienceMs);
    else this.#options.onDead(silentMs);
  }
}

/**
 * Alarm outputs as events, for devices that do not report them: asks for their states every 5 s while somebody wants to
 * know. An output that is on is told in every round, as devices repeat their alerts; one that is off once, when it was on.
 */
import type { Chance, Clock } from "../lib/clock";
import { codeOf, isHikvisionError, isRetryable } from "../lib/errors";
import { Backoff } from "../lib/backoff";
import { eventType } from "../events/event-types";
import type { Notification } from "../events/types";
import { isUnavailable } from "../isapi/unavailable";
import { say, type Sentence } from "../lib/sentence";
import type { AlarmOutput } from "./output-list";
import type { Outputs, OutputStatus } from "./outputs";

const EVERY_MS = 5_000;
/** While the device does not answer. Its event stream reports that. */
const AWAY = { firstMs: 10_000, longestMs: 60_000 };
/** When it has no outputs, or none for this user. */
const NOTHING_MS = 10 * 60_000;

export interface OutputWatchOptions {
  readonly outputs: Pick<Outputs, "list" | "status">;
  /** The device's name for a channel. */
  readonly nameOf: (channel: number) => string | undefined;
  /** `receivedAt`: ms since 1970. Must not throw. */
  readonly emit: (notification: Notification, receivedAt: number) => void;
  /** Said once: nothing will come, and why. */
  readonly warn: (sentence: Sentence) => void;
  readonly clock: Clock;
  readonly chance: Chance;
}

export class OutputWatch {
  readonly #options: OutputWatchOptions;
  readonly #away: Backoff;
  readonly #on = new Set<number>();
  /** What the device listed last, and those of it that are not asked for until it is listed anew. */
  #listed: readonly AlarmOutput[] = [];
  readonly #hidden = new Set<number>();
  #life: AbortController | undefined;
  #warned = false;

  constructor(options: OutputWatchOptions) {
    this.#options = options;
    this.#away = new Backoff(AWAY, options.chance);
  }

  /** Watches until `close`. Opening an open watch does nothing. */
  open(): void {
    if (this.#life) return;
    this.#life = new AbortController();
    void this.#run(this.#life.signal);
  }

  /** Stops at once and forgets what was on. Can be opened again. */
  close(): void {
    this.#life?.abort();
    this.#life = undefined;
    this.#on.clear();
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.#round(signal);
      await this.#options.clock.wait(pauseMs, signal).catch(() => undefined);
    }
  }

  /** One look at all outputs, one after the other to leave room for commands. Answers how long to wait for the next. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      await this.#refresh(signal);
      for (const output of this.#listed) if (!this.#hidden.has(output.number)) await this.#look(output, signal);
    } catch (error) {
      if (signal.aborted) return 0;
      if (!isUnavailable(error)) return this.#away.next();
      return this.#nothing(isHikvisionError(error) ? error.sentence : undefined);
    }
    this.#away.reset();
    const seen = this.#listed.length - this.#hidden.size;
    return seen > 0 ? EVERY_MS : this.#nothing(say`The device lists none whose state it tells.`);
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const listed = await this.#options.outputs.list(signal);
    if (listed === this.#listed) return;
    this.#listed = listed;
    this.#hidden.clear();
  }

  async #look(output: AlarmOutput, signal: AbortSignal): Promise<void> {
    let status: OutputStatus;
    try {
      status = await this.#options.outputs.status(output.number, signal);
    } catch (error) {
      // A camera behind a recorder that does not answer is no reason to be blind for the other outputs.
      const itsCamera = output.channel !== undefined && isRetryable(error);
      if (!isUnavailable(error) && !itsCamera) throw error;
      if (codeOf(error) !== "protocol") this.#hidden.add(output.number);
      return;
    }
    if (signal.aborted) return;
    if (status.state === "on") this.#on.add(output.number);
    else if (!this.#on.delete(output.number)) return;
    this.#options.emit(this.#notification(output, status), this.#options.clock.now());
  }

  #nothing(reason: Sentence | undefined): number {
    const blind = say`Alarm outputs are ticked in a node, but cannot be watched.`;
    if (!this.#warned) this.#options.warn(reason ? say`${blind} ${reason}` : blind);
    this.#warned = true;
    return NOTHING_MS;
  }

  #notification({ number, name, channel }: AlarmOutput, { state, raw }: OutputStatus): Notification {
    const { type, label } = eventType("IOOutput");
    const channelName = channel === undefined ? undefined : this.#options.nameOf(channel);
    return {
      type,
      label,
      channel: channel ?? null,
      ...(channelName !== undefined && { channelName }),
      ...(name !== undefined && { description: name }),
      targets: [],
      regions: [],
      outputPort: number,
      raw: { ...raw },
      heartbeat: false,
      active: state === "on",
      reports: false,
      retransmitted: false,
      endIsReported: true,
      announced: [],
    };
  }
}

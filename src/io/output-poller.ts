/**
 * Alarm outputs as events, for devices that do not report them: polls their states every 5 s while an event node listens. An output
 * that is on is emitted in every round, as devices repeat their alerts; one that goes off once.
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

const POLL_MS = 5_000;
/** While the device does not answer; the event stream reports that. */
const RETRY = { firstMs: 10_000, longestMs: 60_000 };
/** When it has no outputs, or none that this user may read. */
const EMPTY_ROUND_MS = 10 * 60_000;

export interface OutputPollerOptions {
  readonly outputs: Pick<Outputs, "list" | "status">;
  /** The device's name for a channel. */
  readonly nameOf: (channel: number) => string | undefined;
  /** `receivedAt`: ms since 1970. Must not throw. */
  readonly emit: (notification: Notification, receivedAt: number) => void;
  /** Called once when no output can be polled, with the reason. */
  readonly warn: (sentence: Sentence) => void;
  readonly clock: Clock;
  readonly chance: Chance;
}

export class OutputPoller {
  readonly #options: OutputPollerOptions;
  readonly #retry: Backoff;
  readonly #on = new Set<number>();
  /** The last list of the device, and the outputs of it that are not polled until it is read again. */
  #listed: readonly AlarmOutput[] = [];
  readonly #skipped = new Set<number>();
  #stop: AbortController | undefined;
  #warned = false;

  constructor(options: OutputPollerOptions) {
    this.#options = options;
    this.#retry = new Backoff(RETRY, options.chance);
  }

  /** Polls until `close`. Does nothing when open already. */
  open(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  /** Stops at once and forgets what was on. Can be opened again. */
  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#on.clear();
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.#round(signal);
      await this.#options.clock.wait(pauseMs, signal).catch(() => undefined);
    }
  }

  /** Polls all outputs, one after the other to leave room for commands. Gives the ms to wait until the next round. */
  async #round(signal: AbortSignal): Promise<number> {
    try {
      await this.#refresh(signal);
      for (const output of this.#listed) if (!this.#skipped.has(output.number)) await this.#poll(output, signal);
    } catch (error) {
      if (signal.aborted) return 0;
      if (!isUnavailable(error)) return this.#retry.next();
      return this.#emptyRound(isHikvisionError(error) ? error.sentence : undefined);
    }
    this.#retry.reset();
    const polled = this.#listed.length - this.#skipped.size;
    return polled > 0 ? POLL_MS : this.#emptyRound(say`The device lists no output whose state it reports.`);
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const listed = await this.#options.outputs.list(signal);
    if (listed === this.#listed) return;
    this.#listed = listed;
    this.#skipped.clear();
  }

  async #poll(output: AlarmOutput, signal: AbortSignal): Promise<void> {
    let status: OutputStatus;
    try {
      status = await this.#options.outputs.status(output.number, signal, "background");
    } catch (error) {
      // A recorder's camera that does not answer must not stop the polling of other outputs.
      const itsCamera = output.channel !== undefined && isRetryable(error);
      if (!isUnavailable(error) && !itsCamera) throw error;
      if (codeOf(error) !== "protocol") this.#skipped.add(output.number);
      return;
    }
    if (signal.aborted) return;
    if (status.state === "on") this.#on.add(output.number);
    else if (!this.#on.delete(output.number)) return;
    this.#options.emit(this.#notification(output, status), this.#options.clock.now());
  }

  #emptyRound(reason: Sentence | undefined): number {
    const cannotPoll = say`Alarm outputs are selected in a node, but their states cannot be read.`;
    if (!this.#warned) this.#options.warn(reason ? say`${cannotPoll} ${reason}` : cannotPoll);
    this.#warned = true;
    return EMPTY_ROUND_MS;
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

/**
 * Whose plate lists are read: those of the channels that a person has chosen, or that the device says it has. An alert may name any
 * channel, so one that is not known gets no reader, except a few where the device does not say which it has.
 */

export interface ListPollsOptions {
  /** Chosen by a person; empty: all that the device has. */
  readonly chosen: readonly number[];
  /** Begins to read the list of a channel. Must not throw. */
  readonly start: (channel: number) => void;
  /** How many lists are being read. */
  readonly running: () => number;
}

/** Lists read by one node at a time; others begin when a channel turns out to have none. */
const MOST_RUNNING = 64;
/** Channels of alerts, where the device does not say which it has. */
const MOST_UNLISTED = 16;

export class ListPolls {
  readonly #options: ListPollsOptions;
  readonly #started = new Set<number>();
  #waiting: number[] = [];
  /** Channels of alerts that came before it was known which the device has. */
  readonly #early = new Set<number>();
  /** Undefined: not known yet. */
  #known: ReadonlySet<number> | "unlisted" | undefined;

  constructor(options: ListPollsOptions) {
    this.#options = options;
    if (options.chosen.length === 0) return;
    this.#known = new Set(options.chosen);
  }

  /** Begins with the chosen channels. */
  start(): void {
    for (const channel of this.#options.chosen) this.#want(channel);
  }

  /** The device has told its channels. */
  listed(channels: readonly number[]): void {
    if (channels.length === 0) {
      this.unlisted();
      return;
    }
    this.#known = new Set(channels);
    this.#early.clear();
    for (const channel of channels) this.#want(channel);
  }

  /** The device does not tell its channels. */
  unlisted(): void {
    this.#known = "unlisted";
    for (const channel of this.#early) this.#want(channel);
    this.#early.clear();
  }

  /** The stream has brought a plate of this channel. */
  seen(channel: number): void {
    if (this.#known === undefined) {
      if (this.#early.size < MOST_UNLISTED) this.#early.add(channel);
    } else if (this.#known === "unlisted") {
      if (this.#started.size < MOST_UNLISTED) this.#want(channel);
    }
  }

  /** A list has ended: the next one may begin. */
  next(): void {
    while (this.#waiting.length > 0 && this.#options.running() < MOST_RUNNING) {
      const channel = this.#waiting.shift();
      if (channel !== undefined) this.#options.start(channel);
    }
  }

  #want(channel: number): void {
    if (this.#started.has(channel)) return;
    this.#started.add(channel);
    this.#waiting.push(channel);
    this.next();
  }
}

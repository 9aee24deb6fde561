/** What a transfer may become: how long a file, and how slow. Devices were seen to go on for ever, and to send a byte now and then. */
import type { Clock, Timer } from "../../lib/clock";
import { FatalError, RetryableError } from "../../lib/errors";
import { say, type Sentence } from "../../lib/sentence";

export interface TransferLimitsOptions {
  readonly clock: Clock;
  /** A noun phrase for error messages. */
  readonly purpose: Sentence;
  /** Bytes, by the device. */
  readonly announced: number | undefined;
  /** It was being written when it was announced. */
  readonly grows: boolean;
  /** Bytes that may come in any case. */
  readonly maxBytes: number | undefined;
  /** Ends the transfer with this error. */
  readonly end: (error: Error) => void;
}

const MIB = 1 << 20;
/** No device makes larger files. */
const UNANNOUNCED_BYTES = 4096 * MIB;
/** Files of a recorder are full with 1 GiB. */
const GROWTH_BYTES = 2048 * MIB;
/** Slower than this it is no transfer any more: less than the slowest mobile network. */
const LEAST_BYTES = 64 * 1024;
const LOOK_MS = 30_000;
/** In total, an hour for each half GiB and a minute besides. */
const BYTES_PER_MS = (512 * MIB) / 3_600_000;
const LEAST_MS = 60_000;

/** More came than was announced: another try would bring the same. */
export class TooLongError extends RetryableError {}

export class TransferLimits {
  readonly #options: TransferLimitsOptions;
  readonly #most: number;
  readonly #endsAt: number;
  readonly #timer: Timer;
  #bytes = 0;
  #bytesBefore = 0;

  constructor(options: TransferLimitsOptions) {
    const { clock, announced, grows } = options;
    this.#options = options;
    const margin = grows ? GROWTH_BYTES : MIB + (announced ?? 0) / 20;
    this.#most = announced === undefined ? UNANNOUNCED_BYTES : announced + margin;
    this.#endsAt = clock.elapsed() + LEAST_MS + this.#most / BYTES_PER_MS;
    this.#timer = clock.after(LOOK_MS, () => this.#look());
  }

  /** Throws when so many bytes are too many: {@link TooLongError}, or `badRequest` for more than a message may hold. */
  check(bytes: number): void {
    const { maxBytes, purpose } = this.#options;
    if (maxBytes !== undefined && bytes > maxBytes) throw tooLarge(bytes, maxBytes);
    if (bytes > this.#most)
      throw new TooLongError(
        "protocol",
        say`The device sends more of ${purpose} than it has announced, so it was cut off after ${Math.floor(bytes / MIB)} MiB. Search for the recording anew, and try again.`,
      );
  }

  /** So many bytes have come. Throws as {@link check}. */
  at(bytes: number): void {
    this.#bytes = bytes;
    this.check(bytes);
  }

  /** Nothing more is watched. */
  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const { clock, purpose, end } = this.#options;
    if (this.#bytes - this.#bytesBefore < LEAST_BYTES || clock.elapsed() > this.#endsAt) {
      end(
        new RetryableError(
          "timeout",
          say`The device sends ${purpose} too slowly. Check the network; restart the device if this goes on.`,
        ),
      );
      return;
    }
    this.#bytesBefore = this.#bytes;
    this.#timer.restart();
  }
}

export function tooLarge(bytes: number, maxBytes: number): FatalError {
  return new FatalError(
    "badRequest",
    say`The recording has ${Math.ceil(bytes / MIB)} MiB, and a message may hold ${maxBytes / MIB}. Choose a shorter range, or deliver it as a file.`,
  );
}

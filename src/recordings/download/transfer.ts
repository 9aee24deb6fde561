/**
 * One recording from the device into a file. Devices know no ranges, so what breaks begins anew; the size in the playback address
 * says whether it is whole. Devices differ in how they want to be asked: `GET` with a body, `POST`, or a query.
 */
import type { Chance, Clock } from "../../lib/clock";
import { AbortedError, isHikvisionError, isRetryable, RetryableError } from "../../lib/errors";
import { Backoff } from "../../lib/backoff";
import type { HttpStream } from "../../http/device-http";
import type { Isapi } from "../../isapi/isapi";
import { PathFallback } from "../../isapi/path-fallback";
import { replyError } from "../../isapi/response-status";
import { xml } from "../../isapi/xml";
import { readPlaybackUri } from "../playback-uri";
import { say, type Sentence } from "../../lib/sentence";
import type { Filled, PartFile } from "./part-file";

const PATH = "/ISAPI/ContentMgmt/download";
/** Devices hang in the middle of a download; one that reads from a disk asleep may take a while to begin. */
const IDLE_MS = 15_000;
const TRIES = 5;
const PAUSES = { firstMs: 1_000, longestMs: 30_000 } as const;

type Form = "getBody" | "post" | "query";

export interface TransferOptions {
  readonly isapi: Pick<Isapi, "stream" | "http">;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Longest silence, ms. Default 15 000. */
  readonly idleMs?: number;
}

export interface Wanted {
  /** As the device wrote it. */
  readonly playbackUri: string;
  /** For the words of an error: "the recording 00000004". */
  readonly purpose: Sentence;
  readonly signal: AbortSignal;
  /** What has come of the try under way; 0 when one begins. `size`: of the whole, where the device says so. */
  readonly onBytes: (bytes: number, size: number | undefined) => void;
}

export class Transfer {
  readonly #options: TransferOptions;
  readonly #forms: PathFallback<Form>;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#forms = new PathFallback<Form>(["getBody", "post", "query"], options.clock);
  }

  /** Tries five times as long as that can help. Rejects with typed errors. */
  async fetch(wanted: Wanted, file: PartFile): Promise<Filled> {
    const { clock, chance, isapi } = this.#options;
    const pause = new Backoff(PAUSES, chance);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(wanted, file);
      } catch (error) {
        if (wanted.signal.aborted) throw new AbortedError().at(isapi.http.identity);
        if (!isRetryable(error) || attempt === TRIES) throw error;
        await clock.wait(pause.next(), wanted.signal);
      }
    }
  }

  async #once({ playbackUri, purpose, signal, onBytes }: Wanted, file: PartFile): Promise<Filled> {
    const expected = readPlaybackUri(playbackUri)?.bytes;
    const { body, headers } = await this.#open(playbackUri, purpose, signal);
    const told = Number(headers["content-length"] ?? NaN);
    const size = Number.isSafeInteger(told) ? told : expected;
    onBytes(0, size);
    let filled: Filled;
    try {
      filled = await file.fill(body, {
        signal,
        onChunk: (chunk, bytes) => {
          if (bytes === chunk.length) this.#refuseText(chunk, purpose);
          onBytes(bytes, size);
        },
      });
    } catch (error) {
      throw isHikvisionError(error) ? error : this.#broken(purpose, say`the connection broke`);
    }
    const least = Math.max(expected ?? 0, Number.isSafeInteger(told) ? told : 0);
    if (filled.bytes >= least && filled.bytes > 0) return filled;
    throw this.#broken(purpose, say`${filled.bytes} of ${least} bytes came`);
  }

  #open(playbackUri: string, purpose: Sentence, signal: AbortSignal): Promise<HttpStream> {
    const { isapi, idleMs = IDLE_MS } = this.#options;
    const options = { signal, purpose, timeoutMs: idleMs, retryBusy: false };
    const picture = /^\s*https?:\/\/[^/?#\s]+(\/[^#]*)/i.exec(playbackUri)?.[1];
    // Whatever host the address names: it is this device's path.
    if (picture !== undefined) return isapi.stream("GET", encodeURI(picture.trim()), options);
    const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<downloadRequest version="1.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><playbackURI>${playbackUri}</playbackURI></downloadRequest>`;
    return this.#forms.ask({ of: "download", exactly: playbackUri }, (form) => {
      switch (form) {
        case "getBody":
          return isapi.stream("GET", PATH, { ...options, body });
        case "post":
          return isapi.stream("POST", PATH, { ...options, body });
        case "query":
          return isapi.stream("GET", `${PATH}?playbackURI=${encodeURIComponent(playbackUri)}`, options);
      }
    });
  }

  /** A status or a web page under the name of a video. */
  #refuseText(start: Buffer, purpose: Sentence): void {
    if (!/^(?:\xEF\xBB\xBF)?\s*[<{]/.test(start.toString("latin1", 0, 16))) return;
    const error = replyError({ statusCode: 200, headers: {}, body: start }, { path: PATH, purpose });
    throw error?.at(this.#options.isapi.http.identity) ?? this.#broken(purpose, say`text came in its place`);
  }

  #broken(purpose: Sentence, why: Sentence): RetryableError {
    return new RetryableError(
      "protocol",
      say`The device did not send ${purpose} as a whole: ${why}. Try again; if this goes on, restart the device or check its disk.`,
    ).at(this.#options.isapi.http.identity);
  }
}

/**
 * Transfers one recording into a part file. Devices support no byte ranges, so a broken transfer starts from the beginning; the size in
 * the playback address shows whether it is complete. Devices differ in the request: `GET` with a body, `POST`, or a query.
 */
import type { Chance, Clock } from "../../lib/clock";
import { AbortedError, codeOf, isHikvisionError, isRetryable, RetryableError } from "../../lib/errors";
import { Backoff } from "../../lib/backoff";
import type { HttpStream } from "../../http/device-http";
import type { Isapi } from "../../isapi/isapi";
import { PathFallback } from "../../isapi/path-fallback";
import { replyError } from "../../isapi/response-status";
import { xml } from "../../isapi/xml";
import { readPlaybackUri } from "../playback-uri";
import { say, type Sentence } from "../../lib/sentence";
import type { FileSummary, PartFile } from "./part-file";
import { tooLarge, TooLongError, TransferLimits } from "./transfer-limits";

const PATH = "/ISAPI/ContentMgmt/download";
/** Devices hang in the middle of a download; one whose disk has to spin up may take a while to start. */
const IDLE_MS = 15_000;
const ATTEMPTS = 5;
/** Of them, those that may end in silence: a device that hangs is not waited for five times. */
const SILENCES = 3;
const PAUSES = { firstMs: 1_000, longestMs: 30_000 } as const;

type RequestForm = "getBody" | "post" | "query";

export interface TransferOptions {
  readonly isapi: Pick<Isapi, "stream" | "http">;
  readonly clock: Clock;
  readonly chance: Chance;
  /** Longest silence, ms. Default 15 000. */
  readonly idleMs?: number;
}

export interface TransferRequest {
  /** As the device wrote it. */
  readonly playbackUri: string;
  /** A noun phrase for error messages: "the recording 00000004". */
  readonly purpose: Sentence;
  readonly signal: AbortSignal;
  /** It is still being written: it may be longer than its address says. */
  readonly grows?: boolean;
  /** More bytes are `badRequest`, before they are on the disk. */
  readonly maxBytes?: number | undefined;
  /** Bytes received in the current attempt; 0 when one starts. `size`: of the whole file, if known. */
  readonly onBytes: (bytes: number, size: number | undefined) => void;
}

export class Transfer {
  readonly #options: TransferOptions;
  readonly #forms: PathFallback<RequestForm>;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.#forms = new PathFallback<RequestForm>(["getBody", "post", "query"], options.clock);
  }

  /** Up to five attempts while the error is retryable. Rejects with typed errors. */
  async fetch(request: TransferRequest, file: PartFile): Promise<FileSummary> {
    const { clock, chance, isapi } = this.#options;
    const backoff = new Backoff(PAUSES, chance);
    for (let attempt = 1, silences = 0; ; attempt++) {
      try {
        return await this.#attempt(request, file);
      } catch (error) {
        if (request.signal.aborted) throw new AbortedError().at(isapi.http.identity);
        if (codeOf(error) === "timeout") silences += 1;
        const again = isRetryable(error) && !(error instanceof TooLongError);
        if (!again || attempt === ATTEMPTS || silences === SILENCES) throw error;
        await clock.wait(backoff.next(), request.signal);
      }
    }
  }

  async #attempt(request: TransferRequest, file: PartFile): Promise<FileSummary> {
    const { playbackUri, purpose, signal, grows = false, maxBytes, onBytes } = request;
    const expected = readPlaybackUri(playbackUri)?.bytes;
    if (maxBytes !== undefined && (expected ?? 0) > maxBytes) throw tooLarge(expected ?? 0, maxBytes);
    const { body, headers } = await this.#open(playbackUri, purpose, signal);
    const contentLength = Number(headers["content-length"] ?? NaN);
    const size = Number.isSafeInteger(contentLength) ? contentLength : expected;
    onBytes(0, size);
    const limits = new TransferLimits({
      clock: this.#options.clock,
      purpose,
      // Nobody knows yet how long the file being written will be.
      announced: expected === 0 ? undefined : (expected ?? size),
      grows,
      maxBytes,
      end: (error) => void body.destroy(error),
    });
    let summary: FileSummary;
    try {
      limits.check(size ?? 0);
      summary = await file.fill(body, {
        signal,
        onChunk: (chunk, bytes) => {
          if (bytes === chunk.length) this.#refuseText(chunk, purpose);
          limits.at(bytes);
          onBytes(bytes, size);
        },
      });
    } catch (error) {
      body.destroy();
      throw isHikvisionError(error)
        ? error.at(this.#options.isapi.http.identity)
        : this.#incomplete(purpose, say`the connection broke`);
    } finally {
      limits.close();
    }
    const least = Math.max(expected ?? 0, Number.isSafeInteger(contentLength) ? contentLength : 0);
    if (summary.bytes >= least && summary.bytes > 0) return summary;
    throw this.#incomplete(purpose, say`${summary.bytes} of ${least} bytes came`);
  }

  #open(playbackUri: string, purpose: Sentence, signal: AbortSignal): Promise<HttpStream> {
    const { isapi, idleMs = IDLE_MS } = this.#options;
    const options = { signal, purpose, timeoutMs: idleMs, retryBusy: false };
    const picture = /^\s*https?:\/\/[^/?#\s]+(\/[^#]*)/i.exec(playbackUri)?.[1];
    // Only the path is used, never the host: the address may name another one.
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

  /** Some devices answer with a status or a web page labelled as video. */
  #refuseText(start: Buffer, purpose: Sentence): void {
    if (!/^(?:\xEF\xBB\xBF)?\s*[<{]/.test(start.toString("latin1", 0, 16))) return;
    const error = replyError({ statusCode: 200, headers: {}, body: start }, { path: PATH, purpose });
    throw error?.at(this.#options.isapi.http.identity) ?? this.#incomplete(purpose, say`text came in its place`);
  }

  #incomplete(purpose: Sentence, why: Sentence): RetryableError {
    return new RetryableError(
      "protocol",
      say`The device did not send ${purpose} as a whole: ${why}. Try again; if this goes on, restart the device or check its disk.`,
    ).at(this.#options.isapi.http.identity);
  }
}

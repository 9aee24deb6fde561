/** Opens a device's alert stream, at the path that its firmware has, or throws the reason of its refusal. */
import type { DeviceHttp, HttpStream } from "../../http/device-http";
import { foreignAnswer } from "../../isapi/foreign-answer";
import { refusal } from "../../isapi/refusals";
import { hasStatus, replyError } from "../../isapi/response-status";
import type { Clock } from "../../lib/clock";
import { FatalError, type HikvisionError } from "../../lib/errors";
import { readPrefix } from "../../lib/read-prefix";
import { say } from "../../lib/sentence";

export interface AlertConnectionOptions {
  readonly http: Pick<DeviceHttp, "openEndless" | "request">;
  readonly clock: Clock;
  /** How long the device may take to answer with headers. */
  readonly timeoutMs: number;
}

interface Refused {
  readonly error: HikvisionError;
  readonly statusCode: number;
  /** In ISAPI's own form. */
  readonly explained: boolean;
}

type Opening =
  { readonly stream: HttpStream; readonly refused?: never } | { readonly stream?: never; readonly refused: Refused };

const PATHS = ["/ISAPI/Event/notification/alertStream", "/Event/notification/alertStream"] as const;
const REFUSAL_TIMEOUT_MS = 5_000;
const MOST_REFUSAL_BYTES = 64 * 1024;

export class AlertConnection {
  readonly #options: AlertConnectionOptions;
  /** Where it opened last. */
  #path: string = PATHS[0];
  #opened = false;

  constructor(options: AlertConnectionOptions) {
    this.#options = options;
  }

  /** The stream's headers are in. The caller destroys its body, or aborts `signal`. */
  async open(signal: AbortSignal): Promise<HttpStream> {
    const { stream, refused } = await this.#try(this.#path, signal);
    if (stream) return stream;
    // Very old firmware has no /ISAPI. Whatever explains itself, or has opened here before, has it.
    if (refused.statusCode !== 404 || refused.explained || this.#opened) throw refused.error;
    const other = PATHS.find((path) => path !== this.#path) ?? PATHS[0];
    const second = await this.#try(other, signal);
    if (!second.stream) {
      const who = await foreignAnswer(this.#options.http, refused, signal);
      throw who === undefined || who === "device" ? refused.error : who;
    }
    this.#path = other;
    return second.stream;
  }

  async #try(path: string, signal: AbortSignal): Promise<Opening> {
    const stream = await this.#openAt(path, signal);
    if (stream.statusCode !== 200) return { refused: await this.#refusal(stream, path) };
    this.#opened = true;
    return { stream };
  }

  async #openAt(path: string, signal: AbortSignal): Promise<HttpStream> {
    const { http, timeoutMs } = this.#options;
    const stream = await http.openEndless({ method: "GET", path, signal, timeoutMs });
    const type = String(stream.headers["content-type"] ?? "").toLowerCase();
    if (stream.statusCode !== 200 || !/^(text\/html|application\/(xml|json)|text\/xml)/.test(type)) return stream;
    // 200, but a page or a ResponseStatus where the stream should be.
    throw (await this.#refusal(stream, path)).error;
  }

  async #refusal(stream: HttpStream, path: string): Promise<Refused> {
    const stalled = this.#options.clock.after(REFUSAL_TIMEOUT_MS, () => stream.body.destroy());
    const body = await readPrefix(stream.body, MOST_REFUSAL_BYTES).finally(() => stalled.cancel());
    const context = { path, purpose: say`the event stream` };
    const error = replyError({ ...stream, body }, context) ?? notAStream();
    const { statusCode } = stream;
    const explained = hasStatus(body);
    const sub = error.cause.subStatusCode;
    if (!mayMeanNoSlot(error, explained, this.#opened)) return { error, statusCode, explained };
    return { error: refusal("noSlots", { statusCode, sub }, context), statusCode, explained };
  }
}

/**
 * Units whose slots are taken say 404 or 403 with "invalid operation" (pyHik#16), or nothing but 404, which a device that has
 * opened the stream before cannot mean.
 */
function mayMeanNoSlot({ code, cause }: HikvisionError, explained: boolean, opened: boolean): boolean {
  if (code !== "notSupported") return false;
  const { subStatusCode = "invalidOperation" } = cause;
  return opened || (explained && /^invalidOperation$/i.test(subStatusCode));
}

function notAStream(): FatalError {
  return new FatalError("notIsapi", say`The device answered the request for its event stream with something else.`);
}

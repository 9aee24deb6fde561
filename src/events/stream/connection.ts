/** Opens a device's alert stream, at the path that its firmware has, or throws the reason of its refusal. */
import type { DeviceHttp, HttpStream } from "../../http/device-http";
import { replyError } from "../../isapi/response-status";
import type { Clock } from "../../lib/clock";
import { FatalError, type HikvisionError } from "../../lib/errors";
import { readPrefix } from "../../lib/read-prefix";
import { say } from "../../lib/sentence";

export interface AlertConnectionOptions {
  readonly http: Pick<DeviceHttp, "openEndless">;
  readonly clock: Clock;
  /** How long the device may take to answer with headers. */
  readonly timeoutMs: number;
}

const PATHS = ["/ISAPI/Event/notification/alertStream", "/Event/notification/alertStream"] as const;
const REFUSAL_TIMEOUT_MS = 5_000;
const MOST_REFUSAL_BYTES = 64 * 1024;

export class AlertConnection {
  readonly #options: AlertConnectionOptions;
  /** Where it opened last. */
  #path: string = PATHS[0];

  constructor(options: AlertConnectionOptions) {
    this.#options = options;
  }

  /** The stream's headers are in. The caller destroys its body, or aborts `signal`. */
  async open(signal: AbortSignal): Promise<HttpStream> {
    const first = await this.#openAt(this.#path, signal);
    if (first.statusCode === 200) return first;
    const error = await this.#refusal(first, this.#path);
    if (first.statusCode !== 404) throw error;
    // Very old firmware has no /ISAPI; but some units also say 404 while their slots are taken (then the other path fails, too).
    const other = PATHS.find((path) => path !== this.#path) ?? PATHS[0];
    const second = await this.#openAt(other, signal);
    if (second.statusCode !== 200) {
      await this.#refusal(second, other);
      throw error;
    }
    this.#path = other;
    return second;
  }

  async #openAt(path: string, signal: AbortSignal): Promise<HttpStream> {
    const { http, timeoutMs } = this.#options;
    const stream = await http.openEndless({ method: "GET", path, signal, timeoutMs });
    const type = String(stream.headers["content-type"] ?? "").toLowerCase();
    if (stream.statusCode !== 200 || !/^(text\/html|application\/(xml|json)|text\/xml)/.test(type)) return stream;
    // 200, but a page or a ResponseStatus where the stream should be.
    throw await this.#refusal(stream, path);
  }

  async #refusal(stream: HttpStream, path: string): Promise<HikvisionError> {
    const stalled = this.#options.clock.after(REFUSAL_TIMEOUT_MS, () => stream.body.destroy());
    const body = await readPrefix(stream.body, MOST_REFUSAL_BYTES).finally(() => stalled.cancel());
    return replyError({ ...stream, body }, { path, purpose: say`the event stream` }) ?? notAStream();
  }
}

function notAStream(): FatalError {
  return new FatalError("notIsapi", say`The device answered the request for its event stream with something else.`);
}

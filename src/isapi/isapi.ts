/**
 * Commands to one device: queued, repeated while it is busy, every refusal a typed error that names the device.
 * Knows no service: paths and bodies are the callers'. Connections and logins are DeviceHttp's.
 */
import { countOf } from "../lib/count-of";
import { systemChance, systemClock, type Chance, type Clock } from "../lib/clock";
import { AbortedError, codeOf, type HikvisionError, isHikvisionError, RetryableError } from "../lib/errors";
import type { LaneName } from "../http/lanes";
import type { DeviceHttp, HttpReply, HttpRequest, HttpStream } from "../http/device-http";
import { parseJson } from "../lib/json";
import { readPrefix } from "../lib/read-prefix";
import { say, type Sentence } from "../lib/sentence";
import { inSlices } from "../lib/slices";
import { foreignAnswer } from "./foreign-answer";
import { refusal, type RequestContext } from "./refusals";
import { hasStatus, isDeviceError, isXml, replyError, type Reply } from "./response-status";
import { MAX_LIST_TAGS, parseXmlInSteps, type XmlDocument } from "./xml";

export type Method = HttpRequest["method"];
export type IsapiHttp = Pick<DeviceHttp, "identity" | "request" | "stream">;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** ms, of each try once it has a connection. Default 10 000. */
  readonly timeoutMs?: number;
  /** Largest answer. Default 4 MiB, for {@link Isapi.bytes} 16 MiB, for {@link Isapi.json} 512 KiB. */
  readonly maxBytes?: number;
  /** Of an XML answer: its most tags. Default: those of the longest list of a recorder. */
  readonly maxTags?: number;
  readonly body?: string | Buffer;
  /** Of the body. Default: XML. */
  readonly contentType?: string;
  /** Repeat, twice at most, while the device says that it is busy? Default: only GET, since a PUT may move a motor. */
  readonly retryBusy?: boolean;
  /** Repeat likewise, within the same limit, while it reports an internal error? Cameras do so between two pictures. Default: no. */
  readonly retryDeviceError?: boolean;
  /** A stop must not wait behind slow commands: where no connection is free it goes at once, on a connection of its own. */
  readonly urgent?: boolean;
  /** Of {@link Isapi.reply}: as DeviceHttp's. */
  readonly onHead?: HttpRequest["onHead"];
  /** Who waits behind whom. Default: "read" for GET, else "change". */
  readonly lane?: LaneName;
  /** What it is for, as a noun phrase for error sentences: "the snapshot of channel 3". Default: the path. */
  readonly purpose?: Sentence;
}

type BodyOptions = Omit<CallOptions, "body">;

export interface IsapiOptions {
  readonly clock?: Clock;
  readonly chance?: Chance;
}

const XML = "application/xml; charset=UTF-8";
const JSON_TYPE = "application/json; charset=UTF-8";
const MAX_TRIES = 3;
const MIN_PAUSE_S = 0.5;
/** A device that asks for a longer pause is left to the caller. */
const MAX_PAUSE_S = 10;
const MAX_BYTES = 4 * 1024 * 1024;
/** The longest that is asked for, a page of 100 entries, has some 100 KiB and 5 000 members. */
const MAX_JSON_BYTES = 512 * 1024;
/** Commas, and brackets of each kind. More would keep the event loop: JSON is parsed in one go. */
const MAX_JSON_ITEMS = 10_000;
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 16 * 1024;
/** What is said of a path; from something that is no device it means nothing. */
const OF_A_PATH: ReadonlySet<string> = new Set(["notSupported", "notFound", "badRequest"]);
/** Until then whatever answers is not asked again whether it is a device. */
const FOREIGN_MS = 60_000;
const REFUSAL_MS = 10_000;

export class Isapi {
  readonly http: IsapiHttp;
  /** Set by whoever has read it; errors name it from then on. */
  model: string | undefined;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #waiting = new Set<AbortController>();
  /** Something has answered as a device does. */
  #known = false;
  #foreign: { readonly answer: Promise<HikvisionError | undefined>; readonly until: number } | undefined;
  #closed = false;

  constructor(http: IsapiHttp, { clock = systemClock, chance = systemChance }: IsapiOptions = {}) {
    this.http = http;
    this.#clock = clock;
    this.#chance = chance;
  }

  /** Asks for an XML document. */
  async get(path: string, options: CallOptions = {}): Promise<XmlDocument> {
    return this.#document(await this.#command("GET", path, options), options);
  }

  /** Undefined: done, without a document in answer. */
  put(path: string, body?: string | Buffer, options: BodyOptions = {}): Promise<XmlDocument | undefined> {
    return this.#change("PUT", path, body, options);
  }

  /** As {@link put}. */
  post(path: string, body?: string | Buffer, options: BodyOptions = {}): Promise<XmlDocument | undefined> {
    return this.#change("POST", path, body, options);
  }

  /** As {@link put}. */
  delete(path: string, options: CallOptions = {}): Promise<XmlDocument | undefined> {
    return this.#change("DELETE", path, options.body, options);
  }

  /**
   * Sends `body` as JSON and gives the parsed answer; undefined when a change was answered without JSON.
   * The path has to ask for it (`?format=json`).
   */
  async json(method: Method, path: string, body?: unknown, options: BodyOptions = {}): Promise<unknown> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await this.#command(method, path, {
      contentType: JSON_TYPE,
      maxBytes: MAX_JSON_BYTES,
      ...options,
      ...sent,
    });
    const text = reply.body.toString("utf8").replace(/^\uFEFF/, "");
    if (!/^\s*[{[]/.test(text) && method !== "GET") return undefined;
    if ([",", "{", "["].some((sign) => countOf(sign, text, MAX_JSON_ITEMS) > MAX_JSON_ITEMS))
      throw this.#invalidReply(say`JSON of more than ${MAX_JSON_ITEMS} members`);
    try {
      return parseJson(text);
    } catch {
      throw this.#invalidReply(say`JSON that cannot be read`);
    }
  }

  /** The whole answer as it came, whatever it is; a refusal is an error. */
  reply(method: Method, path: string, options: CallOptions = {}): Promise<HttpReply> {
    return this.#command(method, path, options);
  }

  /** Asks for a picture or a document as it is, byte for byte; a status or a web page in its place is an error. */
  async bytes(path: string, options: CallOptions = {}): Promise<{ data: Buffer; contentType: string }> {
    const { body, headers } = await this.#command("GET", path, { maxBytes: MAX_PICTURE_BYTES, ...options });
    if (body.length === 0) throw this.#invalidReply(say`nothing`);
    return { data: body, contentType: String(headers["content-type"] ?? "application/octet-stream") };
  }

  /** Starts a download on a connection of its own, past the queue. The caller consumes or destroys the body. */
  stream(method: Method, path: string, options: CallOptions = {}): Promise<HttpStream> {
    return this.#retryWhileBusy(method, options, async () => {
      const stream = await this.http.stream(request(method, path, options));
      const success = stream.statusCode >= 200 && stream.statusCode < 300;
      if (success && !/xml|json|html/i.test(String(stream.headers["content-type"]))) return stream;
      const reply = { ...stream, body: await this.#refusalBody(stream, options.timeoutMs) };
      throw (await this.#refusalOf(reply, method, path, options)) ?? this.#invalidReply(say`text in place of data`);
    });
  }

  /** What explains a refusal, as far as it came in time: byte by byte it could take for ever. */
  async #refusalBody({ body }: HttpStream, timeoutMs = REFUSAL_MS): Promise<Buffer> {
    const deadline = this.#clock.after(timeoutMs, () => body.destroy());
    return readPrefix(body, MAX_REFUSAL_BYTES).finally(() => deadline.cancel());
  }

  /** Ends all waiting, for a connection or for a busy device. What is under way ends with the connections. Repeatable. */
  close(): void {
    this.#closed = true;
    for (const wait of this.#waiting) wait.abort(new AbortedError());
  }

  async #change(
    method: Method,
    path: string,
    body: string | Buffer | undefined,
    options: BodyOptions,
  ): Promise<XmlDocument | undefined> {
    const reply = await this.#command(method, path, { ...options, ...(body !== undefined && { body }) });
    return isXml(reply.body) ? this.#document(reply, options) : undefined;
  }

  #command(method: Method, path: string, options: CallOptions): Promise<HttpReply> {
    return this.#retryWhileBusy(method, options, async (waiting) => {
      const lane = options.urgent === true ? "stop" : (options.lane ?? (method === "GET" ? "read" : "change"));
      const reply = await this.http.request({ ...request(method, path, options), lane, waiting });
      const error = await this.#refusalOf(reply, method, path, options);
      if (error) throw error;
      return reply;
    });
  }

  /** Undefined: it worked. */
  async #refusalOf(
    reply: Reply,
    method: Method,
    path: string,
    options: CallOptions,
  ): Promise<HikvisionError | undefined> {
    const error = replyError(reply, this.#contextOf(method, path, options));
    this.#known ||= error === undefined || hasStatus(reply.body) || reply.loginAccepted === true;
    if (!error || this.#known || !OF_A_PATH.has(error.code) || !path.startsWith("/ISAPI/")) return error;
    return (await this.#askWhoAnswers(reply)) ?? error;
  }

  /** Once for all commands that were refused, and without their signals. */
  #askWhoAnswers(reply: Reply): Promise<HikvisionError | undefined> {
    const now = this.#clock.elapsed();
    if (this.#foreign === undefined || now >= this.#foreign.until) {
      const answer = foreignAnswer(this.http, reply).then((who) => {
        this.#known ||= who === "device";
        return who === "device" ? undefined : who;
      });
      this.#foreign = { answer, until: now + FOREIGN_MS };
    }
    return this.#foreign.answer;
  }

  /** Repeats `once` while the device is busy. `waiting` aborts with the caller's signal and at close. */
  async #retryWhileBusy<T>(
    method: Method,
    options: CallOptions,
    once: (waiting: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { signal, retryBusy = method === "GET", retryDeviceError = false } = options;
    const wait = new AbortController();
    const abort = (): void => wait.abort(new AbortedError());
    signal?.addEventListener("abort", abort);
    this.#waiting.add(wait);
    if (this.#closed || signal?.aborted) abort();
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          wait.signal.throwIfAborted();
          return await once(wait.signal);
        } catch (error) {
          const again = (retryBusy && codeOf(error) === "busy") || (retryDeviceError && isDeviceError(error));
          const pauseMs = again && attempt < MAX_TRIES ? this.#pauseMs(error, attempt) : undefined;
          if (pauseMs === undefined) throw error;
          await this.#clock.wait(pauseMs, wait.signal);
        }
      }
    } catch (error) {
      throw isHikvisionError(error) ? error.at(this.http.identity) : error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(wait);
    }
  }

  #pauseMs(error: unknown, attempt: number): number | undefined {
    if (!isHikvisionError(error)) return undefined;
    const seconds = error.cause.retryAfter ?? 1;
    if (seconds > MAX_PAUSE_S) return undefined;
    return Math.max(seconds, MIN_PAUSE_S) * 1000 * 2 ** (attempt - 1) * (0.75 + this.#chance.random() / 2);
  }

  async #document({ body }: HttpReply, { signal, maxTags = MAX_LIST_TAGS }: BodyOptions): Promise<XmlDocument> {
    if (body.length > 0 && !isXml(body)) throw refusal("notIsapi", { statusCode: 200 }, {}).at(this.http.identity);
    try {
      return await inSlices(parseXmlInSteps(body, maxTags), signal);
    } catch (error) {
      throw isHikvisionError(error) ? error.at(this.http.identity) : error;
    }
  }

  #contextOf(method: Method, path: string, { purpose }: CallOptions): RequestContext {
    return { method, path, purpose, model: this.model };
  }

  #invalidReply(what: Sentence): RetryableError {
    return new RetryableError(
      "protocol",
      say`The device answered with ${what}. Try again; if this goes on, restart the device or update its firmware.`,
    ).at(this.http.identity);
  }
}

function request(method: Method, path: string, options: CallOptions): HttpRequest {
  const { signal, timeoutMs, maxBytes = MAX_BYTES, body, contentType = XML, onHead } = options;
  return {
    method,
    path,
    maxBytes,
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(onHead && { onHead }),
    ...(body !== undefined && body.length > 0 && { body, contentType }),
  };
}

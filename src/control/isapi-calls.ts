/** Any ISAPI call that a flow makes: what may be asked, how it is sent, what comes back. docs/contract.md has the rules. */
import { codeOf, FatalError, isHikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { HttpHead, HttpHeaders } from "../http/device-http";
import { noSuchTrigger } from "../isapi/event-triggers";
import type { CallOptions, Isapi, Method } from "../isapi/isapi";
import { needsReboot } from "../isapi/response-status";
import { answerContent, publicHeaders, type Returns } from "./call-answer";
import { callBody, MAX_BODY_BYTES, type CallBody } from "./call-body";
import { callPath, type CallPath } from "./call-path";
import type { LeafValue } from "./device-document";
import type { DocumentChanges } from "./document-changes";
import { endless, isEventTrigger, isReboot, needsConfirmation, refuseEndless } from "./guarded-paths";
import type { WriteQueue } from "./write-queue";

export interface IsapiCall {
  /** GET, PUT, POST, DELETE in any case, or "change". */
  readonly method: unknown;
  readonly path: unknown;
  /** Of "change": the settings and their values. */
  readonly body?: unknown;
  readonly returns?: Returns;
  readonly dryRun?: boolean;
  /** Somebody has allowed what may take the device down. */
  readonly confirm?: boolean;
}

export interface CallResult {
  readonly payload: unknown;
  /** Undefined where nothing was sent, or the device restarted before it could answer. */
  readonly statusCode: number | undefined;
  readonly headers: HttpHeaders | undefined;
  readonly isapi: { readonly method: string; readonly path: string; readonly rebootRequired?: true };
}

type CallMethod = Method | "change";

const METHODS: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "DELETE", "change"]);
const READ_TIMEOUT_MS = 10_000;
/** A slow recorder stores a document for several seconds. */
const WRITE_TIMEOUT_MS = 30_000;
/** What may be large, there or back, goes at least this fast. */
const SLOWEST_BYTES_PER_MS = 300;
/** Of an answer that does not say how long it is. */
const BODY_TIMEOUT_MS = 60_000;
/** Any user may ask it, and it does nothing. */
const HARMLESS = "/ISAPI/Security/userCheck";

export class IsapiCalls {
  readonly #isapi: Pick<Isapi, "reply" | "http">;
  readonly #changes: DocumentChanges;
  readonly #writes: WriteQueue;

  constructor(isapi: Pick<Isapi, "reply" | "http">, changes: DocumentChanges, writes: WriteQueue) {
    this.#isapi = isapi;
    this.#changes = changes;
    this.#writes = writes;
  }

  /** Throws `badRequest` before anything is sent for what is no call of this device, or needs a confirmation that is missing. */
  async run(call: IsapiCall, signal?: AbortSignal): Promise<CallResult> {
    const method = methodOf(call.method);
    const path = callPath(call.path);
    refuseEndless(path);
    if (needsConfirmation(method, path) && call.confirm !== true)
      throw new FatalError(
        "badRequest",
        say`${method} ${path.shown} can stop the device, erase something or shut you out. If that is wanted, tick the
          confirmation in this node's settings.`,
      );
    if (method === "change") return this.#change(path, call, signal);
    const body = callBody(call.body, path.json);
    if (method === "GET") return this.#send(method, path, body, call, signal);
    if (call.dryRun === true) {
      const sent = { method, path: path.shown };
      return { payload: { dryRun: true, ...sent }, statusCode: undefined, headers: undefined, isapi: sent };
    }
    return this.#writes.run(
      () =>
        isReboot(method, path)
          ? this.#reboot(method, path, body, call, signal)
          : this.#send(method, path, body, call, signal),
      signal,
    );
  }

  async #change(path: CallPath, { body, dryRun }: IsapiCall, signal: AbortSignal | undefined): Promise<CallResult> {
    if (path.json)
      throw new FatalError(
        "badRequest",
        say`Only XML documents can be changed. Send the whole JSON document with PUT.`,
      );
    const { before, after, changed, refused, rebootRequired, reply } = await this.#changes.change({
      path: path.target,
      values: leafValues(body),
      dryRun: dryRun === true,
      ...(signal && { signal }),
    });
    return {
      payload: { before, after, changed, refused },
      statusCode: reply.statusCode,
      headers: publicHeaders(reply.headers),
      isapi: { method: "change", path: path.shown, ...(rebootRequired && { rebootRequired }) },
    };
  }

  async #send(
    method: Method,
    path: CallPath,
    body: CallBody,
    { returns = "auto" }: IsapiCall,
    signal: AbortSignal | undefined,
  ): Promise<CallResult> {
    const sentBytes = body.body?.length ?? 0;
    const trigger = method === "GET" && isEventTrigger(path);
    const options: CallOptions = {
      ...body,
      ...(signal && { signal }),
      maxBytes: MAX_BODY_BYTES,
      timeoutMs: (method === "GET" ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS) + sentBytes / SLOWEST_BYTES_PER_MS,
      onHead: (head) => bodyDeadline(head, path),
      ...(trigger && { retryBusy: false }),
    };
    try {
      const reply = await this.#isapi.reply(method, path.target, options);
      return {
        payload: answerContent(reply, returns),
        statusCode: reply.statusCode,
        headers: publicHeaders(reply.headers),
        isapi: { method, path: path.shown, ...(needsReboot(reply) && { rebootRequired: true }) },
      };
    } catch (error) {
      if (trigger && codeOf(error) === "busy") throw noSuchTrigger(error);
      throw isHikvisionError(error) ? error.at(this.#isapi.http.identity) : error;
    }
  }

  /** A device that restarts may cut the connection instead of answering. It was there just before, so it has the command. */
  async #reboot(
    method: Method,
    path: CallPath,
    body: CallBody,
    call: IsapiCall,
    signal: AbortSignal | undefined,
  ): Promise<CallResult> {
    await this.#isapi.reply("GET", HARMLESS, { ...(signal && { signal }) });
    try {
      return await this.#send(method, path, body, call, signal);
    } catch (error) {
      if (!isCut(error)) throw error;
      const payload = call.returns === "text" ? "" : Buffer.alloc(0);
      return { payload, statusCode: undefined, headers: undefined, isapi: { method, path: path.shown } };
    }
  }
}

function methodOf(given: unknown): CallMethod {
  const word = typeof given === "string" ? given.trim() : "";
  const method = word.toLowerCase() === "change" ? "change" : word.toUpperCase();
  if (METHODS.has(method)) return method as CallMethod;
  throw new FatalError(
    "badRequest",
    say`There is no method "${word.slice(0, 30)}". Give GET, PUT, POST, DELETE or change as msg.method, or choose one in the node.`,
  );
}

function leafValues(body: unknown): ReadonlyMap<string, LeafValue> {
  const entries =
    typeof body === "object" && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body)
      ? Object.entries(body)
      : [];
  return new Map(
    entries.map(([path, value]: [string, unknown]) => {
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [path, value];
      throw new FatalError(
        "badRequest",
        say`The value of "${path.slice(0, 200)}" has to be a text, a number, true or false.`,
      );
    }),
  );
}

/** Refuses an answer without end by its own header; else the time for its body. */
function bodyDeadline({ headers }: HttpHead, { shown }: CallPath): number {
  const length = headers["content-length"];
  if (length !== undefined) return READ_TIMEOUT_MS + (Number(length) || 0) / SLOWEST_BYTES_PER_MS;
  if (/^\s*multipart\//i.test(String(headers["content-type"]))) throw endless(shown);
  return BODY_TIMEOUT_MS;
}

function isCut(error: unknown): boolean {
  const code = codeOf(error);
  return code === "offline" || (code === "protocol" && isHikvisionError(error) && error.cause.statusCode === undefined);
}

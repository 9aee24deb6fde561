/**
 * One setting changed in the device's own document: read, replace leaves, read again, write, read back. OK of a device is not
 * "done": it keeps what it does not like without a word, and refuses documents that were made anew (JoshADC, DVRtool).
 */
import { codeOf, FatalError, isHikvisionError, RetryableError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { HttpReply } from "../http/device-http";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { needsReboot } from "../isapi/response-status";
import { DeviceDocument, type LeafValue } from "./device-document";
import type { WriteQueue } from "./write-queue";

export interface DocumentChange {
  readonly path: string;
  /** By the path of the leaf, from below the root. */
  readonly values: ReadonlyMap<string, LeafValue>;
  /** Only tell what would change. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** False: the caller holds the queue of writes, or must not wait for it. Default: true. */
  readonly queued?: boolean;
  /** For what stops something: no request waits for a free connection, and there is no second reading before the write. */
  readonly urgent?: boolean;
  /** In place of `signal`: ends only the wait for its turn. What has begun is finished, so that its outcome is known. */
  readonly queueSignal?: AbortSignal;
}

type Sending = Pick<DocumentChange, "signal" | "urgent">;

export type LeafTexts = Readonly<Record<string, string>>;

export interface Changed {
  /** Texts by the same paths. */
  readonly before: LeafTexts;
  readonly after: LeafTexts;
  /** Paths that have the wanted value now and had another before. */
  readonly changed: readonly string[];
  /** Paths that the device left as it likes, although it said OK. */
  readonly refused: readonly string[];
  /** In effect only after a restart. */
  readonly rebootRequired: boolean;
  /** The device's answer to the write; to the read, where nothing was written. */
  readonly reply: HttpReply;
}

/** A slow recorder stores a document for several seconds. */
const WRITE_TIMEOUT_MS = 30_000;

export class DocumentChanges {
  readonly #isapi: Pick<Isapi, "reply">;
  readonly #writes: WriteQueue;

  constructor(isapi: Pick<Isapi, "reply">, writes: WriteQueue) {
    this.#isapi = isapi;
    this.#writes = writes;
  }

  /**
   * Throws `notFound` for an absent leaf, `busy` when the document moves meanwhile, `notSupported` for what is no XML; nothing
   * is written then.
   */
  change(change: DocumentChange): Promise<Changed> {
    if (change.values.size === 0)
      throw new FatalError(
        "badRequest",
        say`There is nothing to change. Give the settings and their values, for example { "enabled": true }.`,
      );
    if (change.queued === false) return this.#change(change);
    return this.#writes.run(() => this.#change(change), change.signal ?? change.queueSignal);
  }

  async #change({ path, values, dryRun = false, ...sending }: DocumentChange): Promise<Changed> {
    const first = await this.#read(path, sending);
    const wanted = first.document.with(values);
    const keys = [...values.keys()];
    const before = texts(first.document, keys);
    const different = keys.filter((key) => !isValue(before[key], values.get(key)));
    const planned = { before, after: texts(wanted, keys), changed: different, refused: [], rebootRequired: false };
    if (different.length === 0) return { ...planned, after: before, reply: first.reply };
    if (dryRun) return { ...planned, reply: first.reply };

    // Only what differs is touched: "1.0" for 1 stays as the device writes it.
    const edits = new Map([...values].filter(([key]) => different.includes(key)));
    const second = sending.urgent ? first : await this.#read(path, sending);
    if (!second.document.isSameAs(first.document))
      throw new RetryableError(
        "busy",
        say`Somebody else changed these settings of the device at the same moment. Nothing was written; try again.`,
        { retryAfter: 1 },
      );
    const reply = await this.#write(path, second.document.with(edits), sending);
    const { document } = await this.#read(path, sending);
    const after = texts(document, keys);
    const refused = keys.filter((key) => !isValue(after[key], values.get(key)));
    return {
      before,
      after,
      changed: different.filter((key) => !refused.includes(key)),
      refused,
      rebootRequired: needsReboot(reply),
      reply,
    };
  }

  async #read(path: string, sending: Sending): Promise<{ document: DeviceDocument; reply: HttpReply }> {
    const reply = await this.#isapi.reply("GET", path, callOptions(sending));
    return { document: new DeviceDocument(reply.body), reply };
  }

  async #write(path: string, document: DeviceDocument, sending: Sending): Promise<HttpReply> {
    const options = { timeoutMs: WRITE_TIMEOUT_MS, ...callOptions(sending) };
    try {
      return await this.#isapi.reply("PUT", path, { ...options, body: document.bytes });
    } catch (error) {
      const bare = document.withoutDeclaration;
      if (bare === undefined || !isWordless(error)) throw error;
      // Some firmware refuses a body with an XML declaration, without saying so.
      return this.#isapi.reply("PUT", path, { ...options, body: bare });
    }
  }
}

function callOptions({ signal, urgent }: Sending): CallOptions {
  return { ...(signal && { signal }), ...(urgent && { urgent }) };
}

/** The device read it and refused it, without a reason. */
function isWordless(error: unknown): boolean {
  const code = codeOf(error);
  if (!isHikvisionError(error) || (code !== "badRequest" && code !== "protocol")) return false;
  return error.cause.statusCode !== undefined && error.cause.subStatusCode === undefined;
}

/** What the leaves hold; those that the device took away meanwhile are absent. */
function texts(document: DeviceDocument, keys: readonly string[]): LeafTexts {
  return Object.fromEntries(
    keys.flatMap((key) => {
      try {
        return [[key, document.text(key)]];
      } catch {
        return [];
      }
    }),
  );
}

/** Devices write 60 as "60.0", and true as "TRUE". */
function isValue(text: string | undefined, value: LeafValue | undefined): boolean {
  if (text === undefined || value === undefined) return false;
  if (typeof value === "number") return text !== "" && Number(text) === value;
  if (typeof value === "boolean") return text.toLowerCase() === String(value);
  return text === value.trim();
}

/**
 * Functions that a device cannot run beside each other, by its own words. DVRs that announce it tell before the write which have to be
 * off first (maciej-or/hikvision_next); after a refusal `mutexFunctionErrorMsg` names them (ISAPI guide 5.5).
 */
import { eventType, isKnownEventType } from "../events/event-types";
import type { Isapi } from "../isapi/isapi";
import { boolean, parseXml } from "../isapi/xml";
import { Cached } from "../lib/cached";
import type { Clock } from "../lib/clock";
import { codeOf, FatalError, isHikvisionError, type HikvisionError } from "../lib/errors";
import { enumerate, say, translatableName, type SentenceValue } from "../lib/sentence";

const MESSAGE = "/ISAPI/System/mutexFunctionErrorMsg";
const QUESTION = "/ISAPI/System/mutexFunction?format=json";
const KEEP_MS = 10 * 60_000;
const ASK_MS = 5_000;
const MOST_NAMES = 8;
const MOST_BYTES = 64 * 1024;
const MAX_DEPTH = 8;
/** What a refusal that may have such a reason is called. */
const REFUSED: ReadonlySet<string> = new Set(["badRequest", "notSupported", "forbidden", "protocol"]);

export class ExclusiveFunctions {
  readonly #isapi: Pick<Isapi, "get" | "json" | "bytes">;
  readonly #announced: Cached<boolean>;

  constructor(isapi: Pick<Isapi, "get" | "json" | "bytes">, clock: Clock) {
    this.#isapi = isapi;
    this.#announced = new Cached(() => this.#readAnnounced(), clock, KEEP_MS);
  }

  /** Throws `badRequest` naming what has to be off first, where the device tells it. */
  async check(type: string, channel: number, signal: AbortSignal): Promise<void> {
    if (!(await this.#announced.get(signal))) return;
    const body = { function: type === "VMD" ? "VMDHumanVehicle" : type, channelID: channel };
    const answer = await quiet(this.#isapi.json("POST", QUESTION, body, { timeoutMs: ASK_MS, signal }));
    const names = namesIn(answer);
    if (names.length > 0) throw exclusiveError(names);
  }

  /** The refusal with what blocks, where the device names it; else as it is. */
  async explained(error: HikvisionError): Promise<HikvisionError> {
    if (!REFUSED.has(error.code)) return error;
    // A 403 about the user's rights is no such case.
    if (error.code === "forbidden" && error.cause.subStatusCode === undefined) return error;
    const options = { retryBusy: false, timeoutMs: ASK_MS, maxBytes: MOST_BYTES };
    const answer = await quiet(this.#isapi.bytes(MESSAGE, options));
    const names = answer ? namesIn(parsed(answer.data)) : [];
    return names.length > 0 ? exclusiveError(names, error) : error;
  }

  async #readAnnounced(): Promise<boolean> {
    const options = { purpose: say`what it can do` };
    const capabilities = await quiet(this.#isapi.get("/ISAPI/System/capabilities", options));
    return capabilities !== undefined && boolean(capabilities.value, "isSupportGetmutexFuncErrMsg") === true;
  }
}

/** Undefined where the device does not answer; the command itself will say why. */
async function quiet<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (codeOf(error) === "aborted" || !isHikvisionError(error)) throw error;
    return undefined;
  }
}

function exclusiveError(
  names: readonly SentenceValue[],
  { cause }: Pick<HikvisionError, "cause"> = { cause: {} },
): FatalError {
  return new FatalError(
    "badRequest",
    say`The device does not allow it beside what is on already: ${enumerate(names)}. Switch that off first.`,
    cause,
  );
}

function parsed(data: Buffer): unknown {
  try {
    const text = data.toString("utf8").replace(/^\uFEFF/, "");
    if (/^\s*[{[]/.test(text)) return JSON.parse(text) as unknown;
    const { root, value } = parseXml(data);
    return root === "ResponseStatus" ? undefined : { [root]: value };
  } catch {
    return undefined;
  }
}

/** Functions by name, with their channels where the device adds them. */
function namesIn(answer: unknown): readonly SentenceValue[] {
  const names: SentenceValue[] = [];
  const seen = new Set<string>();
  const visit = (value: unknown, key: string, depth: number): void => {
    if (depth > MAX_DEPTH || names.length >= MOST_NAMES) return;
    if (Array.isArray(value)) for (const one of value) visit(one, key, depth + 1);
    else if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value as Record<string, unknown>);
      const channels = entries.find(([name]) => /^channelIDs?$/i.test(name))?.[1];
      for (const [name, one] of entries) {
        if (typeof one === "string" && FUNCTION.test(name)) add(one, numbersIn(channels));
        else visit(one, name, depth + 1);
      }
    } else if (typeof value === "string" && FUNCTION.test(key)) add(value, []);
  };
  const add = (written: string, channels: readonly number[]): void => {
    const word = written.trim().slice(0, 60);
    const id = `${word} ${channels.join()}`;
    if (word === "" || seen.has(id) || names.length >= MOST_NAMES) return;
    seen.add(id);
    const name = isKnownEventType(word) ? translatableName(eventType(word).label) : word;
    names.push(channels.length === 0 ? name : say`${name} on channel ${channels.join(", ")}`);
  };
  visit(answer, "", 0);
  return names;
}

const FUNCTION = /^(?:mutex)?(?:function|errorMsg|description)(?:Name)?$/i;

function numbersIn(channels: unknown): readonly number[] {
  const all: readonly unknown[] = Array.isArray(channels) ? channels : [channels];
  return all
    .map(Number)
    .filter((number) => Number.isInteger(number) && number > 0)
    .slice(0, 64);
}

/** One channel's PTZ: sends to the path that works, and caches what the device can do. The actions are in moves.ts and stored.ts. */
import { setMaxListeners } from "node:events";
import type { LeafValue } from "../control/device-document";
import type { DocumentChanges } from "../control/document-changes";
import type { Clock } from "../lib/clock";
import type { Isapi, Method } from "../isapi/isapi";
import { isNotOffered, isRefusedPath } from "../isapi/unavailable";
import { list, number, text, type XmlDocument, type XmlNode } from "../isapi/xml";
import { Cached } from "../lib/cached";
import { FatalError } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";
import * as requests from "./requests";
import { parseCapabilities, type PtzCapabilities } from "./capabilities";
import { Motion, type SendOptions } from "./motion";
import { Paths, type ChannelKind, type PathGroup } from "./paths";
import { exactPosition, exactRanges, statusPosition, WIDEST, type Position, type PositionRanges } from "./position";
import type { CallOptions, ChannelAccess, PatrolUnit } from "./channel-access";
import { Presets } from "./presets";

export interface PtzChannelOptions {
  readonly number: number;
  /** Undefined: not known. */
  readonly kind: ChannelKind | undefined;
  readonly isapi: Pick<Isapi, "get" | "put" | "delete">;
  readonly changes: Pick<DocumentChanges, "change">;
  readonly clock: Clock;
  readonly beforeClose: (task: Promise<unknown>) => void;
}

/** Settings as the device keeps them, and where. */
export interface SettingsDocument {
  readonly path: string;
  readonly value: XmlNode | string;
}

/** How absolute positions are sent, and their bounds. */
interface AbsoluteMode {
  readonly exact: boolean;
  readonly ranges: PositionRanges;
}

/** What a device can do changes with its firmware only. */
const KEEP_MS = 60 * 60_000;
/** Short: a stop without an answer is repeated. */
const URGENT_TIMEOUT_MS = 3_000;
const NO_SIGNAL = new AbortController().signal;
setMaxListeners(0, NO_SIGNAL);
const STILL: requests.Speed = { pan: 0, tilt: 0, zoom: 0 };

export class PtzChannel implements ChannelAccess {
  readonly number: number;
  readonly kind: ChannelKind | undefined;
  readonly clock: Clock;
  readonly motors: Motion<requests.Speed>;
  readonly focus: Motion<number>;
  readonly iris: Motion<number>;
  readonly presets: Presets;
  /** In which unit this device counts a patrol's dwell time; undefined: not known yet. */
  patrolUnit: PatrolUnit | undefined;
  readonly #isapi: PtzChannelOptions["isapi"];
  readonly #changes: PtzChannelOptions["changes"];
  readonly #paths: Paths;
  readonly #capabilities: Cached<PtzCapabilities>;
  readonly #absolute: Cached<AbsoluteMode>;
  readonly #auxNumbers: Cached<ReadonlyMap<string, number>>;

  constructor({ number, kind, isapi, changes, clock, beforeClose }: PtzChannelOptions) {
    this.number = number;
    this.kind = kind;
    this.clock = clock;
    this.#isapi = isapi;
    this.#changes = changes;
    this.#paths = new Paths(number, kind, clock);
    const shared = { clock, beforeClose };
    this.motors = new Motion({ ...shared, still: STILL, send: (speed, options) => this.#sendSpeed(speed, options) });
    this.focus = new Motion({ ...shared, still: 0, send: this.#lens("focus", requests.focus) });
    this.iris = new Motion({ ...shared, still: 0, send: this.#lens("iris", requests.iris) });
    this.presets = new Presets(this);
    this.#capabilities = new Cached(() => this.#readCapabilities(), clock, KEEP_MS);
    this.#absolute = new Cached(() => this.#readAbsolute(), clock, KEEP_MS);
    this.#auxNumbers = new Cached(() => this.#readAuxNumbers(), clock, KEEP_MS);
  }

  get motions(): readonly Pick<Motion<unknown>, "isRunning" | "stop" | "close">[] {
    return [this.motors, this.focus, this.iris];
  }

  /** Sends a change. `name`: the function without its numbers; the tail is that, too, unless given. */
  async put(name: string, body: string | undefined, options: CallOptions, tail = name): Promise<void> {
    await this.#paths.try("motors", name, [tail], (path) => this.#send("PUT", path, body, options));
  }

  /** As {@link put}, where the path differs by firmware; the body may depend on it. */
  async putOneOf(
    name: string,
    tails: readonly string[],
    bodyOf: (tail: number) => string | undefined,
    options: CallOptions,
  ): Promise<void> {
    await this.#paths.try("motors", name, tails, (path, tail) => this.#send("PUT", path, bodyOf(tail), options));
  }

  /** As {@link put}, for what belongs to the picture. */
  async putPicture(name: string, body: string, options: CallOptions): Promise<void> {
    await this.#paths.try("picture", name, [name], (path) => this.#send("PUT", path, body, options));
  }

  /** `tails`: more than one where firmware disagrees about the path. */
  async delete(name: string, tails: string | readonly string[], options: CallOptions): Promise<void> {
    const all = typeof tails === "string" ? [tails] : tails;
    await this.#paths.try("motors", `delete ${name}`, all, (path) => this.#send("DELETE", path, undefined, options));
  }

  get(name: string, options: CallOptions): Promise<XmlDocument> {
    return this.#paths.try("motors", `get ${name}`, [name], (path) =>
      this.#isapi.get(path, { signal: options.signal, purpose: this.#purpose }),
    );
  }

  /** Settings with the path that has them. */
  settings(name: string, { signal }: CallOptions, group: PathGroup = "motors", tail = name): Promise<SettingsDocument> {
    return this.#paths.try(group, `get ${name}`, [tail], async (path) => {
      const { value } = await this.#isapi.get(path, { signal, purpose: this.#purpose });
      return { path, value };
    });
  }

  /** Writes leaves of settings. Throws `badRequest`, naming them, where the device says OK and keeps its own value. */
  async change({ path }: SettingsDocument, values: ReadonlyMap<string, LeafValue>, signal: AbortSignal): Promise<void> {
    if (values.size === 0) return;
    const { refused } = await this.#changes.change({ path, values, signal });
    if (refused.length === 0) return;
    throw new FatalError(
      "badRequest",
      say`The device said OK, but left ${enumerate(refused)} as it was. Look at it on the device's web page.`,
    );
  }

  /** What the device reports that it can do; empty where it reports nothing. */
  capabilities(signal: AbortSignal): Promise<PtzCapabilities> {
    return this.#capabilities.get(signal);
  }

  /** Degrees and zoom ratio. Throws `notSupported` when the device does not report it. */
  async position(signal: AbortSignal): Promise<Position> {
    try {
      return statusPosition((await this.get("status", { signal })).value);
    } catch (error) {
      if (!isRefusedPath(error)) throw error;
      // Some domes have only the newer of the two.
      const exact = await this.get("absoluteEx", { signal }).catch(() => {
        throw error;
      });
      return exactPosition(exact.value);
    }
  }

  async absoluteRanges(signal: AbortSignal): Promise<PositionRanges> {
    return (await this.#absolute.get(signal)).ranges;
  }

  /** Moves to a position that {@link absoluteRanges} allows. */
  async goTo(position: Position, signal: AbortSignal): Promise<void> {
    const { exact } = await this.#absolute.get(signal);
    const tails = exact ? ["absoluteEx", "absolute"] : ["absolute"];
    const body = (tail: number): string =>
      tails[tail] === "absoluteEx" ? requests.absoluteEx(position) : requests.absoluteHigh(position);
    await this.putOneOf("absolute", tails, body, { signal });
  }

  /**
   * The number of an auxiliary by its type, "LIGHT"; 1 where the device does not list them, as its own web page sends. Undefined
   * where it lists others only.
   */
  async auxNumber(type: string, signal: AbortSignal): Promise<number | undefined> {
    const numbers = await this.#auxNumbers.get(signal);
    return numbers.size === 0 ? 1 : numbers.get(type);
  }

  get #purpose(): Sentence {
    return say`this PTZ function on channel ${this.number}`;
  }

  #send(method: Extract<Method, "PUT" | "DELETE">, path: string, body: string | undefined, call: CallOptions) {
    const { signal, urgent = false } = call;
    const options = {
      signal,
      urgent,
      // A busy device has not done it.
      retryBusy: true,
      purpose: this.#purpose,
      ...(urgent && { timeoutMs: URGENT_TIMEOUT_MS }),
    };
    return method === "PUT" ? this.#isapi.put(path, body, options) : this.#isapi.delete(path, options);
  }

  #sendSpeed(speed: requests.Speed, options: SendOptions): Promise<void> {
    return this.put("continuous", requests.continuous(speed), options);
  }

  #lens(name: "focus" | "iris", body: (speed: number) => string) {
    return (speed: number, options: SendOptions): Promise<unknown> =>
      this.#paths.try("lens", name, [name], (path) => this.#send("PUT", path, body(speed), options));
  }

  async #readCapabilities(): Promise<PtzCapabilities> {
    const document = await unlessRefused(this.get("capabilities", { signal: NO_SIGNAL }));
    return document ? parseCapabilities(document.value) : {};
  }

  async #readAbsolute(): Promise<AbsoluteMode> {
    const exact = await unlessRefused(this.get("absoluteEx/capabilities", { signal: NO_SIGNAL }));
    const ranges = exact && exactRanges(exact.value);
    if (ranges) return { exact: true, ranges };
    return { exact: false, ranges: (await this.capabilities(NO_SIGNAL)).absolute ?? WIDEST };
  }

  async #readAuxNumbers(): Promise<ReadonlyMap<string, number>> {
    const document = await unlessRefused(this.get("auxcontrols", { signal: NO_SIGNAL }));
    return new Map(
      list(document?.value, "PTZAux").flatMap((node) => {
        const [type, id] = [text(node, "type"), number(node, "id")];
        return type === undefined || id === undefined ? [] : [[type.toUpperCase(), id] as const];
      }),
    );
  }
}

/** Undefined where the device does not have it, whatever its error. */
async function unlessRefused(answer: Promise<XmlDocument>): Promise<XmlDocument | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotOffered(error)) return undefined;
    throw error;
  }
}

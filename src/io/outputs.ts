/** The alarm outputs (relays) of one device: list, switch, pulse, read. */
import { setMaxListeners } from "node:events";
import type { Clock } from "../lib/clock";
import { FatalError, RetryableError } from "../lib/errors";
import type { LaneName } from "../http/lanes";
import type { Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { text, xml, type XmlNode } from "../isapi/xml";
import { Cached } from "../lib/cached";
import { enumerate, say, type SentenceValue } from "../lib/sentence";
import { Output, type OutputState, type SwitchOptions } from "./output";
import { OUTPUT_PATHS, readOutputs, type AlarmOutput } from "./output-list";

const KEEP_MS = 10 * 60_000;

export interface OutputStatus {
  readonly state: OutputState;
  /** `IOPortStatus` as parsed. */
  readonly raw: XmlNode;
}

export interface OutputsOptions {
  readonly isapi: Isapi;
  readonly clock: Clock;
  /** See Device.beforeClose. */
  readonly beforeClose: (task: Promise<unknown>) => void;
}

export class Outputs {
  readonly #isapi: Isapi;
  readonly #clock: Clock;
  readonly #beforeClose: (task: Promise<unknown>) => void;
  readonly #paths: PathFallback<string>;
  readonly #list: Cached<readonly AlarmOutput[]>;
  readonly #outputs = new Map<number, Output>();
  readonly #stop = new AbortController();

  constructor({ isapi, clock, beforeClose }: OutputsOptions) {
    // Every pulse that is under way listens to it.
    setMaxListeners(0, this.#stop.signal);
    this.#isapi = isapi;
    this.#clock = clock;
    this.#beforeClose = beforeClose;
    this.#paths = new PathFallback<string>(OUTPUT_PATHS, clock);
    this.#list = new Cached(() => readOutputs(isapi), clock, KEEP_MS);
  }

  /** Cached for ten minutes. Throws what {@link readOutputs} throws. */
  list(signal?: AbortSignal): Promise<readonly AlarmOutput[]> {
    return this.#list.get(signal);
  }

  /**
   * The number of an output given by number or, in any letter case, by name.
   * Throws `badRequest` for what is neither, `notFound` for a name that the device does not have just once.
   */
  async find(given: unknown, signal?: AbortSignal): Promise<number> {
    const wanted = typeof given === "string" ? given.trim() : given;
    const number = typeof wanted === "string" && /^\d{1,5}$/.test(wanted) ? Number(wanted) : wanted;
    if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= 65_535) return number;
    if (typeof wanted !== "string" || wanted === "")
      throw new FatalError("badRequest", say`Which output? Give its number from 1, or its name.`);
    return (await this.#translatableName(wanted, signal)).number;
  }

  /** Switches and leaves it so, whatever a pulse under way was about to do. */
  set(output: number, state: OutputState, signal?: AbortSignal): Promise<void> {
    return this.#output(output).set(state, signal);
  }

  /** On for `ms`, then off: see {@link Output.pulse}. At close, the device waits for the off. */
  pulse(output: number, ms: number, signal: AbortSignal, switchedOn: () => void): Promise<OutputState> {
    const pulse = this.#output(output).pulse(ms, signal, switchedOn);
    this.#beforeClose(pulse);
    return pulse;
  }

  /** As reported by the device. */
  async status(output: number, signal?: AbortSignal, lane: LaneName = "read"): Promise<OutputStatus> {
    const purpose = say`the state of output ${output}`;
    const { value } = await this.#paths.ask({ of: String(output) }, (path) =>
      this.#isapi.get(`${path}/${output}/status`, { purpose, lane, ...(signal && { signal }) }),
    );
    const state = text(value, "ioState")?.toLowerCase();
    if (typeof value === "string" || (state !== "active" && state !== "inactive"))
      throw new RetryableError(
        "protocol",
        say`The device does not tell ${purpose} in a way that can be understood.`,
      ).at(this.#isapi.http.identity);
    return { state: state === "active" ? "on" : "off", raw: value };
  }

  /** Ends all pulses now; each sends its off before close. Repeatable. */
  stop(): void {
    this.#stop.abort();
  }

  async #translatableName(name: string, signal?: AbortSignal): Promise<AlarmOutput> {
    const fits = (output: AlarmOutput): boolean => output.name?.toLowerCase() === name.toLowerCase();
    const outputs = await this.#list.get(signal);
    const [found, ...others] = outputs.filter(fits);
    if (found && others.length === 0) return found;
    // It may have been renamed just now.
    this.#list.forget();
    throw new FatalError(
      "notFound",
      found
        ? say`Several outputs are called "${name}": ${described([found, ...others])}. Give the number instead.`
        : outputs.length === 0
          ? say`There is no output "${name}". The device has no outputs.`
          : say`There is no output "${name}". The device has ${described(outputs)}. Give a number, or one of these names.`,
    ).at(this.#isapi.http.identity);
  }

  #output(number: number): Output {
    const known = this.#outputs.get(number);
    if (known) return known;
    const output = new Output(number, {
      change: (state, options) => this.#change(number, state, options),
      clock: this.#clock,
      stop: this.#stop.signal,
    });
    this.#outputs.set(number, output);
    return output;
  }

  async #change(output: number, state: OutputState, { signal, urgent = false }: SwitchOptions): Promise<void> {
    const body = xml`<?xml version="1.0" encoding="UTF-8"?>
<IOPortData><outputState>${state === "on" ? "high" : "low"}</outputState></IOPortData>`;
    // Idempotent, so it may be repeated.
    const options = { purpose: say`switching output ${output}`, retryBusy: true, urgent, ...(signal && { signal }) };
    await this.#paths.ask({ of: String(output) }, (path) =>
      this.#isapi.put(`${path}/${output}/trigger`, body, options),
    );
  }
}

function described(outputs: readonly AlarmOutput[]): SentenceValue {
  return enumerate(outputs.map(({ number, name }) => (name === undefined ? number : say`${number} "${name}"`)));
}

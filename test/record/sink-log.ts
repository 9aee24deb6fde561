/** A recording sink for tests. */
import assert from "node:assert/strict";
import type { HikvisionError } from "../../src/lib/errors";
import type { RecordingSink, Started, Stopped } from "../../src/record/recording-job";
import type { Sentence } from "../../src/lib/sentence";

/** Everything that a recording job reported, in order, and a way to wait for it. */
export class SinkLog implements RecordingSink {
  readonly events: (["started", Started] | ["stopped", Stopped] | ["failed", HikvisionError])[] = [];
  readonly warnings: string[] = [];
  #wake: () => void = () => undefined;

  started = (started: Started): void => this.#add(["started", started]);
  stopped = (stopped: Stopped): void => this.#add(["stopped", stopped]);
  failed = (error: HikvisionError): void => this.#add(["failed", error]);
  warn = (sentence: Sentence): void => void this.warnings.push(sentence.toString());

  /** The number of events, once there are so many. */
  async count(wanted: number, ms = 20_000): Promise<void> {
    const timer = setTimeout(() => this.#wake(), ms);
    const end = Date.now() + ms;
    while (this.events.length < wanted) {
      assert.ok(Date.now() < end, `only ${JSON.stringify(this.events)} within ${ms} ms`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    clearTimeout(timer);
  }

  #add(event: (typeof this.events)[number]): void {
    this.events.push(event);
    this.#wake();
  }
}

/** The picture of the station at the moment of a ring. What could not be taken in time says why, and holds nothing up. */
import { AbortedError, type Device, type HikvisionError, RetryableError, say, snapshotFilename } from "../../src";
import type { Render, SentPicture } from "../shared/event-message";
import { typedError } from "../shared/unexpected";

/** Whoever stands at the door does not wait longer. */
const WITHIN_MS = 5_000;

export class RingPictures {
  readonly #device: Pick<Device, "ringing" | "identity" | "clock">;
  readonly #render: Render;
  readonly #underWay = new Set<AbortController>();

  constructor(device: Pick<Device, "ringing" | "identity" | "clock">, render: Render) {
    this.#device = device;
    this.#render = render;
  }

  /** Never rejects. `since`: ms since 1970. */
  async take(since: number): Promise<SentPicture[]> {
    const { ringing, identity, clock } = this.#device;
    const name = snapshotFilename(identity, 1, new Date(since));
    const picture = { name, contentType: "image/jpeg" };
    const limit = new AbortController();
    const timer = clock.after(WITHIN_MS, () => limit.abort(new AbortedError()));
    this.#underWay.add(limit);
    try {
      return [{ ...picture, data: await ringing.picture(limit.signal) }];
    } catch (reason) {
      const { code, sentence } = limit.signal.aborted ? late() : typedError(reason);
      return [{ ...picture, data: null, error: { code, message: this.#render(sentence) } }];
    } finally {
      timer.cancel();
      this.#underWay.delete(limit);
    }
  }

  close(): void {
    for (const limit of this.#underWay) limit.abort(new AbortedError());
  }
}

function late(): HikvisionError {
  return new RetryableError("timeout", say`The picture did not come within ${WITHIN_MS / 1000} seconds.`);
}

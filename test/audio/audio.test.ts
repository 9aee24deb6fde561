import assert from "node:assert/strict";
import { Audio, type AudioOptions } from "../../src/audio/audio";
import { codeOf } from "../../src/lib/errors";
import { FakeClock, settle } from "../support/fake-clock";

describe("announcements on one channel", () => {
  it("are 20 that wait at most, while the device hangs; a stop ends them all, and then there is room again", async () => {
    let asked = 0;
    const hung = (signal: AbortSignal | undefined): Promise<never> =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
    const audio = new Audio({
      isapi: {
        get: (_path: string, { signal }: { signal?: AbortSignal } = {}) => {
          asked += 1;
          return hung(signal);
        },
      },
      clock: new FakeClock(),
      beforeClose: () => undefined,
    } as unknown as AudioOptions);
    const { signal } = new AbortController();
    const talk = (channel = 1): Promise<unknown> =>
      audio.talk({ channel, payload: Buffer.alloc(8_000) }, signal).then(
        () => "done",
        (error: unknown) => codeOf(error) ?? "ended",
      );
    const all = Array.from({ length: 1_000 }, () => talk());
    assert.deepEqual(new Set(await Promise.all(all.slice(21))), new Set(["busy"]));
    assert.equal(asked, 1, "one at a time");
    const other = talk(2);
    await settle();
    assert.equal(asked, 2, "another channel has its own");
    assert.equal(await audio.stop(1), true);
    assert.ok((await Promise.all(all.slice(0, 21))).every((end) => end !== "done" && end !== "busy"));
    void talk();
    await settle();
    assert.equal(asked, 3);
    await Promise.all([audio.stop(1), audio.stop(2), other]);
  });
});

import assert from "node:assert/strict";
import { codeOf } from "../../../src/lib/errors";
import { say } from "../../../src/lib/sentence";
import { TransferLimits, type TransferLimitsOptions } from "../../../src/recordings/download/transfer-limits";
import { FakeClock } from "../../support/fake-clock";

const MIB = 1 << 20;
const HOUR = 3_600_000;

describe("the limits of a transfer", () => {
  let clock: FakeClock;
  let ended: unknown;

  function limits(options: Partial<TransferLimitsOptions> = {}): TransferLimits {
    clock = new FakeClock();
    ended = undefined;
    return new TransferLimits({
      clock,
      purpose: say`the recording a`,
      announced: 100 * MIB,
      grows: false,
      maxBytes: undefined,
      end: (error) => (ended ??= error),
      ...options,
    });
  }

  for (const [what, options, most] of [
    ["what was announced and a twentieth of it", {}, 106 * MIB],
    ["a MiB more than a small file announced", { announced: 100 }, MIB + 105],
    ["a whole file more where it was being written", { grows: true }, 2_148 * MIB],
    ["the largest file that devices make where nothing was announced", { announced: undefined }, 4_096 * MIB],
  ] as const) {
    it(`let through ${what}, and no byte more`, () => {
      const limit = limits(options);
      limit.at(most);
      assert.throws(() => limit.at(most + 1), { code: "protocol", message: /sends more of the recording a than it/ });
      limit.close();
      assert.equal(clock.pending, 0);
    });
  }

  it("let through what a message may hold, and no byte more", () => {
    const limit = limits({ maxBytes: 64 * MIB });
    limit.check(64 * MIB);
    assert.throws(() => limit.check(64 * MIB + 1), { code: "badRequest", message: /has 65 MiB.*may hold 64/ });
  });

  it("end one that drips within a minute", async () => {
    const limit = limits();
    for (let second = 1; second <= 60; second++) {
      limit.at(second);
      await clock.advance(1_000);
    }
    assert.equal(codeOf(ended), "timeout");
    assert.match(String(ended), /too slowly/);
  });

  it("let one of 100 MiB take 13 minutes, but not for ever", async () => {
    const limit = limits();
    let bytes = 0;
    const rate = async (perSecond: number, seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second += 10) {
        limit.at((bytes += 10 * perSecond));
        await clock.advance(10_000);
      }
    };
    await rate(140_000, 750);
    assert.equal(ended, undefined);
    await rate(3_000, 30);
    assert.equal(ended, undefined, "slow, but no drip");
    await rate(3_000, 120);
    assert.equal(codeOf(ended), "timeout");
  });

  it("watch nothing any more once it is over", async () => {
    const limit = limits();
    limit.close();
    await clock.advance(HOUR);
    assert.equal(ended, undefined);
    assert.equal(clock.pending, 0);
  });
});

import assert from "node:assert/strict";
import { ProgressMeter, type Progress } from "../../../src/recordings/download/progress";

describe("the progress of downloads", () => {
  let now = 0;
  let told: (Progress & { at: number })[] = [];
  const meter = (...sizes: (number | null)[]): ProgressMeter => {
    now = 0;
    told = [];
    const emit = (progress: Progress): void => void told.push({ ...progress, at: now });
    return new ProgressMeter({ sizes, clock: { elapsed: () => now }, emit });
  };

  it("is over all files: bytes, percent, speed and what is left", () => {
    const progress = meter(1000, 3000);
    progress.at(0, 1000);
    now = 1000;
    progress.at(500, 1000);
    assert.deepEqual(told.at(-1), {
      file: 1,
      files: 2,
      bytes: 500,
      total: 4000,
      percent: 12,
      bytesPerSecond: 500,
      secondsLeft: 7,
      at: 1000,
    });
    progress.at(1000, 1000);
    progress.next(1000);
    now = 2000;
    progress.at(500, 3000);
    assert.deepEqual([told.at(-1)?.file, told.at(-1)?.bytes, told.at(-1)?.percent], [2, 1500, 37]);
  });

  it("is told at most four times in any second, and 100 % once, as the last", () => {
    const progress = meter(10_000);
    for (; now < 3_000; now += 7) progress.at(now, 10_000);
    progress.at(10_000, 10_000);
    progress.next(10_000);
    progress.end();
    for (const { at } of told) assert.ok(told.filter((one) => one.at >= at && one.at < at + 1000).length <= 4);
    assert.deepEqual(
      told.map(({ percent }) => percent).filter((percent) => percent === 100),
      [100],
    );
    assert.equal(told.at(-1)?.percent, 100);
  });

  it("goes back when a file begins anew, and does not count that as speed", () => {
    const progress = meter(1000);
    progress.at(0, 1000);
    now = 1000;
    progress.at(800, 1000);
    now = 2000;
    progress.at(0, 1000);
    assert.deepEqual([told.at(-1)?.bytes, told.at(-1)?.bytesPerSecond], [0, 400]);
  });

  it("counts files where sizes are unknown, and learns a size on the way", () => {
    const progress = meter(null, null);
    progress.at(10, undefined);
    assert.deepEqual([told.at(-1)?.total, told.at(-1)?.percent, told.at(-1)?.secondsLeft], [null, 0, null]);
    progress.next(50);
    now = 1000;
    progress.at(25, 50);
    assert.deepEqual([told.at(-1)?.total, told.at(-1)?.percent], [100, 75]);
  });

  it("ends at 100 % also where a file failed", () => {
    const progress = meter(1000, 1000);
    progress.next(0);
    progress.next(1000);
    progress.end();
    assert.deepEqual([told.at(-1)?.percent, told.at(-1)?.bytes, told.at(-1)?.total], [100, 1000, 1000]);
  });
});

import assert from "node:assert/strict";
import { codeOf } from "../../src/lib/errors";
import { waitUntilStill } from "../../src/ptz/wait-until-still";
import type { Position } from "../../src/ptz/position";
import { FakeClock } from "../support/fake-clock";

/** Looks at a camera whose azimuth depends on the time. */
function watch(azimuth: (ms: number) => number) {
  const clock = new FakeClock();
  const life = new AbortController();
  const look = (): Promise<Position> => Promise.resolve({ azimuth: azimuth(clock.elapsed()), elevation: 0, zoom: 1 });
  const arrival = waitUntilStill(look, clock, life.signal);
  arrival.catch(() => undefined);
  return { clock, life, arrival };
}

/** When it is over, ms. */
async function endOf({ clock, arrival }: ReturnType<typeof watch>): Promise<number> {
  const end = arrival.then(
    () => clock.elapsed(),
    () => clock.elapsed(),
  );
  await clock.advance(120_000);
  return end;
}

describe("waiting until the camera is still", () => {
  it("ends when the camera has been still for a second", async () => {
    const watched = watch((ms) => Math.min(ms, 4_000) / 100);
    assert.equal(await endOf(watched), 5_000);
    assert.equal((await watched.arrival).azimuth, 40);
  });

  it("does not end before the camera has had time to start", async () => {
    const watched = watch((ms) => (ms < 1_000 ? 10 : 90));
    await endOf(watched);
    assert.equal((await watched.arrival).azimuth, 90);
  });

  it("does not end while it moves slowly: a tenth of a degree per poll is not still", async () => {
    const watched = watch((ms) => Math.min(ms, 10_000) / 5_000);
    assert.ok((await endOf(watched)) > 9_000);
  });

  it("counts 359.95 and 0 degrees as the same", async () => {
    assert.ok((await endOf(watch((ms) => (ms % 1000 === 0 ? 359.95 : 0)))) < 2_000);
  });

  it("times out after a minute", async () => {
    const watched = watch((ms) => (ms / 100) % 360);
    assert.ok((await endOf(watched)) <= 61_000);
    await assert.rejects(watched.arrival, (error) => codeOf(error) === "timeout" && /still moving/.test(String(error)));
    assert.equal(watched.clock.pending, 0);
  });

  it("is aborted when the flow ends", async () => {
    const { life, arrival, clock } = watch((ms) => ms);
    life.abort();
    await assert.rejects(arrival, (error) => codeOf(error) === "aborted");
    assert.equal(clock.pending, 0);
  });
});

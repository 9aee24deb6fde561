import assert from "node:assert/strict";

/** More than anything takes, also on a machine that is busy with other work. */
const PATIENCE_MS = 30_000;
/** Then twice as long each time, up to the second: looking into a page costs it time, too. */
const LOOK_AGAIN_MS = { first: 2, most: 32 };

/**
 * Waits until it holds, looking again and again.
 * @param what for the failure: "the stream is open"
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = PATIENCE_MS,
): Promise<void> {
  const end = Date.now() + withinMs;
  let pauseMs = LOOK_AGAIN_MS.first;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(2 * pauseMs, LOOK_AGAIN_MS.most);
  }
}

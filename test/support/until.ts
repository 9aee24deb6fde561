import assert from "node:assert/strict";

/** More than anything takes, also on a machine that is busy with other work. */
const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 2;

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
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

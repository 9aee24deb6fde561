import assert from "node:assert/strict";
import { DrivenClock } from "./driven-clock";

describe("the driven clock", () => {
  it("goes on although a timer begins itself anew after no time at all, as one of a rounding error does", async () => {
    const time = new DrivenClock();
    const clock = time.view();
    for (const ms of [0, -1, 1e-13]) {
      const timer = clock.after(ms, () => timer.restart());
      const began = time.elapsed;
      assert.equal(
        await time.runUntil(
          () => false,
          20,
          () => 0,
        ),
        false,
      );
      assert.equal(time.elapsed - began, 20);
      timer.cancel();
    }
  });

  it("runs timers in the order in which they are due, and ends when what it waits for holds", async () => {
    const time = new DrivenClock();
    const clock = time.view();
    const ran: string[] = [];
    clock.after(30, () => ran.push("late"));
    clock.after(10, () => ran.push("early"));
    assert.equal(
      await time.runUntil(
        () => ran.length === 2,
        1000,
        () => 0,
      ),
      true,
    );
    assert.deepEqual(ran, ["early", "late"]);
    assert.equal(time.elapsed, 30);
  });
});

import assert from "node:assert/strict";
import { DiskTurns } from "../../src/lib/disk-turns";
import { FakeClock } from "../support/fake-clock";

/** A disk that answers when it is told to. */
function disk() {
  const clock = new FakeClock();
  const turns = new DiskTurns(clock);
  const running: string[] = [];
  const answers = new Map<string, () => void>();
  const late: string[] = [];
  const ask = (place: string, name: string, always = false): Promise<string> =>
    turns.run(
      place,
      () => {
        running.push(name);
        return new Promise((resolve) => answers.set(name, () => resolve(name)));
      },
      { late: (value) => void late.push(value), always },
    );
  const answer = (name: string): Promise<void> => {
    answers.get(name)?.();
    return clock.advance(0);
  };
  return { clock, turns, running, late, ask, answer };
}

describe("turns at the disk", () => {
  it("are three at a time, two in one place, the oldest first", async () => {
    const { running, ask, answer } = disk();
    const all = ["a1", "a2", "a3", "b1", "c1"].map((name) => ask(name[0]!, name));
    assert.deepEqual(running, ["a1", "a2", "b1"]);
    await answer("b1");
    assert.deepEqual(running, ["a1", "a2", "b1", "c1"]);
    await answer("a2");
    assert.deepEqual(running, ["a1", "a2", "b1", "c1", "a3"]);
    for (const name of ["a1", "a3", "c1"]) await answer(name);
    assert.deepEqual(await Promise.all(all), ["a1", "a2", "a3", "b1", "c1"]);
  });

  it("end after half a minute without an answer, also those that have not begun, which then never do", async () => {
    const { clock, running, ask, answer } = disk();
    const all = ["a1", "a2", "a3"].map((name) => assert.rejects(ask("a", name), { code: "ETIMEDOUT" }));
    await clock.advance(30_000);
    await Promise.all(all);
    await answer("a1");
    assert.deepEqual(running, ["a1", "a2"]);
    assert.equal(clock.pending, 0);
  });

  it("stay taken while the disk does not answer, and what it gives then is not lost", async () => {
    const { clock, running, late, ask, answer } = disk();
    const all = ["a1", "a2"].map((name) => assert.rejects(ask("a", name), { code: "ETIMEDOUT" }));
    await clock.advance(30_000);
    await Promise.all(all);
    const next = ask("a", "a3");
    assert.deepEqual(running, ["a1", "a2"]);
    await answer("a1");
    assert.deepEqual([running, late], [["a1", "a2", "a3"], ["a1"]]);
    await answer("a3");
    assert.equal(await next, "a3");
  });

  it("come after the limit, too, for what has to be done in any case", async () => {
    const { clock, running, late, ask, answer } = disk();
    const all = ["a1", "a2"].map((name) => assert.rejects(ask("a", name), { code: "ETIMEDOUT" }));
    const closing = assert.rejects(ask("a", "close", true), { code: "ETIMEDOUT" });
    await clock.advance(30_000);
    await Promise.all([...all, closing]);
    await answer("a1");
    assert.deepEqual(running, ["a1", "a2", "close"]);
    await answer("close");
    assert.deepEqual(late, ["a1", "close"]);
  });

  it("go on after an error, which is given as it is", async () => {
    const { clock, turns } = disk();
    const failing = Object.assign(new Error("full"), { code: "ENOSPC" });
    for (let time = 0; time < 4; time++)
      await assert.rejects(
        turns.run("a", () => Promise.reject(failing)),
        failing,
      );
    assert.equal(await turns.run("a", () => Promise.resolve(1)), 1);
    assert.equal(clock.pending, 0);
  });
});

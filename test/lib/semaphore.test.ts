import assert from "node:assert/strict";
import fc from "fast-check";
import { codeOf, RetryableError } from "../../src/lib/errors";
import { type Lane, Semaphore } from "../../src/lib/semaphore";
import { say } from "../../src/lib/sentence";

interface Task {
  readonly promise: Promise<unknown>;
  readonly end: (error?: Error) => void;
}

/** Adds a task that runs until `end`. */
function task(semaphore: Semaphore, log: string[], name: string, signal?: AbortSignal): Task {
  let end: Task["end"] = () => assert.fail(`${name} has not started`);
  const promise = semaphore.run(
    () =>
      new Promise<string>((resolve, reject) => {
        log.push(name);
        end = (error) => (error ? reject(error) : resolve(name));
      }),
    signal,
  );
  promise.catch(() => undefined);
  return { promise, end: (error) => end(error) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("Semaphore", () => {
  it("runs as many as allowed, the others in the order they came", async () => {
    const semaphore = new Semaphore(2);
    const log: string[] = [];
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => task(semaphore, log, name));
    await settle();
    assert.deepEqual(log, ["a", "b"]);
    b!.end();
    await settle();
    assert.deepEqual(log, ["a", "b", "c"]);
    a!.end();
    c!.end();
    await settle();
    assert.deepEqual(log, ["a", "b", "c", "d"]);
    d!.end();
    assert.deepEqual(await Promise.all([a, b, c, d].map((one) => one!.promise)), ["a", "b", "c", "d"]);
  });

  it("goes on after a task that failed, also one that throws at once", async () => {
    const semaphore = new Semaphore(1);
    await assert.rejects(
      semaphore.run(() => Promise.reject(new Error("first"))),
      /first/,
    );
    await assert.rejects(
      semaphore.run(() => {
        throw new Error("second");
      }),
      /second/,
    );
    assert.equal(await semaphore.run(() => Promise.resolve(3)), 3);
  });

  it("lets a waiting task go when its signal aborts, and never runs it", async () => {
    const semaphore = new Semaphore(1);
    const log: string[] = [];
    const a = task(semaphore, log, "a");
    const gone = new AbortController();
    const b = task(semaphore, log, "b", gone.signal);
    const c = task(semaphore, log, "c");
    gone.abort();
    await assert.rejects(b.promise, (error) => codeOf(error) === "aborted");
    a.end();
    await settle();
    assert.deepEqual(log, ["a", "c"]);
    c.end();
  });

  it("says why a task gave up waiting, where the reason is one of ours", async () => {
    const semaphore = new Semaphore(1);
    const first = task(semaphore, [], "first");
    const late = new AbortController();
    const second = task(semaphore, [], "second", late.signal);
    late.abort(new RetryableError("timeout", say`Too late.`));
    await assert.rejects(second.promise, (error) => codeOf(error) === "timeout");
    first.end();
  });

  it("does not run a task whose signal was aborted before, and keeps its slot for others", async () => {
    const semaphore = new Semaphore(1);
    const log: string[] = [];
    const never = task(semaphore, log, "never", AbortSignal.abort());
    await assert.rejects(never.promise, (error) => codeOf(error) === "aborted");
    task(semaphore, log, "next");
    await settle();
    assert.deepEqual(log, ["next"]);
  });

  it("leaves a task that runs alone when its signal aborts: that is its own business", async () => {
    const semaphore = new Semaphore(1);
    const gone = new AbortController();
    const a = task(semaphore, [], "a", gone.signal);
    await settle();
    gone.abort();
    a.end();
    assert.equal(await a.promise, "a");
  });

  it("lets the first lane go first, within a lane the oldest", async () => {
    const semaphore = new Semaphore(1);
    const [early, late] = [{ order: 1 }, { order: 2 }];
    const log: string[] = [];
    const started = (name: string, lane: Lane): Promise<void> =>
      semaphore.run(() => Promise.resolve(void log.push(name)), undefined, lane);
    const first = task(semaphore, log, "first");
    const others = [
      started("late 1", late),
      started("early 1", early),
      started("late 2", late),
      started("early 2", early),
    ];
    await settle();
    first.end();
    await Promise.all(others);
    assert.deepEqual(log, ["first", "early 1", "early 2", "late 1", "late 2"]);
  });

  it("starts no task of a lane that leaves a slot, or has its share, and goes on with it later", async () => {
    const semaphore = new Semaphore(2);
    const log: string[] = [];
    const shy = { order: 2, leaves: 1 };
    const few = { order: 1, most: 1 };
    const ends: (() => void)[] = [];
    const started = (name: string, lane: Lane): Promise<void> =>
      semaphore.run(
        () => {
          log.push(name);
          return new Promise<void>((resolve) => void ends.push(resolve));
        },
        undefined,
        lane,
      );
    const all = [started("few 1", few), started("few 2", few), started("shy", shy)];
    assert.ok(semaphore.hasRoom);
    for (let turn = 0; turn < 3; turn++) {
      await settle();
      ends[turn]?.();
    }
    await Promise.all(all);
    assert.deepEqual(log, ["few 1", "few 2", "shy"]);
  });

  it("refuses what would make a lane's queue longer than it may be", async () => {
    const semaphore = new Semaphore(1);
    const lane: Lane = { order: 1, longest: 2, full: (waiting) => new Error(`${waiting} wait`) };
    const first = task(semaphore, [], "first");
    const waiting = [1, 2].map(() => semaphore.run(() => Promise.resolve(), undefined, lane));
    await assert.rejects(
      semaphore.run(() => Promise.resolve(), undefined, lane),
      /2 wait/,
    );
    first.end();
    await Promise.all(waiting);
    await semaphore.run(() => Promise.resolve(), undefined, lane);
  });

  it("keeps count whatever comes: never more at once than allowed, never a slot lost", async () => {
    const step = fc.constantFrom("add", "add", "add", "end", "fail", "abort");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (parallel, steps) => {
        const semaphore = new Semaphore(parallel);
        const log: string[] = [];
        const running: ((error?: Error) => void)[] = [];
        const waiting: AbortController[] = [];
        const all: Promise<unknown>[] = [];
        for (const what of steps) {
          if (what === "add") {
            const abort = new AbortController();
            waiting.push(abort);
            const promise = semaphore.run(
              () =>
                new Promise<void>((resolve, reject) => {
                  waiting.splice(waiting.indexOf(abort), 1);
                  running.push((error) => (error ? reject(error) : resolve()));
                }),
              abort.signal,
            );
            all.push(promise.catch(() => log.push("rejected")));
          } else if (what === "abort") {
            const abort = waiting.pop();
            abort?.abort();
          } else {
            running.shift()?.(what === "fail" ? new Error("failed") : undefined);
          }
          await settle();
          assert.ok(running.length <= parallel);
          assert.ok(waiting.length === 0 || running.length === parallel, "a slot was lost");
        }
        while (running.length > 0) {
          running.shift()?.();
          await settle();
        }
        await Promise.all(all);
        assert.equal(waiting.length, 0);
      }),
      { numRuns: 60 },
    );
  });
});

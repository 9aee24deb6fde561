import assert from "node:assert/strict";
import fc from "fast-check";
import { codeOf } from "../../src/lib/errors";
import { CommandQueue } from "../../src/isapi/command-queue";

interface Command {
  readonly promise: Promise<unknown>;
  readonly end: (error?: Error) => void;
}

/** Queues a command that runs until `end`. */
function command(queue: CommandQueue, log: string[], name: string, signal?: AbortSignal): Command {
  let end: Command["end"] = () => assert.fail(`${name} has not started`);
  const promise = queue.run(
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

describe("CommandQueue", () => {
  it("runs as many as allowed, the others in the order they came", async () => {
    const queue = new CommandQueue(2);
    const log: string[] = [];
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => command(queue, log, name));
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

  it("goes on after a command that failed, also one that throws at once", async () => {
    const queue = new CommandQueue(1);
    await assert.rejects(
      queue.run(() => Promise.reject(new Error("first"))),
      /first/,
    );
    await assert.rejects(
      queue.run(() => {
        throw new Error("second");
      }),
      /second/,
    );
    assert.equal(await queue.run(() => Promise.resolve(3)), 3);
  });

  it("lets a waiting command go when its signal aborts, and never runs it", async () => {
    const queue = new CommandQueue(1);
    const log: string[] = [];
    const a = command(queue, log, "a");
    const gone = new AbortController();
    const b = command(queue, log, "b", gone.signal);
    const c = command(queue, log, "c");
    gone.abort();
    await assert.rejects(b.promise, (error) => codeOf(error) === "aborted");
    a.end();
    await settle();
    assert.deepEqual(log, ["a", "c"]);
    c.end();
  });

  it("does not run a command whose signal was aborted before, and keeps its turn for others", async () => {
    const queue = new CommandQueue(1);
    const log: string[] = [];
    const never = command(queue, log, "never", AbortSignal.abort());
    await assert.rejects(never.promise, (error) => codeOf(error) === "aborted");
    command(queue, log, "next");
    await settle();
    assert.deepEqual(log, ["next"]);
  });

  it("leaves a command that runs alone when its signal aborts: that is its own business", async () => {
    const queue = new CommandQueue(1);
    const gone = new AbortController();
    const a = command(queue, [], "a", gone.signal);
    await settle();
    gone.abort();
    a.end();
    assert.equal(await a.promise, "a");
  });

  it("keeps count whatever comes: never more at once than allowed, never a turn lost", async () => {
    const step = fc.constantFrom("add", "add", "add", "end", "fail", "abort");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 40 }), async (parallel, steps) => {
        const queue = new CommandQueue(parallel);
        const log: string[] = [];
        const running: ((error?: Error) => void)[] = [];
        const waiting: AbortController[] = [];
        const all: Promise<unknown>[] = [];
        for (const what of steps) {
          if (what === "add") {
            const abort = new AbortController();
            waiting.push(abort);
            const promise = queue.run(
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
          assert.ok(waiting.length === 0 || running.length === parallel, "a turn was lost");
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

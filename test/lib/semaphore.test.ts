import { strict as assert } from "node:assert";
import { Semaphore } from "../../src/lib/semaphore";
import { settle } from "../support/fake-clock";

describe("slots", () => {
  const { signal } = new AbortController();

  it("are given to whoever has waited longest, and never to more than there are", async () => {
    const slots = new Semaphore(2);
    const order: number[] = [];
    const waits = [1, 2, 3, 4].map((n) => slots.take(signal).then(() => order.push(n)));
    await settle();
    assert.deepEqual(order, [1, 2]);
    slots.give();
    await settle();
    assert.deepEqual(order, [1, 2, 3]);
    slots.give();
    await Promise.all(waits);
    assert.deepEqual(order, [1, 2, 3, 4]);
  });

  it("are not lost to one who stopped waiting", async () => {
    const slots = new Semaphore(1);
    await slots.take(signal);
    const stop = new AbortController();
    const gone = slots.take(stop.signal);
    const next = slots.take(signal);
    const reason = new Error("stop");
    stop.abort(reason);
    await assert.rejects(gone, reason);
    slots.give();
    await next;
  });

  it("are refused at once to one whose signal is aborted already", async () => {
    const slots = new Semaphore(1);
    await assert.rejects(slots.take(AbortSignal.abort(new Error("stop"))));
    await slots.take(signal);
  });
});

import { strict as assert } from "node:assert";
import { RequestScopes } from "../../src/http/request-scope";
import { FakeClock } from "../support/fake-clock";

describe("the life of a request", () => {
  const tooLate = (): Error => new Error("too late");

  it("ends with its deadline, its caller or all others, and says with which", async () => {
    const clock = new FakeClock();
    const lives = new RequestScopes(clock);
    const caller = new AbortController();
    const [late, called, cut] = [
      lives.begin(undefined, 100, tooLate),
      lives.begin(caller.signal, 1000, tooLate),
      lives.begin(undefined, 1000, tooLate),
    ];
    await clock.advance(100);
    caller.abort();
    assert.equal(cut.signal.aborted, false);
    lives.abortAll();
    assert.deepEqual(
      [late, called, cut].map(({ signal }) => String(signal.reason)),
      ["Error: too late", "Stopped before it was done.", "Stopped before it was done."],
    );
  });

  it("has no deadline any more once it is untimed, and is left alone once it has ended", () => {
    const clock = new FakeClock();
    const lives = new RequestScopes(clock);
    const [untimed, ended] = [lives.begin(undefined, 100, tooLate), lives.begin(undefined, 100, tooLate)];
    untimed.clearDeadline();
    ended.end();
    assert.equal(clock.pending, 0);
    lives.abortAll();
    assert.equal(ended.signal.aborted, false);
    assert.equal(untimed.signal.aborted, true);
  });

  it("begun after the cut is over at once", () => {
    const lives = new RequestScopes(new FakeClock());
    lives.abortAll();
    assert.equal(lives.begin(undefined, 100, tooLate).signal.aborted, true);
  });
});

import { strict as assert } from "node:assert";
import { RequestScopes } from "../../src/http/request-scope";
import { FakeClock } from "../support/fake-clock";

describe("the scope of a request", () => {
  const tooLate = (): Error => new Error("too late");

  it("ends with its deadline, its caller or all others, and says with which", async () => {
    const clock = new FakeClock();
    const scopes = new RequestScopes(clock);
    const caller = new AbortController();
    const [late, called, cut] = [
      scopes.begin(undefined, 100, tooLate),
      scopes.begin(caller.signal, 1000, tooLate),
      scopes.begin(undefined, 1000, tooLate),
    ];
    await clock.advance(100);
    caller.abort();
    assert.equal(cut.signal.aborted, false);
    scopes.abortAll();
    assert.deepEqual(
      [late, called, cut].map(({ signal }) => String(signal.reason)),
      ["Error: too late", "Stopped before it was done.", "Stopped before it was done."],
    );
  });

  it("has no deadline any more once it is untimed, and is left alone once it has ended", () => {
    const clock = new FakeClock();
    const scopes = new RequestScopes(clock);
    const [untimed, ended] = [scopes.begin(undefined, 100, tooLate), scopes.begin(undefined, 100, tooLate)];
    untimed.clearDeadline();
    ended.end();
    assert.equal(clock.pending, 0);
    scopes.abortAll();
    assert.equal(ended.signal.aborted, false);
    assert.equal(untimed.signal.aborted, true);
  });

  it("may get another deadline, which counts from then on and says so", async () => {
    const clock = new FakeClock();
    const scope = new RequestScopes(clock).begin(undefined, 100, (ms) => new Error(`after ${ms}`));
    scope.setDeadline(500);
    await clock.advance(499);
    assert.equal(scope.signal.aborted, false);
    await clock.advance(1);
    assert.equal(String(scope.signal.reason), "Error: after 500");
    assert.equal(clock.pending, 0);
  });

  it("begun after the cut is over at once", () => {
    const scopes = new RequestScopes(new FakeClock());
    scopes.abortAll();
    assert.equal(scopes.begin(undefined, 100, tooLate).signal.aborted, true);
  });
});

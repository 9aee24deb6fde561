import assert from "node:assert/strict";
import { codeOf, FatalError, RetryableError, type HikvisionError } from "../../src/lib/errors";
import { PathFallback } from "../../src/isapi/path-fallback";
import { say } from "../../src/lib/sentence";
import { FakeClock } from "../support/fake-clock";

const TEN_MINUTES = 10 * 60_000;
const refused = (code: FatalError["code"] = "notSupported") => new FatalError(code, say`No.`, { statusCode: 403 });

/** Families a, b, c of which some answer; `asked` says which were asked. */
function device(answers: Record<string, HikvisionError | string>) {
  const clock = new FakeClock();
  const families = new PathFallback(["a", "b", "c"], clock);
  let asked = "";
  async function ask(of = "channel 1", exactly?: string): Promise<string> {
    asked = "";
    return families.ask({ of, ...(exactly !== undefined && { exactly }) }, (family) => {
      asked += family;
      const answer = answers[family]!;
      return typeof answer === "string" ? Promise.resolve(answer) : Promise.reject(answer);
    });
  }
  return {
    clock,
    answers,
    /** The families asked, then what came of it: the answer, or the error's code. */
    outcome: async (...subject: Parameters<typeof ask>): Promise<string> => {
      const answer = await ask(...subject).catch((error: unknown) => `!${codeOf(error)}`);
      return `${asked} ${answer}`;
    },
  };
}

describe("path families", () => {
  it("are tried in turn once, and only the one that answers from then on", async () => {
    const { outcome } = device({ a: refused(), b: "B", c: "C" });
    assert.equal(await outcome(), "ab B");
    for (let i = 0; i < 10; i++) assert.equal(await outcome(), "b B");
  });

  it("are found for each channel by itself", async () => {
    const { outcome } = device({ a: refused(), b: "B", c: "C" });
    await outcome("channel 1");
    assert.equal(await outcome("channel 2"), "ab B");
  });

  it("share what was found between the streams of a channel, but not a refusal", async () => {
    const { outcome, answers } = device({ a: refused("badRequest"), b: refused(), c: refused() });
    assert.equal(await outcome("channel 1", "103"), "abc !badRequest");
    answers["b"] = "B";
    assert.equal(await outcome("channel 1", "101"), "ab B");
    assert.equal(await outcome("channel 1", "102"), "b B");
  });

  for (const code of ["notSupported", "badRequest", "notFound", "notIsapi"] as const) {
    it(`that answer ${code} are passed over`, async () => {
      assert.equal(await device({ a: refused(code), b: "B", c: "C" }).outcome(), "ab B");
    });
  }

  it("are passed over when a 403 gives no reason, but not when the user lacks the right", async () => {
    assert.equal(await device({ a: refused("forbidden"), b: "B", c: "C" }).outcome(), "ab B");
    const lacking = new FatalError("forbidden", say`No.`, { statusCode: 403, subStatusCode: "lowPrivilege" });
    assert.equal(await device({ a: lacking, b: "B", c: "C" }).outcome(), "a !forbidden");
  });

  for (const code of ["offline", "timeout", "busy", "protocol"] as const) {
    it(`are not blamed for ${code}: it is thrown at once, and the next time all are tried again`, async () => {
      const { outcome, answers } = device({ a: new RetryableError(code, say`Later.`), b: "B", c: "C" });
      assert.equal(await outcome(), `a !${code}`);
      answers["a"] = refused();
      assert.equal(await outcome(), "ab B");
    });
  }

  it("that all refuse cost one request each further time, and are all tried again after ten minutes", async () => {
    const { outcome, answers, clock } = device({ a: refused("badRequest"), b: refused(), c: refused() });
    assert.equal(await outcome(), "abc !badRequest");
    for (let i = 0; i < 10; i++) assert.equal(await outcome(), "a !badRequest");
    answers["c"] = "C";
    await clock.advance(TEN_MINUTES);
    assert.equal(await outcome(), "abc C");
    assert.equal(await outcome(), "c C");
  });

  it("that worked are asked alone when they begin to refuse; after ten minutes the others, too", async () => {
    const { outcome, answers, clock } = device({ a: refused(), b: "B", c: refused() });
    await outcome();
    answers["b"] = refused("badRequest");
    answers["c"] = "C";
    for (let i = 0; i < 10; i++) assert.equal(await outcome(), "b !badRequest");
    await clock.advance(TEN_MINUTES);
    assert.equal(await outcome(), "bac C");
  });

  it("that work stay known however rarely they are used", async () => {
    const { outcome, clock } = device({ a: refused(), b: refused(), c: "C" });
    await outcome();
    await clock.advance(24 * 60 * 60_000);
    assert.equal(await outcome(), "c C");
  });
});

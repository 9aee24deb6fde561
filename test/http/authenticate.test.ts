import { strict as assert } from "node:assert";
import type { Dispatcher } from "undici";
import { systemChance } from "../../src/lib/clock";
import { authenticate } from "../../src/http/authenticate";
import { Login } from "../../src/http/login";
import { FakeClock, settle } from "../support/fake-clock";

/** What a real server cannot be timed to do; everything else is in login.test.ts and device-http.test.ts. */
describe("the login interceptor", () => {
  const setUp = () => {
    const stop = new AbortController();
    const clock = new FakeClock();
    const sent: Dispatcher.DispatchHandler[] = [];
    const errors: unknown[] = [];
    const lingering: Promise<void>[] = [];
    const login = new Login(clock, systemChance);
    const interceptor = authenticate({
      login,
      credentials: { username: "admin", password: "right" },
      basic: "plain",
      signal: stop.signal,
      clock,
      explain: (error) => error as Error,
      onLinger: (over) => lingering.push(over),
    });
    const dispatch = interceptor((_options, handler) => {
      sent.push(handler);
      return true;
    });
    const aborts: unknown[] = [];
    const controller: Dispatcher.DispatchController = {
      aborted: false,
      paused: false,
      reason: null,
      abort: (reason) => void aborts.push(reason),
      pause: () => undefined,
      resume: () => undefined,
    };
    const start = async (): Promise<void> => {
      dispatch(
        { method: "GET", path: "/" },
        { onRequestStart: () => undefined, onResponseError: (_controller, error) => void errors.push(error) },
      );
      await settle();
    };
    return { stop, clock, sent, errors, lingering, login, aborts, controller, start };
  };

  it("tells the caller at once that it was stopped while connecting, and sends nothing when the connection comes", async () => {
    const { stop, sent, errors, aborts, controller, start } = setUp();
    await start();
    const reason = new Error("stop");
    stop.abort(reason);
    assert.deepEqual(errors, [reason]);
    sent[0]?.onRequestStart?.(controller, {});
    assert.deepEqual(aborts, [reason]);
  });

  it("hears the verdict after the caller has gone, for 0.8 s and no longer", async () => {
    const { stop, clock, sent, errors, lingering, login, aborts, controller, start } = setUp();
    await start();
    sent[0]?.onRequestStart?.(controller, {});
    sent[0]?.onResponseStart?.(controller, 401, { "www-authenticate": 'Digest realm="r", nonce="n"' });
    sent[0]?.onResponseEnd?.(controller, {});
    sent[1]?.onRequestStart?.(controller, {});
    stop.abort(new Error("stop"));
    assert.equal(errors.length, 1);
    assert.equal(lingering.length, 1);
    await clock.advance(799);
    assert.deepEqual(aborts, []);
    await clock.advance(1);
    assert.equal(aborts.length, 1);
    sent[1]?.onResponseError?.(controller, new Error("aborted"));
    await lingering[0];
    assert.equal(errors.length, 1, "the caller is told once");
    assert.equal(login.refused, false);
    assert.equal(clock.pending, 0);
  });

  it("uses a verdict that came after the caller had gone: the next request needs no challenge", async () => {
    const { stop, clock, sent, lingering, login, aborts, controller, start } = setUp();
    await start();
    sent[0]?.onRequestStart?.(controller, {});
    sent[0]?.onResponseStart?.(controller, 401, { "www-authenticate": 'Digest realm="r", nonce="n", qop="auth"' });
    sent[0]?.onResponseEnd?.(controller, {});
    sent[1]?.onRequestStart?.(controller, {});
    stop.abort(new Error("stop"));
    sent[1]?.onResponseStart?.(controller, 200, {});
    assert.equal(aborts.length, 1, "nobody wants the body");
    sent[1]?.onResponseError?.(controller, new Error("aborted"));
    await lingering[0];
    assert.equal(clock.pending, 0);
    const turn = await login.acquire({ fresh: false, basic: "plain" }, new AbortController().signal);
    const answer = login.authorization(turn, { username: "admin", password: "right" }, "GET", "/");
    assert.match(answer ?? "", /nc=00000002/);
  });

  it("survives a dispatcher that throws", async () => {
    const { errors } = setUp();
    const broken = authenticate({
      login: new Login(new FakeClock(), systemChance),
      credentials: { username: "admin", password: "right" },
      basic: "plain",
      signal: new AbortController().signal,
      clock: new FakeClock(),
      explain: (error) => error as Error,
      onLinger: () => undefined,
    })(() => {
      throw new Error("broken");
    });
    broken({ method: "GET", path: "/" }, { onResponseError: (_controller, error) => void errors.push(error) });
    await settle();
    assert.match(String(errors[0]), /broken/);
  });
});

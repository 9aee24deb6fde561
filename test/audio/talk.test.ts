import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { talk } from "../../src/audio/talk";
import { codeOf } from "../../src/lib/errors";
import { FakeClock } from "../support/fake-clock";

const SECOND = 1_000;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
/** Two seconds. */
const SOUND = {
  codec: "G.711ulaw",
  seconds: 2,
  frames: Array.from({ length: 100 }, () => ({ bytes: Buffer.alloc(160), ms: 20 })),
};

/** The far end of a socket: reads what is written, unless it is deaf. */
class FakeSocket extends Duplex {
  written = 0;
  constructor(readonly deaf = false) {
    super({ writableHighWaterMark: 1_024, emitClose: true });
  }
  override _read(): void {
    // What comes is pushed.
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.length;
    if (!this.deaf || this.written < 1_000) done();
  }
}

describe("a talk", () => {
  let clock: FakeClock;
  let socket: FakeSocket;
  let calls: string[];
  let caller: AbortController;
  /** Paths that are never answered. */
  let hanging: RegExp;

  beforeEach(() => {
    clock = new FakeClock();
    socket = new FakeSocket();
    calls = [];
    caller = new AbortController();
    hanging = /^$/;
  });

  /** How it ends, and after how many seconds. */
  async function outcome(seconds: number): Promise<{ code: string | undefined; after: number }> {
    const put = async (path: string, _body: unknown, options: { signal?: AbortSignal; timeoutMs?: number } = {}) => {
      calls.push(path.split("/").at(-1) ?? "");
      if (hanging.test(path)) await clock.wait(options.timeoutMs ?? 10 * SECOND, options.signal);
      return undefined;
    };
    let end: { code: string | undefined; after: number } | undefined;
    void talk(
      {
        isapi: { put, get: () => Promise.reject(new Error("not asked")) },
        http: {
          address: { protocol: "http", host: "10.0.0.5", port: 80 },
          authorization: () => Promise.resolve(undefined),
          openSocket: () => Promise.resolve(socket as unknown as Socket),
        },
        clock,
        channel: 1,
      },
      SOUND,
      caller.signal,
    ).then(
      () => (end = { code: undefined, after: clock.elapsed() / SECOND }),
      (error: unknown) => (end = { code: codeOf(error) ?? String(error), after: clock.elapsed() / SECOND }),
    );
    for (let ms = 0; ms < seconds * SECOND && !end; ms += 100) await clock.advance(100);
    assert.ok(end, `it goes on after ${seconds} s`);
    return end;
  }

  /** Once the device has the request. */
  function answer(give: () => void): void {
    void clock.wait(400).then(give);
  }

  it("ends when the sound has ended", async () => {
    answer(() => socket.push(OK));
    const { code, after } = await outcome(60);
    assert.equal(code, undefined);
    assert.ok(after < 3, `after ${after} s`);
    assert.deepEqual(calls, ["close", "open", "close"]);
    assert.ok(socket.destroyed);
    assert.equal(clock.pending, 0);
  });

  for (const [what, give] of [
    ["says nothing", () => undefined],
    ["drips its answer", () => drip("HTTP/1.1 200 OK\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")],
    ["drips a head without end", () => drip("HTTP/1.1 200 OK\r\n".padEnd(5_000, "x"))],
  ] as const) {
    it(`is a timeout within 6 s where the device ${what}, and the channel is closed`, async () => {
      answer(give);
      const { code, after } = await outcome(120);
      assert.equal(code, "timeout");
      assert.ok(after < 6, `after ${after} s`);
      assert.deepEqual(calls, ["close", "open", "close"]);
      assert.ok(socket.destroyed);
    });
  }

  function drip(text: string): void {
    const [first = "", rest] = [text[0], text.slice(1)];
    if (socket.destroyed || first === "") return;
    socket.push(first);
    void clock.wait(200).then(() => drip(rest));
  }

  it("ends at once where junk comes in place of an answer", async () => {
    answer(() => socket.push(Buffer.alloc(100, 0x80)));
    const { code, after } = await outcome(60);
    assert.equal(code, "protocol");
    assert.ok(after < 1, `after ${after} s`);
  });

  it("is a timeout where the device accepts the sound and does not read it", async () => {
    socket = new FakeSocket(true);
    answer(() => socket.push(OK));
    const { code, after } = await outcome(120);
    assert.equal(code, "timeout");
    assert.ok(after < 14, `after ${after} s`);
  });

  for (const what of ["before the answer", "in the middle of the sound", "while the device does not read"]) {
    it(`is stopped within 4 s ${what}, also where the device does not answer the close`, async () => {
      socket = new FakeSocket(what === "while the device does not read");
      if (what !== "before the answer") answer(() => socket.push(OK));
      void clock.wait(1_500).then(() => {
        hanging = /close/;
        caller.abort();
      });
      const { code, after } = await outcome(60);
      assert.equal(code, "aborted");
      assert.ok(after <= 1.5 + 4, `after ${after} s`);
      assert.equal(calls.at(-1), "close");
    });
  }

  it("closes the channel when it is stopped while the device opens it", async () => {
    hanging = /open/;
    void clock.wait(1_500).then(() => caller.abort());
    const { code } = await outcome(60);
    assert.equal(code, "aborted");
    assert.deepEqual(calls, ["close", "open", "close"]);
  });
});

/** One session for all who watch: joining, falling behind, leaving, and every way it can end. */
import assert from "node:assert/strict";
import type { HikvisionError } from "../../src/lib/errors";
import { FatalError } from "../../src/lib/errors";
import { say } from "../../src/lib/sentence";
import type { MediaSink, RtspSession } from "../../src/rtsp/rtsp-session";
import { VideoSource, type ViewerSink, type VideoSourceOptions } from "../../src/video/video-source";
import { FakeClock } from "../support/fake-clock";
import { stillFilm } from "../virtual-device";

const film = stillFilm({ channel: 1, channelName: "", stream: 1, zone: "UTC0", startMs: 0, live: true });
const sets = { codec: "h264", vps: [], sps: film.sets.slice(0, 1), pps: film.sets.slice(1) } as const;

class Screen implements ViewerSink {
  mime: string | undefined;
  /** "ftyp" of an init, "key" or "picture" of a fragment. */
  readonly got: string[] = [];
  queued = 0;
  end: { readonly error: HikvisionError | undefined } | undefined;
  begin(mime: string): void {
    assert.equal(this.mime, undefined);
    this.mime = mime;
  }
  write(bytes: Buffer): void {
    const name = bytes.toString("latin1", 4, 8);
    const key =
      bytes.includes(Buffer.from("0200000000000000", "hex").subarray(0, 4)) &&
      bytes.includes(film.frame(0).nals[0] ?? "");
    this.got.push(name === "ftyp" ? name : key ? "key" : "picture");
  }
  ended(error: HikvisionError | undefined): void {
    assert.equal(this.end, undefined);
    this.end = { error };
  }
}

class Rig {
  readonly clock = new FakeClock();
  sink: MediaSink | undefined;
  sessions = 0;
  paused = false;
  closed = 0;
  gone = 0;
  #next = 0;
  readonly source: VideoSource;

  constructor(options: Partial<VideoSourceOptions> = {}) {
    this.source = new VideoSource({
      open: (sink) => {
        this.sink = sink;
        this.sessions += 1;
        return Promise.resolve({
          described: {},
          play: () => Promise.resolve(),
          pause: () => (this.paused = true),
          resume: () => (this.paused = false),
          close: () => (this.closed += 1),
        } as unknown as RtspSession);
      },
      play: {},
      live: true,
      startAt: 0,
      lingerMs: 5000,
      clock: this.clock,
      onClosed: () => (this.gone += 1),
      ...options,
    });
  }

  async settled(): Promise<this> {
    await this.clock.advance(0);
    return this;
  }
  /** Every second one is a key picture; ten a second. */
  async show(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const { key, nals } = film.frame(this.#next);
      this.sink?.picture({ ticks: 0, seconds: this.#next / 10, key, nals, bytes: 100, sets });
      this.#next += 1;
      await this.clock.advance(100);
    }
  }
  join(): { screen: Screen; leave: () => void } {
    const screen = new Screen();
    const leave = this.source.add(screen);
    assert.ok(leave);
    return { screen, leave };
  }
}

describe("the source of a video", () => {
  it("has one session for all, and everybody begins with a key picture", async () => {
    const rig = await new Rig().settled();
    const first = rig.join();
    await rig.show(4);
    assert.deepEqual(first.screen.got, ["ftyp", "key", "picture", "key"]);
    assert.match(first.screen.mime ?? "", /avc1/);
    const late = rig.join();
    assert.deepEqual(late.screen.got, ["ftyp", "key"], "at once, from what is kept");
    await rig.show(1);
    assert.deepEqual(late.screen.got, ["ftyp", "key", "picture"]);
    assert.equal(rig.sessions, 1);
    rig.source.close();
    assert.equal(rig.clock.pending, 0);
  });

  it("is closed five seconds after the last viewer, not before, and not while somebody comes", async () => {
    const rig = await new Rig().settled();
    const { leave } = rig.join();
    leave();
    leave();
    await rig.clock.advance(4900);
    const { leave: again } = rig.join();
    await rig.clock.advance(10_000);
    assert.equal(rig.closed, 0);
    again();
    await rig.clock.advance(5000);
    assert.deepEqual([rig.closed, rig.gone, rig.clock.pending], [1, 1, 0]);
    assert.equal(rig.source.add(new Screen()), undefined);
  });

  it("lets who is slow go on at a key picture, and nobody else notices", async () => {
    const rig = await new Rig().settled();
    const [slow, quick] = [rig.join().screen, rig.join().screen];
    await rig.show(2);
    slow.queued = 100_000;
    await rig.show(20);
    const stuck = slow.got.length;
    assert.ok(stuck < quick.got.length - 5, "is not fed any more");
    slow.queued = 0;
    await rig.show(4);
    assert.equal(slow.got[stuck], "key");
    assert.equal(quick.got.filter((one) => one !== "ftyp").length, 25);
    slow.queued = 3_000_000;
    const before = slow.got.length;
    await rig.show(4);
    assert.ok(slow.got.length <= before + 1, "at once where much is queued");
    rig.source.close();
  });

  it("holds a recording back for who is slow, and sends away who takes nothing for a minute", async () => {
    const rig = await new Rig({ live: false }).settled();
    const { screen } = rig.join();
    await rig.show(2);
    screen.queued = 2_000_000;
    await rig.show(1);
    assert.equal(rig.paused, true);
    screen.queued = 0;
    await rig.clock.advance(200);
    assert.equal(rig.paused, false);
    screen.queued = 2_000_000;
    await rig.show(1);
    await rig.clock.advance(61_000);
    assert.equal(screen.end?.error?.code, "timeout");
    await rig.clock.advance(6000);
    assert.deepEqual([rig.closed, rig.clock.pending], [1, 0]);
  });

  it("ends a recording at its end, by silence too, and a live video that ends is an error", async () => {
    const timed = await new Rig({ live: false, endAt: 0.35 }).settled();
    const { screen } = timed.join();
    await timed.show(6);
    assert.deepEqual(screen.end, { error: undefined });
    assert.equal(screen.got.filter((one) => one !== "ftyp").length, 4);
    const silent = await new Rig({ live: false, endAt: 1 }).settled();
    const quiet = silent.join().screen;
    await silent.show(3);
    await silent.clock.advance(2000);
    assert.deepEqual(quiet.end, { error: undefined });
    assert.equal(silent.clock.pending, 0);
    const cut = await new Rig({ live: false, endAt: 60 }).settled();
    const early = cut.join().screen;
    await cut.show(3);
    cut.sink?.ended(undefined);
    assert.equal(early.end?.error?.code, "offline", "a connection that is lost long before the end");
    const live = await new Rig().settled();
    const lost = live.join().screen;
    await live.show(2);
    live.sink?.ended(undefined);
    assert.equal(lost.end?.error?.code, "offline");
    assert.equal(live.clock.pending, 0);
  });

  it("does not take a viewer who is waited for near the end for the end", async () => {
    const rig = await new Rig({ live: false, endAt: 1 }).settled();
    const { screen } = rig.join();
    await rig.show(2);
    screen.queued = 2_000_000;
    await rig.show(1);
    await rig.clock.advance(5_000);
    assert.equal(screen.end, undefined);
    screen.queued = 0;
    await rig.clock.advance(5_000);
    assert.deepEqual(screen.end, { error: undefined });
    assert.equal(rig.clock.pending, 0);
  });

  it("tells everybody why it could not be opened, and that nothing comes", async () => {
    const rig = new Rig({ open: () => Promise.reject(new FatalError("forbidden", say`no`)) });
    const { screen } = rig.join();
    await rig.settled();
    assert.equal(screen.end?.error?.code, "forbidden");
    assert.equal(rig.clock.pending, 0);
    const empty = await new Rig().settled();
    const waiting = empty.join().screen;
    await empty.clock.advance(20_000);
    assert.equal(waiting.end?.error?.code, "timeout");
    assert.equal(empty.closed, 1);
  });

  it("closes a session that opens after its end", async () => {
    let closed = 0;
    let opened: ((session: RtspSession) => void) | undefined;
    const rig = new Rig({ open: () => new Promise((resolve) => (opened = resolve)) });
    rig.source.close();
    opened?.({ close: () => (closed += 1) } as unknown as RtspSession);
    await rig.settled();
    assert.equal(closed, 1);
    assert.equal(rig.clock.pending, 0);
  });
});

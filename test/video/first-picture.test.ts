/** A video that is played up to its first picture: what is told of it, and that it is ended whatever happens. */
import assert from "node:assert/strict";
import { FatalError } from "../../src/lib/errors";
import { say } from "../../src/lib/sentence";
import type { MediaSink, RtspSession } from "../../src/rtsp/rtsp-session";
import { firstPicture, type FirstPicture } from "../../src/video/first-picture";
import { FakeClock } from "../support/fake-clock";
import { stillFilm } from "../virtual-device";

const film = stillFilm({ channel: 1, channelName: "", stream: 1, zone: "UTC0", startMs: 0, live: true });
const sets = { codec: "h264", vps: [], sps: film.sets.slice(0, 1), pps: film.sets.slice(1) } as const;

class Rig {
  readonly clock = new FakeClock();
  readonly controller = new AbortController();
  closed = 0;
  sink: MediaSink | undefined;
  readonly result: Promise<FirstPicture>;

  constructor(play: () => Promise<object> = () => Promise.resolve({}), described: object = {}) {
    const open = (sink: MediaSink): Promise<RtspSession> => {
      this.sink = sink;
      return Promise.resolve({
        described: { codec: "h264", sets, ...described },
        play,
        close: () => (this.closed += 1),
      } as unknown as RtspSession);
    };
    this.result = firstPicture(open, this.clock, this.controller.signal);
    this.result.catch(() => undefined);
  }
  picture(index: number): void {
    this.sink?.picture({ ticks: 0, seconds: index / 10, bytes: 100, sets, ...film.frame(index) });
  }
}

describe("the first picture of a video", () => {
  it("is the first key picture, with its size, its sound and how long it took", async () => {
    const rig = new Rig(undefined, { otherAudio: "PCMU" });
    await rig.clock.advance(500);
    rig.picture(1);
    await rig.clock.advance(320);
    rig.picture(2);
    const expected = { codec: "H.264", width: 64, height: 64, seconds: 0.82, sound: "PCMU" };
    assert.deepEqual(await rig.result, expected);
    assert.equal(rig.closed, 1);
  });

  const refusal = new FatalError("notFound", say`No.`);
  for (const [what, happens, code, play] of [
    ["does not come", (rig: Rig) => rig.clock.advance(20_000), "timeout", undefined],
    ["is not waited for any more", (rig: Rig) => rig.controller.abort(), "aborted", undefined],
    ["is not waited for while the device does not answer", (rig: Rig) => rig.controller.abort(), "aborted", "silent"],
    ["does not come before the device ends the video", (rig: Rig) => rig.sink?.ended(undefined), "timeout", undefined],
    ["does not come before the connection breaks", (rig: Rig) => rig.sink?.ended(refusal), "notFound", "silent"],
    ["is refused", () => undefined, "notFound", "refused"],
  ] as const)
    it(`${what}: ${code}, and the session is ended`, async () => {
      const rig = new Rig(() =>
        play === "silent"
          ? new Promise(() => undefined)
          : play === "refused"
            ? Promise.reject(refusal)
            : Promise.resolve({}),
      );
      await rig.clock.advance(0);
      await happens(rig);
      await assert.rejects(rig.result, { code });
      assert.equal(rig.closed, 1);
    });
});

import assert from "node:assert/strict";
import { Isapi } from "../../src/isapi/isapi";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { parseXml, type XmlDocument } from "../../src/isapi/xml";
import { SearchBudget, searchTrack } from "../../src/recordings/search";
import { FakeClock } from "../support/fake-clock";
import { archiveOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";

const MINUTE = 60_000;
const DAY = Date.parse("2026-05-01T00:00:00Z");
const QUERY = { track: 101, start: "2026-05-01T00:00:00Z", end: "2026-05-01T23:59:59Z", recordType: "all" } as const;

type Archive = ReturnType<typeof archiveOf>;
type Behaviour = Partial<Pick<Archive, "pageCap" | "positions" | "more" | "statusTag" | "totalMatches">> &
  Partial<Pick<Archive, "trackSpelling" | "otherSpelling">>;

describe("a search for recordings", () => {
  let device: VirtualDevice;
  let http: DeviceHttp;
  let isapi: Isapi;

  before(async () => {
    device = await startVirtualDevice({ model: "nvr" });
    http = new DeviceHttp({
      identity: { id: "1", name: "Front", host: device.host },
      address: { protocol: "http", host: device.host, port: device.port },
      credentials: { username: device.username, password: device.password },
      tls: { mode: "verify" },
      basic: false,
      logins: new Logins(),
    });
    isapi = new Isapi(http);
  });
  beforeEach(() => archiveOf(device).all.splice(0));
  after(async () => {
    isapi.close();
    await http.close();
    await device.close();
  });

  /** The names that came, and how many questions that took. */
  async function search(
    behaviour: Behaviour,
    query: Partial<typeof QUERY> = {},
  ): Promise<{ names: string[]; asked: number }> {
    const archive = archiveOf(device);
    Object.assign(archive, {
      pageCap: 64,
      positions: "matches",
      more: "right",
      statusTag: "responseStatusStrg",
      totalMatches: false,
      trackSpelling: "trackIDList",
      otherSpelling: "channel 1",
      ...behaviour,
    });
    const before = device.requests.filter(({ authorized }) => authorized).length;
    const names: string[] = [];
    for await (const { name } of searchTrack(isapi, { ...QUERY, ...query })) names.push(name ?? "?");
    return { names, asked: device.requests.filter(({ authorized }) => authorized).length - before };
  }

  function record(count: number, minutes = 5): string[] {
    return Array.from({ length: count }, (_, i) => {
      const startMs = DAY + i * minutes * MINUTE;
      return archiveOf(device).add({ startMs, endMs: startMs + minutes * MINUTE }).name;
    });
  }

  const behaviours: readonly (readonly [string, Behaviour])[] = [
    ["that does as it is told", {}],
    ["that caps its pages at 7", { pageCap: 7 }],
    ["that ignores the position", { positions: "ignored" }],
    ["that ignores the position and caps its pages at 7", { positions: "ignored", pageCap: 7 }],
    ["that ignores the position and says MORE for ever", { positions: "ignored", more: "always" }],
    ["that counts positions in pages", { positions: "pages" }],
    ["that keeps its place by searchID", { positions: "bySearchId", pageCap: 30 }],
    ["that says MORE for ever", { more: "always" }],
    ["that says OK on every page", { more: "never" }],
    ["that tells the total, and OK on every page", { more: "never", totalMatches: true, pageCap: 11 }],
    ["that spells the status otherwise", { statusTag: "responseStatusStrp", pageCap: 20 }],
  ];
  for (const [what, habit] of behaviours) {
    for (const count of [0, 1, 39, 40, 41, 100, 130]) {
      it(`finds ${count} recordings, each once and in order, on a device ${what}`, async () => {
        const names = record(count);
        const { names: found, asked } = await search(habit);
        assert.deepEqual(found, names);
        assert.ok(asked <= 8 + (2.5 * count) / Math.min(40, habit.pageCap ?? 40), `${asked} questions`);
      });
    }
  }

  it("is refused where the device answers without a list", async () => {
    const silent = { post: () => Promise.resolve(undefined) };
    const found = searchTrack(silent, QUERY);
    await assert.rejects(found[Symbol.asyncIterator]().next(), { code: "protocol" });
  });

  it("needs one question for what fits on a page", async () => {
    const names = record(12);
    assert.deepEqual(await search({}), { names, asked: 1 });
  });

  it("ends where one long recording is all there is, and the device says MORE", async () => {
    const [name] = record(1, 24 * 60);
    const { names, asked } = await search({ positions: "ignored", more: "always" });
    assert.deepEqual(names, [name]);
    assert.ok(asked <= 4, `${asked} questions`);
  });

  it("finds what touches the edges of the span, and nothing else", async () => {
    const names = record(12, 60);
    const { names: found } = await search(
      {},
      { start: "2026-05-01T02:30:00Z" as never, end: "2026-05-01T04:30:00Z" as never },
    );
    assert.deepEqual(found, names.slice(2, 5));
  });

  it("asks for one kind of recording, or for pictures", async () => {
    const archive = archiveOf(device);
    const span = { startMs: DAY, endMs: DAY + MINUTE };
    const motion = archive.add({ ...span, recordType: "motion" });
    const timing = archive.add({ ...span, recordType: "timing" });
    const picture = archive.add({ ...span, kind: "picture" });
    const found = async (query: object): Promise<string[]> => (await search({}, query)).names;
    assert.deepEqual(await found({ recordType: "motion" }), [motion.name]);
    assert.deepEqual(await found({ recordType: "timing" }), [timing.name]);
    assert.deepEqual(await found({}), [motion.name, timing.name]);
    assert.deepEqual(await found({ recordType: "picture", track: 103 }), [picture.name]);
  });

  describe("of a channel, on a device that knows another spelling of the track", () => {
    beforeEach(() => {
      record(1);
      archiveOf(device).add({ startMs: DAY, endMs: DAY + MINUTE, channel: 2, name: "of channel 2" });
      isapi = new Isapi(http);
    });

    for (const trackSpelling of ["trackIDList", "trackList", "trackID"] as const) {
      for (const otherSpelling of ["channel 1", "refused"] as const) {
        it(`finds its own recordings with ${trackSpelling} where another spelling is ${otherSpelling}`, async () => {
          const habit = { trackSpelling, otherSpelling };
          assert.deepEqual((await search(habit, { track: 201 as never })).names, ["of channel 2"]);
          assert.deepEqual(await search(habit, { track: 201 as never }), { names: ["of channel 2"], asked: 1 });
        });
      }
    }

    it("pages on in the spelling that was understood", async () => {
      archiveOf(device).all.splice(0);
      const names = Array.from({ length: 90 }, (_, i) => {
        const startMs = DAY + i * MINUTE;
        return archiveOf(device).add({ startMs, endMs: startMs + MINUTE, channel: 2 }).name;
      });
      record(1);
      const { names: found } = await search({ trackSpelling: "trackList" }, { track: 201 as never });
      assert.deepEqual(found, names);
    });

    it("finds nothing where that channel has none", async () => {
      const { names } = await search({ trackSpelling: "trackList" }, { track: 301 as never });
      assert.deepEqual(names, []);
    });

    it("finds nothing where that channel has none, and the usual spelling is refused", async () => {
      const habit = { trackSpelling: "trackList", otherSpelling: "refused" } as const;
      assert.deepEqual(await search(habit, { track: 301 as never }), { names: [], asked: 3 });
    });

    it("is refused for a channel that does not exist, whatever the spelling it knows", async () => {
      for (const trackSpelling of ["trackIDList", "trackList"] as const) {
        isapi = new Isapi(http);
        for (const otherSpelling of ["channel 1", "refused"] as const)
          await assert.rejects(search({ trackSpelling, otherSpelling }, { track: 9901 as never }), {
            code: "badRequest",
          });
      }
    });

    it("is an error where it answers for channel 1 whatever the spelling", async () => {
      const habit = { trackSpelling: "another" as never };
      await assert.rejects(search(habit, { track: 201 as never }), {
        code: "protocol",
        message: /recordings of channel 2, the device answers with those of another/,
      });
      assert.equal((await search(habit)).names.length, 1);
    });

    it("is the first refusal where all spellings are refused", async () => {
      const habit = { trackSpelling: "another" as never, otherSpelling: "refused" } as const;
      await assert.rejects(search(habit, { track: 201 as never }), { code: "badRequest" });
    });
  });

  it("takes no recording of another track for one of this channel, whether its number or its address says so", async () => {
    const item = (track: string, uri: string): string =>
      `<searchMatchItem>${track}<timeSpan><startTime>2026-05-01T01:00:00Z</startTime><endTime>2026-05-01T01:01:00Z</endTime></timeSpan><mediaSegmentDescriptor><playbackURI>${uri}</playbackURI></mediaSegmentDescriptor></searchMatchItem>`;
    const answering = (...items: string[]): Pick<Isapi, "post"> => ({
      post: () =>
        Promise.resolve(parseXml(`<CMSearchResult><matchList>${items.join("")}</matchList></CMSearchResult>`)),
    });
    const found = async (...items: string[]): Promise<string[]> => {
      const names: string[] = [];
      const budget = new SearchBudget(new FakeClock());
      for await (const { playbackUri } of searchTrack(answering(...items), { ...QUERY, track: 201 }, undefined, budget))
        names.push(playbackUri);
      return names;
    };
    const own = "rtsp://h/Streaming/tracks/201?name=a";
    for (const foreign of [
      item("", "rtsp://h/Streaming/tracks/101?name=b"),
      item("<trackID>101</trackID>", "rtsp://h/b"),
      item("<trackID>101</trackID>", own),
      item("<trackID>201</trackID>", "rtsp://h/ISAPI/Streaming/Tracks/101/?name=b"),
      item("<trackID>203</trackID>", "rtsp://h/b"),
    ]) {
      await assert.rejects(found(foreign), { code: "protocol" }, foreign);
      assert.deepEqual(await found(foreign, item("<trackID>201</trackID>", own)), [own]);
    }
    assert.deepEqual(await found(item("", "rtsp://h/a")), ["rtsp://h/a"], "nothing says that it is another's");
  });

  describe("of a device that always has more", () => {
    let sent = 0;
    const hit = (uri = "rtsp://10.0.0.5/Streaming/tracks/101/"): string => {
      const time = new Date(DAY + 1_000 * sent++).toISOString().slice(0, 19);
      return `<searchMatchItem><trackID>101</trackID><timeSpan><startTime>${time}Z</startTime><endTime>${time}Z</endTime></timeSpan><mediaSegmentDescriptor><playbackURI>${uri}</playbackURI></mediaSegmentDescriptor></searchMatchItem>`;
    };
    const endless = (item = hit, onPage: () => Promise<void> = () => Promise.resolve()): Pick<Isapi, "post"> => ({
      post: async (): Promise<XmlDocument> => {
        await onPage();
        const items = Array.from({ length: 40 }, () => item()).join("");
        return parseXml(`<CMSearchResult><matchList>${items}</matchList></CMSearchResult>`);
      },
    });
    async function drain(from: Pick<Isapi, "post">, budget: SearchBudget): Promise<number> {
      let count = 0;
      for await (const match of searchTrack(from, QUERY, undefined, budget)) count += match.track === 101 ? 1 : 0;
      return count;
    }
    const LIMITS = { matches: 1_000, pages: 100, ms: MINUTE };
    beforeEach(() => (sent = 0));

    it("ends after a number of recordings, and says what was cut", async () => {
      const { elapsed } = new FakeClock();
      await assert.rejects(drain(endless(), new SearchBudget({ elapsed }, LIMITS)), {
        code: "badRequest",
        message:
          /cut off after 1000 recordings on 26 pages, in channel 1 at 2026-05-01T00:16:39Z by the device's clock/,
      });
    });

    it("ends after a number of pages, also where none of them has a usable recording", async () => {
      const nothing = (): string => "<searchMatchItem/>";
      const clock = new FakeClock();
      const few = new SearchBudget(clock, { ...LIMITS, pages: 10 });
      await assert.rejects(drain(endless(), few), /cut off after 400 recordings on 10 pages/);
      assert.equal(await drain(endless(nothing), new SearchBudget(clock, LIMITS)), 0);
    });

    it("ends after a time", async () => {
      const clock = new FakeClock();
      const slow = endless(hit, () => clock.advance(20_000));
      await assert.rejects(drain(slow, new SearchBudget(clock, LIMITS)), /cut off after 120 recordings on 3 pages/);
    });

    it("leaves out addresses that are longer than any device's, which would fill the memory", async () => {
      const long = (): string => hit(`rtsp://10.0.0.5/Streaming/tracks/101/?name=${"a".repeat(10_000)}`);
      assert.equal(await drain(endless(long), new SearchBudget(new FakeClock(), LIMITS)), 0);
    });
  });

  it("leaves the flows their turns amid a page of thousands, which only a faulty device sends", async () => {
    const match = (i: number): string => {
      const at = new Date(DAY + i * 10_000).toISOString().slice(0, 19);
      return (
        `<searchMatchItem><trackID>101</trackID><timeSpan><startTime>${at}Z</startTime><endTime>${at}Z</endTime></timeSpan>` +
        `<mediaSegmentDescriptor><contentType>video</contentType><playbackURI>rtsp://192.0.2.10/Streaming/tracks/101/` +
        `?name=a${i}&amp;size=1</playbackURI></mediaSegmentDescriptor></searchMatchItem>`
      );
    };
    const list = Array.from({ length: 8_000 }, (_, i) => match(i)).join("");
    const page = parseXml(
      `<CMSearchResult><responseStatusStrg>OK</responseStatusStrg><matchList>${list}</matchList></CMSearchResult>`,
      list.length * 2,
      500_000,
    );
    let turns = 0;
    let immediate: NodeJS.Immediate | undefined;
    const turn = (): void => {
      turns += 1;
      immediate = setImmediate(turn);
    };
    turn();
    let inThisTurn = { turn: 0, count: 0 };
    let most = 0;
    let found = 0;
    for await (const { track } of searchTrack({ post: () => Promise.resolve(page) }, QUERY)) {
      assert.equal(track, 101);
      if (inThisTurn.turn !== turns) inThisTurn = { turn: turns, count: 0 };
      most = Math.max(most, (inThisTurn.count += 1));
      if (++found === 8_000) break;
    }
    clearImmediate(immediate);
    assert.equal(found, 8_000);
    assert.ok(most < 6_000, `${most} in one turn of the event loop`);
  });
});

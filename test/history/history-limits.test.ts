/** What keeps a question to the past from lasting for ever, from telling twice, and from saying "complete" where it is not. */
import assert from "node:assert/strict";
import { EventFilter } from "../../src/events/filter";
import type { FetchPicture } from "../../src/events/pictures/assembler";
import { HistoryBudget } from "../../src/history/budget";
import { searchEventRecords } from "../../src/history/event-records";
import { History } from "../../src/history/history";
import { merged, type SourcedRow } from "../../src/history/merge";
import { digitsAt, momentIn } from "../../src/history/moments";
import { allPages } from "../../src/history/pages";
import { fetchAll } from "../../src/history/row-pictures";
import { searchPictures } from "../../src/history/stored-pictures";
import type { HistoryRow, Question, SearchIsapi } from "../../src/history/types";
import { FatalError, RetryableError } from "../../src/lib/errors";
import { say } from "../../src/lib/sentence";
import type { Recording } from "../../src/recordings/recording";
import type { Recordings } from "../../src/recordings/recordings";
import { CutOffError } from "../../src/recordings/search";
import { TimeFrame } from "../../src/time/time-frame";
import { fixedZone } from "../../src/time/zone";
import { FakeClock } from "../support/fake-clock";

const NOON = Date.parse("2026-11-20T12:00:00Z");
const RANGE = { startMs: NOON - 3_600_000, endMs: NOON + 3_600_000 };
const FRAME = new TimeFrame(fixedZone(0), "local", false);

function question(more: Partial<Question> = {}): Question {
  return {
    range: RANGE,
    channels: [1, 2, 3],
    filter: new EventFilter({}),
    anyEvent: true,
    targets: [],
    frame: FRAME,
    budget: new HistoryBudget(new FakeClock()),
    signal: undefined,
    ...more,
  };
}

describe("rows of several sources", () => {
  const row = (startMs: number, source: SourcedRow["source"]): SourcedRow => ({
    startMs,
    type: "VMD",
    channel: 1,
    source,
    raw: null,
  });
  const many = (source: SourcedRow["source"], apartMs: number, byMs = 0): readonly SourcedRow[] =>
    Array.from({ length: 20_000 }, (_, index) => row(NOON + index * apartMs + byMs, source));

  for (const apartMs of [0, 10, 10_000])
    it(`are merged in time, however many there are (${apartMs} ms apart)`, () => {
      const began = performance.now();
      const rows = merged([many("events", apartMs), many("log", apartMs, apartMs === 10_000 ? 1_000 : 0)]);
      assert.ok(performance.now() - began < 5_000);
      assert.equal(rows.length, 20_000);
    });

  it("are merged with the nearest that is free, of two as near with the earlier", () => {
    const rows = merged([
      [row(NOON, "events"), row(NOON + 2_000, "events")],
      [row(NOON + 1_000, "log"), row(NOON + 1_500, "log"), row(NOON + 1_600, "log")],
    ]);
    assert.deepEqual(
      rows.map(({ startMs, source }) => `${startMs - NOON} ${source}`),
      ["0 events", "1600 log", "2000 events"],
    );
  });
});

describe("stored pictures of several channels", () => {
  const recording = { channel: 1, start: new Date(NOON).toISOString(), playbackUri: "/p" } as Recording;
  const search = (failure: Error) => ({
    search: ({ channel }: { readonly channel?: number }) =>
      channel === 2 ? Promise.reject(failure) : Promise.resolve([recording]),
  });

  it("are not complete where one is cut, or refuses", async () => {
    for (const failure of [
      new CutOffError("badRequest", say`Cut.`),
      new FatalError("forbidden", say`Cut.`),
      new RetryableError("protocol", say`Cut.`),
    ]) {
      const { rows, cut } = await searchPictures(search(failure), question());
      assert.deepEqual([rows.length, String(cut)], [2, "Cut."]);
    }
    const { rows, cut } = await searchPictures(search(new FatalError("notFound", say`None.`)), question());
    assert.deepEqual([rows.length, cut], [2, undefined]);
  });

  it("of a channel whose search was cut off are kept, and said to be cut", async () => {
    const device = {
      search: ({ channel, onCut }: Parameters<Recordings["search"]>[0]) => {
        if (channel === 2) {
          if (!onCut) return Promise.reject(new CutOffError("badRequest", say`Cut.`));
          onCut(say`Cut.`);
        }
        return Promise.resolve([recording]);
      },
    };
    const { rows, cut } = await searchPictures(device, question());
    assert.deepEqual([rows.length, String(cut)], [3, "Cut."]);
  });

  it("are bounded by their text, too", async () => {
    const long = { ...recording, playbackUri: `/${"p".repeat(1_000)}` };
    const device = { search: () => Promise.resolve(Array.from({ length: 100 }, () => long)) };
    const budget = new HistoryBudget(new FakeClock(), { bytes: 50_000 });
    const { rows, cut } = await searchPictures(device, question({ budget }));
    assert.equal(rows.length, 100);
    assert.match(String(cut), /ended after 100 entries/);
  });

  it("are asked for only as long as the budget of all sources lasts", async () => {
    const budget = new HistoryBudget(new FakeClock(), { rows: 1 });
    const { rows, cut } = await searchPictures(search(new Error("not asked")), question({ budget }));
    assert.equal(rows.length, 1);
    assert.match(String(cut), /ended after 1 entries/);
  });
});

describe("pictures of rows", () => {
  const rows = (count = 20): HistoryRow[] =>
    Array.from({ length: count }, (_, index) => ({
      time: `${index}`,
      type: "VMD",
      label: "Motion",
      channel: 1,
      pictures: [{ url: `http://192.0.2.9/${index}` }],
      source: "events",
      raw: null,
    }));
  const offline = new RetryableError("offline", say`Gone.`);

  it("end when the device is gone, or lets nobody in any more", async () => {
    const refused = new FatalError("unauthorized", say`Wrong.`);
    for (const [failure, tries, words] of [
      [offline, 2, "The pictures from 2 on were not fetched: Gone."],
      [refused, 1, "The pictures from 1 on were not fetched: Wrong."],
    ] as const) {
      let asked = 0;
      const fetchPicture: FetchPicture = () => Promise.reject((asked++, failure));
      const reason = await fetchAll(rows(), fetchPicture, undefined, new FakeClock());
      assert.deepEqual([asked, String(reason)], [tries, words]);
    }
  });

  it("end when the device behind a router is gone, too", async () => {
    const fetchPicture: FetchPicture = ({ url }) =>
      Promise.reject(url?.startsWith("http") ? new FatalError("forbidden", say`Elsewhere.`) : offline);
    assert.match(String(await fetchAll(rows(), fetchPicture, undefined, new FakeClock())), /from 2 on .* Gone\./);
  });

  it("go on after one that did not come, and end after five minutes", async () => {
    const clock = new FakeClock();
    let asked = 0;
    const fetchPicture: FetchPicture = async () => {
      await clock.advance(31_000);
      if (asked++ % 2 === 0) throw offline;
      return {} as Awaited<ReturnType<FetchPicture>>;
    };
    const reason = await fetchAll(rows(), fetchPicture, undefined, clock);
    assert.match(String(reason), /Only the first 10 pictures/);
  });
});

describe("the budget of a question", () => {
  it("begins with its first page, not while it waits for its turn", async () => {
    const clock = new FakeClock();
    const budget = new HistoryBudget(clock);
    await clock.advance(600_000);
    assert.equal(budget.page(), undefined);
    await clock.advance(119_000);
    assert.equal(budget.page(), undefined);
    await clock.advance(1_000);
    assert.match(String(budget.page()), /on 2 pages/);
  });

  it("bounds the text of pages", async () => {
    let asked = 0;
    const ask = () => Promise.resolve({ entries: [`${asked++}`.repeat(1_000)], more: true });
    const { entries, cut } = await allPages(ask, new HistoryBudget(new FakeClock(), { bytes: 5_000 }));
    assert.equal(entries.length, 5);
    assert.match(String(cut), /ended after 5 entries/);
  });

  it("never makes the newest fewer than a shorter range had", async () => {
    const clock = new FakeClock();
    let asked = 0;
    const entry = (hoursAgo: number) => ({
      time: new Date(NOON - hoursAgo * 3_600_000).toISOString().replace(".000Z", "Z"),
      major: 5,
      minor: 75,
    });
    const isapi = {
      http: { identity: { id: "", name: "", host: "" } },
      reply: () => Promise.resolve({}),
      get: () => Promise.resolve({ value: { isSupportAcsEvent: true } }),
      // Three of the last day; of the week the oldest first, so slowly that the rest never comes.
      json: async () => {
        asked += 1;
        if (asked === 1) return { AcsEvent: { responseStatusStrg: "OK", InfoList: [entry(3), entry(2), entry(1)] } };
        await clock.advance(130_000);
        return { AcsEvent: { responseStatusStrg: "MORE", InfoList: [entry(100)] } };
      },
      post: () => Promise.reject(new FatalError("notSupported", say`No.`)),
    };
    const history = new History({
      isapi: isapi as never,
      time: { now: () => Promise.resolve(NOON), zone: fixedZone(0) },
      facts: { channels: () => Promise.resolve([]) },
      recordings: { search: () => Promise.reject(offlineError()) },
      fetchPicture: () => Promise.reject(offlineError()),
      clock,
    });
    const query = { source: "access", channels: [], events: [], targets: [], newest: 5, pictures: false } as const;
    const { rows, complete } = await history.search(query);
    assert.deepEqual([rows.length, complete], [4, false]);
    assert.ok(rows[0]?.time.startsWith("2026-11-16T08:00:00"));
  });

  it("ends the sources that were not asked yet, and says so once", async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const isapi = {
      http: { identity: { id: "", name: "", host: "" } },
      reply: () => Promise.resolve({}),
      get: (path: string) =>
        path.includes("AccessControl")
          ? Promise.resolve({ value: { isSupportAcsEvent: true } })
          : Promise.reject(new FatalError("notSupported", say`No.`)),
      json: async (_method: string, path: string) => {
        asked.push(path);
        await clock.advance(130_000);
        const entry = { time: "2026-11-20T11:59:00Z", major: 5, minor: 75 };
        return { AcsEvent: { responseStatusStrg: "MORE", InfoList: [entry] } };
      },
      post: (path: string) => Promise.reject((asked.push(path), new FatalError("notSupported", say`No.`))),
    };
    const history = new History({
      isapi: isapi as never,
      time: { now: () => Promise.resolve(NOON), zone: fixedZone(0) },
      facts: { channels: () => Promise.resolve([]) },
      recordings: { search: () => Promise.reject((asked.push("pictures"), offlineError())) },
      fetchPicture: () => Promise.reject(offlineError()),
      clock,
    });
    const query = {
      source: "auto",
      channels: [],
      events: ["AccessControllerEvent"],
      targets: [],
      pictures: false,
    } as const;
    const { sources, complete, reason } = await history.search(query);
    assert.deepEqual([sources, complete, asked.length], [["access"], false, 1]);
    assert.match(String(reason), /^The search was ended after 1 entries on 1 pages: [^.]+\. [^.]+\.$/);
  });
});

function offlineError(): RetryableError {
  return new RetryableError("offline", say`Gone.`);
}

describe("stored events of which only some say what they are", () => {
  const entry = (minute: number, eventType?: string) => ({
    startTime: `2026-11-20T12:0${minute}:00Z`,
    endTime: `2026-11-20T12:0${minute}:01Z`,
    ...(eventType !== undefined && { eventType }),
  });
  const device = (asked: string[], all: readonly unknown[], byKind: Readonly<Record<string, readonly unknown[]>>) =>
    ({
      json: (_method: string, _path: string, body: unknown) => {
        const { eventType, channels } = (
          body as { EventSearchDescription: { eventType: string; channels: readonly number[] } }
        ).EventSearchDescription;
        asked.push(`${eventType} ${channels.join()}`);
        return Promise.resolve({
          EventSearchResult: { Targets: eventType === "all" ? all : (byKind[eventType] ?? []) },
        });
      },
    }) as unknown as SearchIsapi;
  const can = {
    eventTypes: ["all", "VMD", "fielddetection"],
    behaviors: [],
    events: true,
    access: false,
    targets: false,
    pictures: false,
  };

  it("are told once each", async () => {
    const isapi = device([], [entry(1, "VMD"), entry(2), entry(1), entry(3)], {
      VMD: [entry(1), entry(2)],
      fielddetection: [entry(1)],
    });
    const { rows } = await searchEventRecords(isapi, question({ channels: [1] }), can);
    assert.deepEqual(rows.map(({ startMs, type }) => `${new Date(startMs).getUTCMinutes()} ${type}`).sort(), [
      "1 VMD",
      "1 fielddetection",
      "2 VMD",
      "3 other",
    ]);
  });

  it("are asked for no more once the budget is over", async () => {
    const asked: string[] = [];
    const budget = new HistoryBudget(new FakeClock(), { pages: 2 });
    const { rows, cut } = await searchEventRecords(device(asked, [entry(1)], {}), question({ budget }), can);
    assert.deepEqual(asked, ["all 1", "VMD 1"]);
    assert.deepEqual(
      rows.map(({ type }) => type),
      ["other"],
    );
    assert.match(String(cut), /on 2 pages/);
  });
});

describe("moments", () => {
  it("are read from the beginning of a text, however long that is", () => {
    const long = `2026-11-20T12:00:00.${"0".repeat(100)}x`;
    assert.equal(digitsAt(FRAME, long), NOON);
    assert.equal(momentIn(FRAME, RANGE, long), NOON);
  });
});

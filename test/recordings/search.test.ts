import assert from "node:assert/strict";
import { Isapi } from "../../src/isapi/isapi";
import { DeviceHttp } from "../../src/http/device-http";
import { Logins } from "../../src/http/login";
import { searchTrack } from "../../src/recordings/search";
import { archiveOf, startVirtualDevice, type VirtualDevice } from "../virtual-device";

const MINUTE = 60_000;
const DAY = Date.parse("2026-05-01T00:00:00Z");
const QUERY = { track: 101, start: "2026-05-01T00:00:00Z", end: "2026-05-01T23:59:59Z", recordType: "all" } as const;

type Archive = ReturnType<typeof archiveOf>;
type Behaviour = Partial<Pick<Archive, "pageCap" | "positions" | "more" | "statusTag" | "totalMatches">>;

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
});

/** "Never a film of another moment": random addresses over a virtual day with gaps, whose search has a quirk of real devices each time. */
import assert from "node:assert/strict";
import { coveredUrl } from "../../src/recordings/coverage";
import { Device } from "../../src/device";
import { codeOf } from "../../src/lib/errors";
import { archiveOf, startVirtualDevice } from "../virtual-device";

const DAY = Date.UTC(2026, 0, 2);
const HOUR = 3_600_000;
const ADDRESSES = 1000;

/** What devices do with pages, positions and other channels' recordings. */
const QUIRKS = [
  {},
  { positions: "ignored", pageCap: 20 },
  { positions: "bySearchId", pageCap: 12 },
  { positions: "pages", pageCap: 15 },
  { more: "always" },
  { more: "never", pageCap: 40 },
  { trackSpelling: "trackID" },
  { trackSpelling: "trackList", otherSpelling: "refused" },
  { itemTag: "matchElement", totalMatches: true },
  { futureEnds: false, zulu: "local" },
] as const;

describe("an address of the past", function () {
  this.timeout(60_000).slow(20_000);

  it("without an end looks no further than to the first recordings", async () => {
    const searched: string[] = [];
    const now = DAY + 100 * 24 * HOUR;
    const begin = DAY + 3 * 24 * HOUR;
    const iso = (ms: number): string => new Date(ms).toISOString();
    const device = {
      streamUrls: { byTime: ({ start }: { start?: unknown }) => Promise.resolve({ url: String(start), notices: [] }) },
      recordings: {
        search: ({ start, end }: { start?: unknown; end?: unknown }) => {
          searched.push(
            `${((start as Date).getTime() - DAY) / HOUR / 24} to ${((end as Date).getTime() - DAY) / HOUR / 24}`,
          );
          const found = { kind: "video", start: iso(begin), end: iso(begin + HOUR) };
          return Promise.resolve((end as Date).getTime() > begin ? [found] : []);
        },
      },
      time: {
        frame: () => Promise.resolve({ read: () => DAY, local: iso }),
        now: () => Promise.resolve(now),
      },
    };
    const made = await coveredUrl(device as never, { channel: 1, start: new Date(DAY) });
    assert.deepEqual(searched, ["0 to 1", "1 to 5"]);
    assert.deepEqual([made.shift, made.coverage], [3 * 24 * 3600, [{ start: iso(begin), end: iso(begin + HOUR) }]]);
  });

  it(`is never that of another moment: ${ADDRESSES} random ones over a day with gaps, in ten dialects`, async () => {
    let refused = 0;
    let shifted = 0;
    for (const quirk of QUIRKS) {
      const device = await startVirtualDevice({ model: "nvr", heartbeat: null, zone: "CST-8:00:00" });
      const archive = Object.assign(archiveOf(device), quirk);
      const client = new Device(
        {
          identity: { id: "d", name: "Yard", host: device.host },
          address: { protocol: "http", host: device.host, port: device.port },
          credentials: { username: device.username, password: device.password },
          tls: { mode: "insecure" },
          basic: false,
          eventSource: "stream",
          heartbeatTimeout: 30,
          timeZone: archive.zulu,
        },
        {
          wantsPictures: () => false,
          event: () => undefined,
          notification: () => undefined,
          state: () => undefined,
          warn: () => undefined,
        },
      );
      try {
        const spans: { startMs: number; endMs: number }[] = [];
        for (let at = DAY; at < DAY + 23 * HOUR;) {
          const startMs = at + 3000 + Math.floor(Math.random() * 1200) * 1000;
          const endMs = startMs + (10 + Math.floor(Math.random() * 1800)) * 1000;
          spans.push({ startMs, endMs });
          archive.add({ startMs, endMs });
          archive.add({ startMs: startMs - 2_500_000, endMs: startMs - 1_000, channel: 2 });
          at = endMs;
        }
        for (let times = 0; times < ADDRESSES / QUIRKS.length; times++) {
          const startMs = DAY + Math.floor(Math.random() * 24 * 3600) * 1000;
          const endMs = startMs + (1 + Math.floor(Math.random() * 1800)) * 1000;
          const within = spans.filter((span) => span.startMs < endMs && span.endMs > startMs);
          const expected = within.map((span) => ({
            start: new Date(Math.max(startMs, span.startMs)).toISOString(),
            end: new Date(Math.min(endMs, span.endMs)).toISOString(),
          }));
          const asked = { channel: 1, start: new Date(startMs), end: new Date(endMs) };
          const made = await coveredUrl(client, asked).catch((error: unknown) => codeOf(error) ?? "bug");
          const about = `${JSON.stringify(quirk)} ${asked.start.toISOString()} – ${asked.end.toISOString()}`;
          const [first] = expected;
          if (!first) {
            assert.equal(made, "notFound", about);
            refused += 1;
            continue;
          }
          assert.ok(typeof made === "object", `${about}: ${JSON.stringify(made)}`);
          assert.deepEqual(made.coverage, expected, about);
          const begin = Date.parse(first.start);
          assert.equal(made.shift, (begin - startMs) / 1000, about);
          shifted += Number(made.shift > 0);
          const digits = archive.stamp(begin).replace(/[-:]/g, "");
          assert.ok(made.url.includes(`/Streaming/tracks/101/?starttime=${digits}&`), `${about}: ${made.url}`);
        }
      } finally {
        await client.close();
        await device.close();
      }
    }
    assert.ok(refused > 20 && shifted > 100, `${refused} refused, ${shifted} shifted`);
  });
});

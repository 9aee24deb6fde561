import assert from "node:assert/strict";
import { Isapi } from "../../src/isapi/isapi";
import type { HttpReply, HttpRequest } from "../../src/http/device-http";
import { codeOf } from "../../src/lib/errors";
import { PlateList } from "../../src/plates/plate-list";
import { BUSY, FakeHttp, reply, status } from "../isapi/fake-http";
import { FakeClock } from "../support/fake-clock";

const CURSOR = "202603011200000000";
const PATH = "/ISAPI/Traffic/channels/1/vehicleDetect/plates";
const TIME = reply(
  200,
  "<Time><timeMode>NTP</timeMode><localTime>2026-03-01T13:00:00+01:00</localTime><timeZone>CST-1:00:00</timeZone></Time>",
);

/** A device whose list answers so; its clock is right. */
function listOf(answer: (request: HttpRequest) => HttpReply): { list: PlateList; http: FakeHttp } {
  const http = new FakeHttp((request) => (request.path === "/ISAPI/System/time" ? TIME : answer(request)));
  const clock = new FakeClock("2026-03-01T12:00:00Z");
  return { http, list: new PlateList(new Isapi(http, { clock }), clock) };
}

function plates(...nodes: string[]): HttpReply {
  const inner = nodes.map((node) => `<Plate>${node}</Plate>`).join("");
  return reply(200, `<Plates version="2.0" xmlns="http://www.std-cgi.com/ver20/XMLSchema">${inner}</Plates>`);
}

function entry(picName: string, plate: string, captureTime: string, more = ""): string {
  return `<captureTime>${captureTime}</captureTime><plateNumber>${plate}</plateNumber><picName>${picName}</picName>${more}`;
}

describe("a plate list", () => {
  it("is asked with the cursor to the letter, and gives what the device said of each plate", async () => {
    const { list, http } = listOf(() =>
      plates(
        entry(
          "202603011300051234",
          "0012E34",
          "20260301T130005+0100",
          "<country>GBR</country><laneNo>2</laneNo><direction>reverse</direction><matchingResult>otherlist</matchingResult>",
        ),
      ),
    );
    const [plate, ...others] = await list.after(1, CURSOR);
    assert.deepEqual(others, []);
    assert.equal(http.requests.at(-1)?.method, "POST");
    assert.equal(http.requests.at(-1)?.path, PATH);
    assert.match(
      String(http.requests.at(-1)?.body),
      /<AfterTime [^>]*><picTime>202603011200000000<\/picTime><\/AfterTime>/,
    );
    const { raw, ...rest } = plate!;
    assert.deepEqual(rest, {
      channel: 1,
      cursor: "202603011300051234",
      capture: {
        plate: "0012E34",
        capturedAt: { wallMs: Date.UTC(2026, 2, 1, 13, 0, 5), offsetMs: 3_600_000 },
        lane: 2,
      },
      time: "2026-03-01T13:00:05+01:00",
      reading: {
        plate: "0012E34",
        confidence: null,
        country: "GBR",
        direction: "away",
        lane: 2,
        list: "other",
        vehicle: { raw: {} },
      },
      pictureName: "202603011300051234",
    });
    assert.equal(raw["picName"], "202603011300051234");
  });

  it("comes sorted, however the device sends it: none, one, many, of different lengths", async () => {
    const answers = [
      plates(),
      reply(200, `<Plates version="2.0"/>`),
      plates(entry("202603011300051234", "A", "20260301T130005")),
      plates(
        entry("202603011300099999", "C", "20260301T130009"),
        entry("2026030113000512340000007", "B", "20260301T130005"),
        entry("202603011300051234", "A", "20260301T130005"),
      ),
    ];
    const { list } = listOf(() => answers.shift() ?? plates());
    const found: string[][] = [];
    while (answers.length > 0) found.push((await list.after(1, CURSOR)).map(({ reading }) => reading.plate));
    assert.deepEqual(found, [[], [], ["A"], ["A", "B", "C"]]);
  });

  it("completes a time without an offset by the zone of the device", async () => {
    const { list } = listOf(() => plates(entry("x", "A", "20260301T1300050000")));
    const [plate] = await list.after(1, CURSOR);
    assert.equal(plate?.time, "2026-03-01T13:00:05+01:00");
    assert.equal(plate.cursor, "202603011300050000");
  });

  it("goes by the picture's name where no time is sent, and leaves out what has neither", async () => {
    const { list } = listOf(() =>
      plates("<plateNumber>A</plateNumber><picName>202603011300051234</picName>", "<plateNumber>B</plateNumber>"),
    );
    assert.deepEqual(
      (await list.after(1, CURSOR)).map(({ time }) => time),
      ["2026-03-01T13:00:05+01:00"],
    );
  });

  for (const [name, pattern] of [
    ["digits", /^\d{18}$/],
    ["20210101T000000", /^\d{8}T\d{6}$/],
    ["2021-11-05T14:30:00Z", /^2026-03-01T12:00:00Z$/],
    ["20250415T000000-500", /^20260301T120000\+100$/],
  ] as const)
    for (const refusal of [status(400, 6, "badXmlContent"), BUSY])
      it(`finds out that the device wants the moment as ${name} (else HTTP ${refusal.statusCode}), and keeps to it`, async () => {
        const asked: string[] = [];
        const { list } = listOf(({ body }) => {
          const sent = /<picTime>(.*)<\/picTime>/.exec(String(body))?.[1] ?? "";
          asked.push(sent);
          return pattern.test(sent) ? plates() : refusal;
        });
        assert.deepEqual(await list.after(1, CURSOR), []);
        const before = asked.length;
        await list.after(2, CURSOR);
        assert.equal(asked.length, before + 1);
        assert.match(asked.at(-1)!, pattern);
      });

  it("is asked once where there is none, and every time where there was an error", async () => {
    const { list, http } = listOf(({ path }) =>
      path === PATH ? status(403, 4, "notSupport") : status(500, 3, "deviceError"),
    );
    for (let i = 0; i < 3; i++) await assert.rejects(list.after(1, CURSOR), { code: "notSupported" });
    for (let i = 0; i < 3; i++) await assert.rejects(list.after(2, CURSOR), { code: "protocol" });
    assert.equal(http.paths.filter((path) => path === PATH).length, 1);
    assert.equal(http.paths.filter((path) => path === PATH.replace("/1/", "/2/")).length, 3);
  });

  it("is not taken for one when something else answers", async () => {
    const { list } = listOf(() => reply(200, "<EventTriggerList/>"));
    await assert.rejects(list.after(1, CURSOR), { code: "protocol" });
  });

  it("takes a late answer about the time for no drift of the device's clock", async () => {
    const clock = new FakeClock("2026-03-01T12:00:00Z");
    let busyMs = 4_000;
    const http = new FakeHttp(() => {
      // The device looks at its clock when it is asked, and its answer comes seconds later.
      const seconds = new Date(clock.now() + 3_600_000).toISOString().slice(0, 19);
      clock.jump(busyMs);
      return reply(200, `<Time><localTime>${seconds}+01:00</localTime><timeZone>CST-1:00:00</timeZone></Time>`);
    });
    const list = new PlateList(new Isapi(http, { clock }), clock);
    assert.equal(await list.wallNow(), clock.now() + 3_600_000);
    busyMs = 0;
    const quick = new PlateList(new Isapi(http, { clock }), clock);
    assert.equal(await quick.wallNow(), clock.now() + 3_600_000);
  });

  it("of 55 000 plates is read, sorted and stopped without keeping the event loop", async function () {
    this.timeout(60_000);
    const nodes = Array.from({ length: 55_000 }, (_, index) => {
      const second = (index * 7_919) % 55_000;
      const time = new Date(Date.UTC(2026, 2, 1, 13) + second * 1000).toISOString().replace(/\D/g, "");
      return entry(time.slice(0, 14) + "0000", `AB${second}`, `${time.slice(0, 8)}T${time.slice(8, 14)}+0100`);
    });
    const { list } = listOf(() => plates(...nodes));
    let rounds = 0;
    const count = (): void => {
      rounds++;
      round = setImmediate(count);
    };
    let round = setImmediate(count);
    const listed = await list.after(1, CURSOR);
    clearImmediate(round);
    // Slices of 3 ms of some 400.
    assert.ok(rounds >= 40, `${rounds} rounds`);
    assert.deepEqual(
      listed.map(({ capture }) => capture.plate),
      nodes.map((_, index) => `AB${index}`),
    );

    const stop = new AbortController();
    const stopped = list.after(1, CURSOR, stop.signal);
    setImmediate(() => setImmediate(() => stop.abort()));
    await assert.rejects(stopped, (error) => codeOf(error) === "aborted");
  });

  describe("its pictures", () => {
    const JPEG = Buffer.from("ffd8ffe000104a464946ffd9", "hex");
    const { signal } = new AbortController();

    it("lie under the name of the plate, which cannot lead elsewhere", async () => {
      const { list, http } = listOf(() => reply(200, JPEG, { "content-type": "image/jpeg" }));
      const { data, contentType, error } = await list.picture("../../ISAPI/System/reboot?", signal);
      assert.deepEqual([data, contentType, error], [JPEG, "image/jpeg", undefined]);
      assert.equal(http.paths.at(-1), "/doc/ui/images/plate/..%2F..%2FISAPI%2FSystem%2Freboot%3F.jpg");
    });

    it("are not asked for again when the first is not there; every plate says why", async () => {
      const { list, http } = listOf(() => reply(404, "<html></html>"));
      for (const name of ["1", "2", "3"]) {
        const picture = await list.picture(name, signal);
        assert.deepEqual([picture.name, picture.data, picture.error?.code], [`${name}.jpg`, null, "notSupported"]);
      }
      assert.equal(http.requests.length, 1);
    });

    it("are asked for again when one was there", async () => {
      let times = 0;
      const { list } = listOf(() => (times++ === 1 ? reply(404, "gone") : reply(200, JPEG)));
      const found = [];
      for (const name of ["1", "2", "3"]) found.push((await list.picture(name, signal)).data !== null);
      assert.deepEqual(found, [true, false, true]);
    });

    it("are none when their end is missing, which says nothing about the next one", async () => {
      let times = 0;
      const { list } = listOf(() => reply(200, times++ === 0 ? JPEG.subarray(0, -2) : JPEG));
      const { data, error } = await list.picture("1", signal);
      assert.deepEqual([data, error?.code], [null, "protocol"]);
      assert.deepEqual((await list.picture("1", signal)).data, JPEG);
    });

    it("are none when they are a web page", async () => {
      const { list } = listOf(() => reply(200, "GIF89a"));
      assert.equal((await list.picture("1", signal)).contentType, "image/gif");
      const other = listOf(() => reply(200, "hello"));
      assert.equal((await other.list.picture("1", signal)).error?.code, "notFound");
    });
  });
});

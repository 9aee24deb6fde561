import assert from "node:assert/strict";
import { FatalError } from "../../../src/lib/errors";
import { Assembler, type FetchPicture } from "../../../src/events/pictures/assembler";
import { decode } from "../../../src/events/decode/decode";
import type { AnnouncedPicture, DeviceEvent, Picture } from "../../../src/events/types";
import type { Part } from "../../../src/multipart/part-reader";
import { say } from "../../../src/lib/sentence";
import { context, part, xmlAlert } from "../../support/alerts";
import { FakeClock, settle } from "../../support/fake-clock";

const jpeg = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);

function picture(text: string, headers: Record<string, string> = { "content-type": "image/jpeg" }): Part {
  return part(jpeg(text), headers);
}

const named = (name: string, type = "image/jpeg"): Record<string, string> => ({
  "content-type": type,
  "content-disposition": `form-data; name="${name}"; filename="${name}.jpg"`,
});

const count = (n: number): string =>
  `<detectionPictureTransType>binary</detectionPictureTransType><detectionPicturesNumber>${n}</detectionPicturesNumber>`;
const plain = (fields: Record<string, string | number> = {}): Part => part(xmlAlert(fields));
const announcing = (n: number, fields: Record<string, string | number> = {}): Part =>
  part(xmlAlert({ eventType: "fielddetection", ...fields }, count(n)));
const atUrl = (url: string, fields: Record<string, string | number> = {}): Part =>
  part(
    xmlAlert(
      { eventType: "linedetection", ...fields },
      `<detectionPictureTransType>url</detectionPictureTransType><bkgUrl>${url}</bkgUrl><URLCertificationType>digest</URLCertificationType>`,
    ),
  );

/** An assembler behind the decoder, as in the stream, and what it said: type/channel and its pictures. */
function assemble(fetchPicture?: FetchPicture): {
  clock: FakeClock;
  assembler: Assembler;
  events: DeviceEvent[];
  said: () => string[];
  feed: (...parts: Part[]) => string[];
} {
  const clock = new FakeClock();
  const events: DeviceEvent[] = [];
  const assembler = new Assembler({
    clock,
    onEvent: (event) => events.push(event),
    ...(fetchPicture && { fetchPicture }),
  });
  const ctx = context();
  const said = (): string[] => events.map(describeEvent);
  const feed = (...parts: Part[]): string[] => {
    for (const one of parts) {
      const notifications = decode(one, ctx);
      if (notifications.length === 0) assembler.picture(one);
      for (const n of notifications) assembler.notification(n, clock.now());
    }
    return said();
  };
  return { clock, assembler, events, said, feed };
}

function describeEvent({ notification: { type, channel }, pictures }: DeviceEvent): string {
  const list = pictures.map(({ data, error }) => error?.code ?? String(data?.subarray(4)));
  return `${type}/${String(channel)}: ${list.join(" ")}`.trim();
}

describe("an event", () => {
  it("that announces no picture is emitted at once", () => {
    const { feed, clock } = assemble();
    assert.deepEqual(feed(plain()), ["VMD/1:"]);
    assert.equal(clock.pending, 0);
  });

  it("is emitted with the last picture that it announces", () => {
    const { feed, clock } = assemble();
    assert.deepEqual(feed(announcing(2), picture("one")), []);
    assert.deepEqual(feed(picture("two")), ["fielddetection/1: one two"]);
    assert.equal(clock.pending, 0);
  });

  it("is emitted when the next one comes, before it, and says what is missing", () => {
    const { feed, events } = assemble();
    assert.deepEqual(feed(announcing(2), picture("one"), plain()), ["fielddetection/1: one notFound", "VMD/1:"]);
    const missing = events[0]?.pictures[1];
    assert.deepEqual([missing?.data, missing?.name], [null, "picture2"]);
    assert.match(missing?.error?.message.toString() ?? "", /announced/);
  });

  it("is emitted 5 s after it came, however many pictures came meanwhile: one budget for all of them", async () => {
    const { feed, clock, said } = assemble();
    feed(announcing(3));
    await clock.advance(3_000);
    feed(picture("one"));
    await clock.advance(1_500);
    feed(picture("two"));
    assert.deepEqual(said(), []);
    await clock.advance(500);
    assert.deepEqual(said(), ["fielddetection/1: one two timeout"]);
    assert.equal(clock.pending, 0);
  });

  it("is kept longer while the bytes of a picture are coming in, 15 s at most", async () => {
    const { feed, clock, said, assembler } = assemble();
    let arriving = true;
    assembler.connected(() => arriving);
    feed(announcing(1));
    await clock.advance(9_000);
    feed(picture("slow"));
    assert.deepEqual(said(), ["fielddetection/1: slow"]);
    feed(announcing(1));
    await clock.advance(14_999);
    assert.equal(said().length, 1);
    await clock.advance(1);
    assert.equal(said().at(-1), "fielddetection/1: timeout");
    arriving = false;
    assert.equal(clock.pending, 0);
  });

  it("is emitted when the stream ends", () => {
    const { feed, assembler, said } = assemble();
    feed(announcing(1));
    assembler.flush();
    assert.deepEqual(said(), ["fielddetection/1: offline"]);
  });

  it("is dropped at close, with its timer", async () => {
    const { feed, assembler, clock, said } = assemble();
    feed(announcing(1));
    assembler.close();
    await clock.advance(60_000);
    assert.equal(clock.pending, 0);
    assert.deepEqual(said(), []);
  });

  it("is not held up by answers and unreadable parts between its pictures", () => {
    const { feed } = assemble();
    const answer = part("<ResponseStatus><statusCode>1</statusCode></ResponseStatus>");
    assert.deepEqual(feed(announcing(2), picture("one"), answer, part("???"), picture("two")), [
      "fielddetection/1: one two",
    ]);
  });

  it("shares its pictures with its siblings, each with bytes of its own", () => {
    const { feed, events } = assemble();
    const target = (people: number): object => ({ TargetInfo: { personCnt: people, dataSource: "trigger" } });
    const alert = {
      eventType: "personDensityDetection",
      eventState: "active",
      channelID: 1,
      personDensityResult: { Target: [target(1), target(2)], contentID: "background_image" },
    };
    feed(part(JSON.stringify(alert)), picture("bg", named("background_image")));
    assert.deepEqual(
      events.map(({ notification, pictures }) => [
        notification.density?.people,
        String(pictures[0]?.data?.subarray(4)),
      ]),
      [
        [1, "bg"],
        [2, "bg"],
      ],
    );
    assert.notEqual(events[0]?.pictures[0]?.data, events[1]?.pictures[0]?.data);
  });
});

describe("a picture", () => {
  const plate = part(
    xmlAlert(
      { eventType: "ANPR" },
      "<ANPR><licensePlate>A1</licensePlate><pictureInfoList>" +
        "<pictureInfo><fileName>licensePlatePicture.jpg</fileName><pId>11aa</pId></pictureInfo>" +
        "<pictureInfo><fileName>detectionPicture.jpg</fileName><pId>22bb</pId></pictureInfo>" +
        "</pictureInfoList></ANPR><picNum>2</picNum>",
    ),
  );
  const rolesOf = (events: DeviceEvent[]): unknown =>
    events[0]?.pictures.map(({ name, role, data }) => [name, role, String(data?.subarray(4))]);

  const orders: [string, Part, Part][] = [
    [
      "by its filename, in any order",
      picture("scene", named("detectionPicture")),
      picture("plate", named("licensePlatePicture")),
    ],
    [
      "by its part name, the device's pId",
      picture("scene", { "content-disposition": 'form-data; name="22BB"; filename="x.jpg"' }),
      picture("plate", { "content-disposition": "form-data; name=11aa" }),
    ],
    [
      "by its Content-ID",
      picture("scene", { "content-id": "<detectionPicture>" }),
      picture("plate", { "content-id": "licensePlatePicture" }),
    ],
    [
      "by its bytes when mislabelled",
      picture("scene", named("detectionPicture", "application/octet-stream")),
      picture("plate", named("licensePlatePicture", "text/plain")),
    ],
  ];
  for (const [title, one, two] of orders) {
    it(`is matched ${title}`, () => {
      const { feed, events } = assemble();
      feed(plate, one, two);
      assert.deepEqual(rolesOf(events), [
        ["licensePlatePicture.jpg", "plate", "plate"],
        ["detectionPicture.jpg", "scene", "scene"],
      ]);
      assert.ok(events[0]?.pictures.every(({ contentType }) => contentType === "image/jpeg"));
    });
  }

  it("of a name that was not announced keeps that name", () => {
    const { feed, events } = assemble();
    feed(plate, picture("a", named("vehicleImage")), picture("b", named("licensePlatePicture")));
    const pictures = events[0]?.pictures.map(({ name, role, data }) => [name, role, String(data?.subarray(4))]);
    assert.deepEqual(pictures, [
      ["vehicleImage.jpg", "vehicle", "a"],
      ["licensePlatePicture.jpg", "plate", "b"],
    ]);
  });

  it("that comes without any event is dropped", () => {
    const { feed, clock } = assemble();
    assert.deepEqual(feed(picture("lost"), plain()), ["VMD/1:"]);
    assert.equal(clock.pending, 0);
  });

  it("of an event that nobody gets is not given to the event before", () => {
    const { assembler, feed, said } = assemble();
    feed(announcing(2), picture("one"));
    assembler.ignore();
    feed(picture("foreign"));
    assert.deepEqual(said(), ["fielddetection/1: one notFound"]);
  });
});

describe("picture statistics", () => {
  it("lose unannounced pictures once, then wait for them", () => {
    const { feed } = assemble();
    const one = plain({ eventType: "ANPR" });
    assert.deepEqual(feed(one, picture("a"), picture("b")), ["ANPR/1:"]);
    assert.deepEqual(feed(one, picture("c"), picture("d")), ["ANPR/1:", "ANPR/1: c d"]);
  });

  it("learn of more pictures than announced, too", () => {
    const { feed } = assemble();
    feed(announcing(1), picture("a"), picture("b"));
    assert.deepEqual(feed(announcing(1), picture("c"), picture("d")), ["fielddetection/1: a", "fielddetection/1: c d"]);
  });

  it("are kept by type and channel: no other event waits", () => {
    const { feed } = assemble();
    feed(plain({ eventType: "ANPR" }), picture("a"));
    assert.deepEqual(feed(plain({ eventType: "ANPR", channelID: 2 }), plain()), ["ANPR/1:", "ANPR/2:", "VMD/1:"]);
  });

  it("keep an event for an unannounced picture 300 ms in all, and report no error", async () => {
    const { feed, clock, said } = assemble();
    const one = plain({ eventType: "ANPR" });
    feed(one, picture("a"), picture("b"));
    feed(one);
    await clock.advance(200);
    feed(picture("c"));
    await clock.advance(99);
    assert.deepEqual(said(), ["ANPR/1:"]);
    await clock.advance(1);
    assert.deepEqual(said(), ["ANPR/1:", "ANPR/1: c"]);
  });

  it("keep an event whose announced pictures are there at most 300 ms for one more", async () => {
    const { feed, clock, said } = assemble();
    feed(announcing(1), picture("a"), picture("b"));
    feed(announcing(1), picture("c"));
    await clock.advance(300);
    assert.deepEqual(said(), ["fielddetection/1: a", "fielddetection/1: c"]);
  });

  it("survive exceptions: a picture comes with every third event only, and is lost once", () => {
    const { feed, said } = assemble();
    const one = plain({ eventType: "ANPR" });
    for (let round = 0; round < 5; round++) feed(one, picture(`p${round}`), one, one);
    feed(plain());
    assert.deepEqual(
      said().filter((line) => line !== "ANPR/1:"),
      ["ANPR/1: p1", "ANPR/1: p2", "ANPR/1: p3", "ANPR/1: p4", "VMD/1:"],
    );
  });

  it("end after ten events of a kind in a row without its picture: they are not held any more", async () => {
    const { feed, clock, said } = assemble();
    const one = plain({ eventType: "ANPR" });
    feed(one, picture("by accident"));
    for (let i = 0; i < 10; i++) {
      feed(one);
      await clock.advance(300);
    }
    const before = said().length;
    feed(one);
    assert.equal(said().length, before + 1);
    assert.equal(clock.pending, 0);
  });

  it("know that an end has no picture: starts get theirs from the second round on, ends leave at once", async () => {
    const { feed, clock, said } = assemble();
    for (let round = 1; round <= 5; round++) {
      feed(plain(), picture(`p${round}`));
      await clock.advance(700);
      feed(plain({ eventState: "inactive" }));
      assert.equal(said().length, 2 * round);
      assert.equal(clock.pending, 0);
      await clock.advance(1_300);
    }
    assert.deepEqual(said(), ["VMD/1:", "VMD/1:", ...[2, 3, 4, 5].flatMap((n) => [`VMD/1: p${n}`, "VMD/1:"])]);
  });

  it("know the notifications that only repeat an event from its first", async () => {
    const { feed, clock, said } = assemble();
    let held = 0;
    for (let round = 1; round <= 3; round++) {
      feed(plain(), picture(`p${round}`));
      for (let second = 0; second < 30; second++) {
        await clock.advance(1_000);
        feed(plain());
        held += clock.pending;
      }
      await clock.advance(20_000);
    }
    assert.deepEqual(
      said().filter((line) => line !== "VMD/1:"),
      ["VMD/1: p2", "VMD/1: p3"],
    );
    assert.equal(held, 1); // the first repeat of all
  });

  it("take a repeat for its first notification until they know better: no second picture is lost", async () => {
    const { feed, clock, said } = assemble();
    for (let round = 1; round <= 3; round++) {
      feed(plain(), picture(`p${round}`));
      await clock.advance(2_000);
    }
    assert.deepEqual(said(), ["VMD/1:", "VMD/1: p2", "VMD/1: p3"]);
  });

  it("know subtypes: a granted card with picture, a door contact without", () => {
    const { feed, said, clock } = assemble();
    const access = (sub: number): Part =>
      part(
        JSON.stringify({
          eventType: "AccessControllerEvent",
          eventState: "active",
          channelID: 1,
          AccessControllerEvent: { majorEventType: 5, subEventType: sub },
        }),
      );
    for (let round = 1; round <= 3; round++) {
      feed(access(75), picture(`p${round}`), access(21));
      assert.equal(clock.pending, 0);
    }
    assert.deepEqual(
      said().filter((line) => line !== "AccessControllerEvent/1:"),
      ["AccessControllerEvent/1: p2", "AccessControllerEvent/1: p3"],
    );
  });

  it("know subtypes of what begins and repeats, too", () => {
    const { feed, said, clock } = assemble();
    const motion = (eventSubType: string, eventState = "active"): Part =>
      part(JSON.stringify({ eventType: "VMD", eventState, channelID: 1, eventSubType }));
    for (let round = 1; round <= 3; round++) {
      feed(motion("a"), picture(`p${round}`));
      assert.equal(clock.pending, 0);
      feed(motion("b", "inactive"), motion("b"));
      assert.equal(clock.pending, 0, "one of the other kind waits for nothing");
      feed(motion("b"));
      assert.equal(clock.pending, 0);
      feed(motion("b", "inactive"));
    }
    assert.deepEqual(
      said().filter((line) => line !== "VMD/1:"),
      ["VMD/1: p2", "VMD/1: p3"],
    );
  });

  it("wait less after an announced picture did not come", async () => {
    const { feed, clock, said } = assemble();
    feed(announcing(1));
    await clock.advance(5_000);
    feed(announcing(1));
    await clock.advance(1_000);
    assert.deepEqual(said(), ["fielddetection/1: timeout", "fielddetection/1: timeout"]);
  });

  it("wait in full again after all announced pictures came", async () => {
    const { feed, clock, said } = assemble();
    feed(announcing(1));
    await clock.advance(5_000);
    feed(announcing(1), picture("a"), announcing(1));
    await clock.advance(4_999);
    assert.equal(said().length, 2);
  });

  it("do not count pictures that a lost connection cut off", async () => {
    const { feed, assembler, clock, said } = assemble();
    feed(announcing(1));
    assembler.flush();
    feed(announcing(1));
    await clock.advance(4_999);
    assert.equal(said().length, 1);
  });
});

describe("a picture at a URL", () => {
  /** Fetches that a test answers. */
  function fetches(): {
    fetchPicture: FetchPicture;
    asked: Map<
      string,
      { announced: AnnouncedPicture; signal: AbortSignal; answer: (data: string) => void; fail: (error: Error) => void }
    >;
  } {
    const asked = new Map<
      string,
      { announced: AnnouncedPicture; signal: AbortSignal; answer: (data: string) => void; fail: (error: Error) => void }
    >();
    const fetchPicture: FetchPicture = (announced, signal) =>
      new Promise<Picture>((resolve, reject) => {
        const { name, url = "" } = announced;
        asked.set(url, {
          announced,
          signal,
          answer: (data) => resolve({ name, url, contentType: "image/jpeg", data: jpeg(data) }),
          fail: reject,
        });
      });
    return { fetchPicture, asked };
  }

  it("is fetched in parallel: other events pass", async () => {
    const { fetchPicture, asked } = fetches();
    const { feed, said } = assemble(fetchPicture);
    assert.deepEqual(feed(atUrl("/a.jpg"), plain(), announcing(1), picture("x")), ["VMD/1:", "fielddetection/1: x"]);
    assert.equal(asked.get("/a.jpg")?.announced.digest, true);
    asked.get("/a.jpg")?.answer("a");
    await settle();
    assert.deepEqual(said().slice(2), ["linedetection/1: a"]);
  });

  it("holds back events of the same kind, so that an end never overtakes its start", async () => {
    const { fetchPicture, asked } = fetches();
    const { feed, said } = assemble(fetchPicture);
    feed(
      atUrl("/a.jpg"),
      plain({ eventType: "linedetection", eventState: "inactive" }),
      atUrl("/b.jpg"),
      atUrl("/c.jpg", { channelID: 2 }),
    );
    asked.get("/c.jpg")?.answer("c");
    asked.get("/b.jpg")?.answer("b");
    await settle();
    assert.deepEqual(said(), ["linedetection/2: c"]);
    asked.get("/a.jpg")?.answer("a");
    await settle();
    assert.deepEqual(said(), ["linedetection/2: c", "linedetection/1: a", "linedetection/1:", "linedetection/1: b"]);
  });

  it("that cannot be fetched is reported with the reason", async () => {
    const { fetchPicture, asked } = fetches();
    const { feed, said, events, clock } = assemble(fetchPicture);
    feed(atUrl("/a.jpg"), atUrl("/b.jpg", { channelID: 2 }));
    asked.get("/a.jpg")?.fail(new FatalError("notFound", say`The device no longer has this picture.`));
    asked.get("/b.jpg")?.fail(new Error("socket hang up"));
    await settle();
    assert.deepEqual(said(), ["linedetection/1: notFound", "linedetection/2: protocol"]);
    assert.deepEqual(events[0]?.pictures[0], {
      name: "bkg",
      role: "background",
      url: "/a.jpg",
      contentType: "",
      data: null,
      error: { code: "notFound", message: say`The device no longer has this picture.` },
    });
    assert.equal(clock.pending, 0);
  });

  it("is waited for at most 30 s from its event on", async () => {
    const { fetchPicture, asked } = fetches();
    const { feed, said, clock } = assemble(fetchPicture);
    feed(atUrl("/a.jpg"));
    await clock.advance(30_000);
    assert.deepEqual(said(), ["linedetection/1: timeout"]);
    assert.equal(asked.get("/a.jpg")?.signal.aborted, true);
  });

  it("is reported as not fetched where there is no fetcher", async () => {
    const { feed, said } = assemble();
    feed(atUrl("/a.jpg"));
    await settle();
    assert.deepEqual(said(), ["linedetection/1: notSupported"]);
  });

  it("is given up at close, not at the end of the stream", async () => {
    const { fetchPicture, asked } = fetches();
    const { feed, said, assembler, clock } = assemble(fetchPicture);
    feed(atUrl("/a.jpg"));
    assembler.flush();
    assert.equal(asked.get("/a.jpg")?.signal.aborted, false);
    assembler.close();
    assert.equal(asked.get("/a.jpg")?.signal.aborted, true);
    asked.get("/a.jpg")?.answer("late");
    await clock.advance(60_000);
    assert.deepEqual(said(), []);
    assert.equal(clock.pending, 0);
  });

  it("is left out of the oldest of too many pending events", () => {
    const { fetchPicture } = fetches();
    const { feed } = assemble(fetchPicture);
    for (let i = 1; i <= 64; i++) assert.deepEqual(feed(atUrl(`/${i}.jpg`, { channelID: i })), []);
    assert.deepEqual(feed(atUrl("/65.jpg", { channelID: 65 })), ["linedetection/1: busy"]);
  });
});

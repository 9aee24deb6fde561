import assert from "node:assert/strict";
import { decode } from "../../../src/events/decode/decode";
import { Assembler, type FetchPicture } from "../../../src/events/pictures/assembler";
import { PictureMemory, type PictureHolder } from "../../../src/events/pictures/memory";
import type { DeviceEvent } from "../../../src/events/types";
import type { Part } from "../../../src/multipart/part-reader";
import { context, part, xmlAlert } from "../../support/alerts";
import { FakeClock, settle } from "../../support/fake-clock";

const KIB = 1024;

function picture(bytes: number): Part {
  const body = Buffer.alloc(bytes);
  body.set([0xff, 0xd8, 0xff, 0xe0]);
  return part(body, { "content-type": "image/jpeg" });
}

const url = (channelID: number, count = 0): Part =>
  part(
    xmlAlert(
      { eventType: "linedetection", channelID },
      `<bkgUrl>/slow${channelID}.jpg</bkgUrl>${"<pictureURL>/fast.jpg</pictureURL>".repeat(count)}`,
    ),
  );

class Holder implements PictureHolder {
  drops = 0;
  constructor(readonly memory: PictureMemory) {}
  dropPictures(): void {
    this.drops += 1;
    this.memory.release(this);
  }
}

describe("the memory for waiting pictures", () => {
  it("makes the event that has held some longest let go first, and no more than needed", () => {
    const memory = new PictureMemory(100);
    const [a, b, c] = [new Holder(memory), new Holder(memory), new Holder(memory)];
    memory.hold(a, 40);
    memory.hold(b, 40);
    memory.hold(a, 20);
    memory.hold(c, 30);
    assert.deepEqual([a.drops, b.drops, c.drops, memory.total], [1, 0, 0, 70]);
  });

  it("is limited for all devices together, the oldest of any first", () => {
    const all = new PictureMemory(100);
    const [one, two] = [new PictureMemory(80, all), new PictureMemory(80, all)];
    const [a, b] = [new Holder(one), new Holder(two)];
    one.hold(a, 60);
    two.hold(b, 60);
    assert.deepEqual([a.drops, b.drops, one.total, two.total, all.total], [1, 0, 0, 60, 60]);
    two.release(b);
    assert.equal(all.total, 0);
  });

  it("does not keep what alone is too much", () => {
    const memory = new PictureMemory(100);
    const holder = new Holder(memory);
    memory.hold(holder, 101);
    assert.deepEqual([holder.drops, memory.total], [1, 0]);
  });
});

describe("events that wait with pictures in memory", () => {
  function assemble(most: number) {
    const clock = new FakeClock();
    const events: DeviceEvent[] = [];
    const memory = new PictureMemory(most);
    const fetchPicture: FetchPicture = ({ name, url: at = "" }) =>
      at.includes("slow")
        ? new Promise(() => undefined)
        : Promise.resolve({ name, url: at, contentType: "image/jpeg", data: Buffer.alloc(100 * KIB) });
    const assembler = new Assembler({ clock, memory, fetchPicture, onEvent: (event) => events.push(event) });
    const ctx = context();
    const feed = (...parts: Part[]): void => {
      for (const one of parts) {
        const notifications = decode(one, ctx);
        if (notifications.length === 0) assembler.picture(one);
        for (const n of notifications) assembler.notification(n, clock.now());
      }
    };
    return { clock, events, memory, assembler, feed };
  }

  it("leave without them, the oldest first, when they are too many; each picture says why", async () => {
    const { events, memory, assembler, feed, clock } = assemble(1000 * KIB);
    for (let channel = 1; channel <= 20; channel++) {
      feed(url(channel, 2));
      await settle();
      assert.ok(memory.total <= 1000 * KIB, `${memory.total} bytes held`);
    }
    assert.deepEqual(
      events.map(({ notification }) => notification.channel),
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
    for (const { pictures } of events) {
      assert.equal(pictures.length, 3);
      for (const { data, error } of pictures) {
        assert.equal(data, null);
        assert.match(error?.message.toString() ?? "", /memory/);
      }
    }
    assembler.close();
    assert.deepEqual([memory.total, clock.pending], [0, 0]);
  });

  it("hold none any more once they have left", () => {
    const { events, memory, feed } = assemble(1000 * KIB);
    const announcing = part(xmlAlert({}, "<detectionPicturesNumber>2</detectionPicturesNumber>"));
    feed(announcing, picture(10 * KIB));
    assert.equal(memory.total, 10 * KIB);
    feed(picture(10 * KIB));
    assert.deepEqual([events.length, memory.total], [1, 0]);
  });

  it("leave at once when their own part is one too many, and ignore those that follow", () => {
    const { events, memory, feed, clock } = assemble(15 * KIB);
    const announcing = part(xmlAlert({}, "<detectionPicturesNumber>3</detectionPicturesNumber>"));
    feed(announcing, picture(10 * KIB), picture(10 * KIB), picture(10 * KIB));
    assert.deepEqual(
      events[0]?.pictures.map(({ data, error }) => [data, error?.code]),
      [
        [null, "busy"],
        [null, "busy"],
        [null, "busy"],
      ],
    );
    assert.deepEqual([events.length, memory.total, clock.pending], [1, 0, 0]);
  });
});

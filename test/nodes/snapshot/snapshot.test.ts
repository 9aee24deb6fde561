import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import deviceModule from "../../../nodes/device/device";
import snapshotModule from "../../../nodes/snapshot/snapshot";
import {
  coreNode,
  deviceNode,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import { PAGES, startVirtualDevice, status, type VirtualDevice, type VirtualDeviceOptions } from "../../virtual-device";
import { until } from "../../support/until";

const modules = [
  deviceModule,
  snapshotModule,
  coreNode("common/24-complete"),
  coreNode("common/25-catch"),
  coreNode("sequence/17-split"),
];
const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";
const FIRST = "/ISAPI/Streaming/channels/101/picture";
const JPEG = Buffer.concat([
  Buffer.from("ffd8ffe000104a464946", "hex"),
  Buffer.alloc(3_000, "0D0A\r\n--boundary"),
  Buffer.from("ffd9", "hex"),
]);
const picture = { kind: "answer", status: 200, contentType: "image/jpeg", body: JPEG } as const;

/** A snapshot node as the form saves it. */
function snapshot(extra: Record<string, unknown> = {}, id = "snap"): FlowNode {
  const form = { channel: "1", channelType: "num", stream: "main", streamType: "str", width: "", height: "" };
  return { id, type: "hikvision-snapshot", device: "device", wires: [["out"]], ...form, ...extra };
}

const AROUND: readonly FlowNode[] = [
  { id: "out", type: "helper" },
  { id: "complete", type: "complete", scope: ["snap"], wires: [["completed"]] },
  { id: "completed", type: "helper" },
  { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
  { id: "caught", type: "helper" },
];

interface Taken {
  channel: number;
  stream: number;
  time: string;
  filename?: string;
  device: object;
  error?: { code: string; message: string };
}

describe("snapshot", () => {
  let device: VirtualDevice;

  async function start(options: VirtualDeviceOptions = {}, nodes: readonly FlowNode[] = [snapshot()]): Promise<void> {
    device = await startVirtualDevice({ heartbeat: null, ...options });
    await loadFlow(modules, [deviceNode(device), ...nodes, ...AROUND], { device: login(device) });
  }

  function send(message: object, id = "snap"): void {
    nodeById(id).receive(message as never);
  }

  function authorized(): string[] {
    return device.requests.filter((request) => request.authorized).map(({ path }) => path.split("?", 1)[0]!);
  }

  function facts(message: Record<string, unknown>): Taken {
    return message["snapshot"] as Taken;
  }

  function error(message: Record<string, unknown>): { message: string; code: string; cause: Record<string, unknown> } {
    return message["error"] as never;
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("takes many pictures at once, and Node.js warns of no leak", async () => {
    const told: string[] = [];
    const warned = ({ name, message }: Error): number => told.push(`${name}: ${message}`);
    process.on("warning", warned);
    try {
      await start();
      const messages = inbox("out");
      for (let count = 0; count < 30; count++) send({ count });
      for (let count = 0; count < 30; count++) await messages.next();
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(told, []);
    } finally {
      process.off("warning", warned);
    }
  });

  it("puts the device's bytes into the message, with what they are, and keeps the rest of it", async () => {
    await start();
    device.fail(FIRST, picture);
    const [messages, completed] = [inbox("out"), inbox("completed")];
    const before = Date.now();
    send({ topic: "t", payload: "old", mine: { a: 1 } });
    const message = await messages.next();
    assert.ok(JPEG.equals(message["payload"] as Buffer));
    const { time, filename, ...rest } = facts(message);
    assert.deepEqual(rest, { channel: 1, stream: 1, device: { id: "device", name: "Front", host: "127.0.0.1" } });
    assert.match(filename!, /^Front_1_\d{8}-\d{6}\.jpg$/);
    assert.ok(Math.abs(Date.parse(time) - before) < 5_000);
    const written = ["_msgid", "contentType", "mine", "payload", "snapshot", "topic"];
    assert.deepEqual(Object.keys(message).sort(), written, "it writes nothing that another node reads");
    assert.deepEqual([message["contentType"], message["topic"], message["mine"]], ["image/jpeg", "t", { a: 1 }]);
    await completed.next();
    assert.equal(await completed.nextOrNothing(20), undefined);
    assert.deepEqual(statuses("snap").at(-1), {});
  });

  it("takes channel, stream and size from the message, for this message only", async () => {
    await start({ model: "nvr" }, [snapshot({ channel: "2", stream: "sub", width: "64", height: "48" })]);
    const messages = inbox("out");
    send({ channel: "3", stream: "main", width: 96, height: "80" });
    send({});
    for (const [channel, stream, width, height] of [
      [3, 1, 96, 80],
      [2, 2, 64, 48],
    ] as const) {
      const message = await messages.next();
      const { channel: taken, stream: from } = facts(message);
      const { width: w, height: h } = decode(message["payload"] as Buffer);
      assert.deepEqual([taken, from, w, h], [channel, stream, width, height]);
    }
  });

  it("does not let one node's message steer the next", async () => {
    await start({ model: "nvr" }, [
      snapshot({ channel: "2", wires: [["second"]] }),
      snapshot({ channel: "1", stream: "sub" }, "second"),
    ]);
    const messages = inbox("out");
    send({});
    const { channel, stream } = facts(await messages.next());
    assert.deepEqual([channel, stream], [1, 2]);
    assert.deepEqual(authorized(), ["/ISAPI/Streaming/channels/201/picture", "/ISAPI/Streaming/channels/102/picture"]);
  });

  it("gives each of two messages in flight its own picture", async () => {
    await start({ model: "nvr" });
    const messages = inbox("out");
    send({ channel: 3, width: 64, height: 48 }); // logs in
    await messages.next();
    device.fail(/\/101\/picture/, { kind: "slow", ms: 100 });
    send({ channel: 1, width: 64, height: 48, mine: "first" });
    send({ channel: 2, width: 64, height: 48, mine: "second" });
    const both = [await messages.next(), await messages.next()];
    assert.deepEqual(
      both.map((message) => [message["mine"], facts(message).channel]),
      [
        ["first", 1],
        ["second", 2],
      ],
    );
  });

  it("finds a recorder's other path once: ten pictures are eleven requests", async () => {
    await start({ model: "nvr", snapshotByProxy: true });
    const messages = inbox("out");
    for (let i = 0; i < 10; i++) {
      send({});
      assert.equal((await messages.next())["contentType"], "image/jpeg");
    }
    assert.equal(authorized().length, 11);
    assert.equal(device.requests.length, 12, "one of them to be told how to log in");
  });

  it("that is missing costs three requests, one to see that it is a device, and one error, and no message", async () => {
    await start();
    device.fail(/picture/, PAGES.html404);
    const [messages, caught, completed] = [inbox("out"), inbox("caught"), inbox("completed")];
    send({ mine: 1 });
    const message = await caught.next();
    assert.equal(message["mine"], 1);
    assert.equal(error(message).code, "notSupported");
    assert.match(error(message).message, /the snapshot of channel 1/);
    assert.deepEqual(error(message).cause, {
      statusCode: 404,
      device: { id: "device", name: "Front", host: "127.0.0.1" },
    });
    assert.equal(authorized().length, 4);
    assert.deepEqual(statuses("snap").at(-1), { fill: "red", shape: "ring", text: `${VOCABULARY}notSupported` });
    for (const box of [messages, caught, completed]) assert.equal(await box.nextOrNothing(20), undefined);
    for (let i = 0; i < 10; i++) {
      send({});
      await caught.next();
    }
    assert.equal(authorized().length, 14);
  });

  const refused: [title: string, message: object, code: string, says: RegExp][] = [
    ["a channel that is a stream number", { channel: 101 }, "badRequest", /give channel 1 and stream 1/],
    ["no stream", { stream: "fourth" }, "badRequest", /"fourth" is not a stream/],
    ["a width that is none", { width: "wide" }, "badRequest", /"width" must be a number/],
    ["a height beyond all cameras", { height: 100_000 }, "badRequest", /from 16 to 8192/],
    ["an empty list", { channel: [] }, "badRequest", /is empty/],
    ["a list with a stream number", { channel: [1, 102] }, "badRequest", /give channel 1 and stream 2/],
  ];
  for (const [title, message, code, says] of refused) {
    it(`refuses ${title} before it asks the device`, async () => {
      await start();
      const caught = inbox("caught");
      send(message);
      const reason = error(await caught.next());
      assert.equal(reason.code, code);
      assert.match(reason.message, says);
      assert.equal(device.requests.length, 0);
    });
  }

  it("without a device is an error in words, and no crash", async () => {
    await start({}, [snapshot({ device: "" })]);
    const caught = inbox("caught");
    send({});
    assert.match(error(await caught.next()).message, /No device is chosen/);
  });

  it("of an encrypting device is refused as such", async () => {
    await start();
    device.fail(FIRST, { ...picture, body: Buffer.from("hikencodepicture00112233445566778899aabbccddeeff") });
    const caught = inbox("caught");
    send({});
    assert.match(error(await caught.next()).message, /encrypts its pictures/);
  });

  describe("of several channels", () => {
    it("is a sequence that a join puts together", async () => {
      await start({ model: "nvr" }, [
        snapshot({ wires: [["join"]] }),
        { id: "join", type: "join", mode: "auto", wires: [["out"]] },
      ]);
      const [messages, completed] = [inbox("out"), inbox("completed")];
      send({ channel: [3, "1", 2], mine: 1, width: 64, height: 48 });
      const message = await messages.next();
      const pictures = message["payload"] as Buffer[];
      assert.equal(pictures.length, 3);
      for (const data of pictures) assert.equal(decode(data).width, 64);
      assert.equal(message["mine"], 1);
      await completed.next();
      assert.equal(await completed.nextOrNothing(20), undefined);
      assert.deepEqual(
        authorized(),
        [301, 101, 201].map((id) => `/ISAPI/Streaming/channels/${id}/picture`),
      );
    });

    it("is one message each, which share nothing, within the sequence that was there", async () => {
      await start({ model: "nvr" });
      const messages = inbox("out");
      const outer = { id: "outer", index: 0, count: 1 };
      send({ channel: [1, 2], mine: { a: 1 }, parts: outer });
      const [first, second] = [await messages.next(), await messages.next()];
      const { id, ...parts } = first["parts"] as Record<string, unknown>;
      assert.deepEqual(parts, { type: "array", index: 0, count: 2, parts: outer });
      assert.deepEqual(second["parts"], { ...parts, id, index: 1 });
      assert.notEqual(first["mine"], second["mine"]);
      assert.deepEqual(second["mine"], { a: 1 });
    });

    it("says of a camera that is away that it is offline, not that the recorder is broken", async () => {
      await start({ model: "nvr" });
      device.profile.channels[3]!.online = false;
      const caught = inbox("caught");
      send({ channel: 4 });
      const { code, message } = error(await caught.next());
      assert.equal(code, "offline");
      assert.match(message, /camera behind the recorder is offline, so the snapshot of channel 4 is not possible/);
    });

    it("keeps the others when one fails, says in its place why, and ends in one error", async () => {
      await start({ model: "nvr" });
      device.profile.channels[1]!.online = false;
      device.fail("/ISAPI/Streaming/channels/201/picture", status("lowPrivilege"));
      const [messages, caught, completed] = [inbox("out"), inbox("caught"), inbox("completed")];
      send({ channel: [1, 2, 3] });
      const three = [await messages.next(), await messages.next(), await messages.next()];
      assert.deepEqual(
        three.map((message) => [
          facts(message).channel,
          facts(message).error?.code,
          Buffer.isBuffer(message["payload"]),
        ]),
        [
          [1, undefined, true],
          [2, "forbidden", false],
          [3, undefined, true],
        ],
      );
      assert.equal(three[1]!["payload"], null);
      assert.match(facts(three[1]!).error!.message, /the snapshot of channel 2/);
      assert.equal(error(await caught.next()).code, "forbidden");
      for (const box of [messages, caught, completed]) assert.equal(await box.nextOrNothing(20), undefined);
    });
  });

  it("closed in the middle of a sequence stops: nothing more is asked or sent, no connection stays", async () => {
    await start({ model: "nvr" });
    const messages = inbox("out");
    device.fail("/ISAPI/Streaming/channels/201/picture", { kind: "hang" });
    send({ channel: [1, 2, 3] });
    await messages.next();
    await until(() => authorized().length === 2, "the second is asked for");
    const before = Date.now();
    await helper.unload();
    assert.ok(Date.now() - before < 1_000);
    await until(() => device.connections.open === 0, "all connections closed");
    assert.equal(authorized().length, 2);
    assert.equal(messages.all.length, 1);
  });
});

import assert from "node:assert/strict";
import audioModule from "../../../nodes/audio/audio";
import deviceModule from "../../../nodes/device/device";
import { coreNode, deviceNode, helper, inbox, loadFlow, login, nodeById, type FlowNode } from "../../support/flow";
import { startVirtualDevice, type VirtualDevice } from "../../virtual-device";
import { audioOf, type AudioChannelState } from "../../virtual-device/services/audio";
import { until } from "../../support/until";

const modules = [deviceModule, audioModule, coreNode("common/25-catch")];

/** Half a second of something recognisable. */
const SOUND = Buffer.from(Array.from({ length: 4_010 }, (_, i) => (i * 7) % 251));

function node(extra: Record<string, unknown> = {}, id = "audio"): FlowNode {
  return { id, type: "hikvision-audio", device: "device", channel: "1", action: "talk", wires: [["out"]], ...extra };
}

describe("audio", () => {
  let device: VirtualDevice;

  async function deploy(...nodes: FlowNode[]): Promise<void> {
    const flow = [
      deviceNode(device),
      ...nodes,
      { id: "out", type: "helper" },
      { id: "catch", type: "catch", scope: null, wires: [["caught"]] },
      { id: "caught", type: "helper" },
    ];
    await loadFlow(modules, flow, { device: login(device) });
  }

  const channel = (id: number): AudioChannelState => audioOf(device).channels.find((one) => one.id === id)!;
  const heard = (id: number): Buffer => Buffer.concat(channel(id).received.map(({ bytes }) => bytes));
  const send = (message: object, id = "audio"): void => nodeById(id).receive(message as never);

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    device = await startVirtualDevice();
  });
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  it("speaks bit-exact, in real time, in the right order, and leaves the channel closed", async () => {
    await deploy(node());
    const out = inbox("out");
    const sound = Buffer.from(SOUND);
    send({ payload: sound, kept: 1 });
    const message = await out.next();
    assert.deepEqual(message["payload"], { done: "talk", channel: 1, codec: "G.711ulaw", seconds: 0.5 });
    assert.equal(message["kept"], 1);
    const { calls, received: pieces, open } = channel(1);
    assert.deepEqual(calls, ["close", "open", "audioData", "close"]);
    assert.equal(open, false);
    // The last 20 ms are filled up with silence.
    assert.deepEqual(heard(1).subarray(0, SOUND.length), SOUND);
    assert.equal(heard(1).length, Math.ceil(SOUND.length / 160) * 160);
    assert.ok(
      heard(1)
        .subarray(SOUND.length)
        .every((byte) => byte === 0xff),
    );
    const tookMs = pieces.at(-1)!.at - pieces[0]!.at;
    assert.ok(tookMs > 400, `all was sent within ${tookMs} ms`);
  });

  it("speaks also where open answers without a session", async () => {
    audioOf(device).sessions = false;
    await deploy(node({ channel: "2" }));
    const out = inbox("out");
    send({ payload: SOUND.subarray(0, 320) });
    assert.equal((await out.payload())["codec"], "G.711alaw");
    assert.deepEqual(heard(2), SOUND.subarray(0, 320));
  });

  for (const refusal of [401, 403] as const) {
    it(`closes what an earlier session left open (it would be refused with ${refusal})`, async () => {
      audioOf(device).refusal = refusal;
      channel(1).open = true;
      await deploy(node());
      const out = inbox("out");
      send({ payload: SOUND.subarray(0, 160) });
      assert.equal((await out.payload())["done"], "talk");
    });
  }

  it("says that somebody else is talking, and does not take a 401 for a wrong password", async () => {
    audioOf(device).refusal = 401;
    channel(1).taken = true;
    await deploy(node(), node({ action: "get" }, "get"));
    const [out, caught] = [inbox("out"), inbox("caught")];
    send({ payload: SOUND });
    const { error } = (await caught.next()) as { error: { code: string; message: string } };
    assert.equal(error.code, "busy");
    assert.match(error.message, /talking/);
    send({}, "get");
    assert.ok(await out.next());
  });

  it("plays one sound after the other, none mixed", async () => {
    await deploy(node());
    const out = inbox("out");
    const [one, two] = [Buffer.alloc(320, 1), Buffer.alloc(320, 2)];
    send({ payload: one });
    send({ payload: two });
    await out.next();
    await out.next();
    assert.deepEqual(channel(1).calls, ["close", "open", "audioData", "close", "close", "open", "audioData", "close"]);
    assert.deepEqual(heard(1), two);
  });

  it("stops when told, and says so", async () => {
    await deploy(node(), node({ action: "stop" }, "stop"));
    const [out, caught] = [inbox("out"), inbox("caught")];
    send({ payload: Buffer.alloc(80_000) });
    await until(() => heard(1).length > 0, "sound");
    send({}, "stop");
    assert.deepEqual(await out.payload(), { done: "stop", channel: 1, wasTalking: true });
    const { error } = (await caught.next()) as { error: { code: string } };
    assert.equal(error.code, "aborted");
    assert.equal(channel(1).open, false);
    assert.ok(heard(1).length < 40_000);
  });

  it("leaves the channel closed when the flow is redeployed in the middle", async () => {
    await deploy(node());
    send({ payload: Buffer.alloc(80_000) });
    await until(() => heard(1).length > 0, "sound");
    await helper.unload();
    assert.deepEqual([channel(1).open, channel(1).calls.at(-1)], [false, "close"]);
    await until(() => device.connections.open === 0, "all connections closed");
  });

  it("refuses a WAV for a channel that speaks AAC, and says what to do", async () => {
    await deploy(node({ channel: "3" }));
    const caught = inbox("caught");
    const wav = Buffer.concat([
      Buffer.from(
        "524946460000000057415645666d7420100000000100010040 1f0000803e00000200100064617461040000000000 0000".replace(
          / /g,
          "",
        ),
        "hex",
      ),
    ]);
    send({ payload: wav });
    const { error } = (await caught.next()) as { error: { code: string; message: string } };
    assert.equal(error.code, "notSupported");
    assert.match(error.message, /AAC.*G\.711/);
    assert.deepEqual(channel(3).calls, []);
  });

  it("lists and reads channels with their codec and volumes", async () => {
    await deploy(node({ action: "list" }), node({ action: "get", channel: "2" }, "get"));
    const out = inbox("out");
    send({});
    const all = (await out.next())["payload"] as { channel: number; codec: string }[];
    assert.deepEqual(
      all.map((one) => [one.channel, one.codec]),
      [
        [1, "G.711ulaw"],
        [2, "G.711alaw"],
        [3, "AAC"],
      ],
    );
    send({}, "get");
    const two = {
      channel: 2,
      codec: "G.711alaw",
      enabled: false,
      speakerVolume: 50,
      microphoneVolume: 60,
      noiseReduction: true,
    };
    assert.deepEqual((await out.next())["payload"], [two]);
  });

  it("changes what is named and nothing else, byte for byte, and reads back", async () => {
    const before = channel(1).document;
    await deploy(node({ action: "set", values: { speakerVolume: 80, noiseReduction: "", enabled: "" } }));
    const out = inbox("out");
    send({ payload: { noiseReduction: false } });
    const [now] = (await out.next())["payload"] as { speakerVolume: number; noiseReduction: boolean }[];
    assert.deepEqual([now!.speakerVolume, now!.noiseReduction], [80, false]);
    const expected = before
      .replace("<speakerVolume>50<", "<speakerVolume>80<")
      .replace("<noisereduce>true<", "<noisereduce>false<");
    assert.equal(channel(1).document, expected);
  });

  it("changes what the form has saved, and a message's plain values win", async () => {
    const values = {
      speakerVolume: { value: "70", type: "num" },
      microphoneVolume: { value: "louder", type: "msg" },
      noiseReduction: { value: "false", type: "str" },
    };
    await deploy(node({ action: "set", values }));
    const out = inbox("out");
    send({ louder: 90 });
    const pick = async (): Promise<unknown[]> => {
      const [now] = (await out.next())["payload"] as Record<string, unknown>[];
      return [now?.["speakerVolume"], now?.["microphoneVolume"], now?.["noiseReduction"]];
    };
    assert.deepEqual(await pick(), [70, 90, false]);
    send({ louder: 91, payload: { speakerVolume: 20 } });
    assert.deepEqual(await pick(), [20, 91, false]);
  });

  it("leaves alone what a value of the form comes to nothing for", async () => {
    const values = { speakerVolume: { value: "70", type: "num" }, microphoneVolume: { value: "absent", type: "msg" } };
    await deploy(node({ action: "set", values }));
    const out = inbox("out");
    send({});
    const [now] = (await out.next())["payload"] as Record<string, unknown>[];
    assert.deepEqual([now?.["speakerVolume"], now?.["microphoneVolume"]], [70, 60]);
  });

  for (const [what, message, extra, says] of [
    ["a volume out of range", { payload: { speakerVolume: 101 } }, { action: "set" }, /0 to 100/],
    ["a setting nobody knows", { payload: { loudness: 3 } }, { action: "set" }, /loudness/],
    ["nothing to change", { payload: {} }, { action: "set" }, /Nothing to change/],
    ["no sound", { payload: "hello" }, {}, /Buffer/],
    ["an unknown format", { payload: SOUND, format: { encoding: "mp3" } }, {}, /pcm16/],
    ["no action", { payload: SOUND }, { action: "msg" }, /msg\.action/],
    ["an unknown action", { payload: SOUND, action: "sing" }, { action: "msg" }, /sing/],
  ] as const) {
    it(`refuses ${what} in words`, async () => {
      await deploy(node(extra));
      const caught = inbox("caught");
      send(message);
      const { error } = (await caught.next()) as { error: { code: string; message: string } };
      assert.equal(error.code, "badRequest");
      assert.match(error.message, says);
    });
  }

  it("takes the action out of the message, so that it does not steer the next node", async () => {
    await deploy(node({ action: "msg" }));
    const out = inbox("out");
    send({ action: "list" });
    assert.ok(!("action" in (await out.next())));
  });
});

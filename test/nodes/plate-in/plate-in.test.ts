import assert from "node:assert/strict";
import deviceModule from "../../../nodes/device/device";
import plateInModule from "../../../nodes/plate-in/plate-in";
import type { Picture } from "../../../src/events/types";
import { ContextStore } from "../../support/context-store";
import { deviceNode, helper, inbox, loadFlow, login, nodeById, statuses, type FlowNode } from "../../support/flow";
import {
  passPlate,
  platesOf,
  startVirtualDevice,
  status,
  type VirtualDevice,
  type VirtualDeviceOptions,
} from "../../virtual-device";
import { until } from "../../support/until";

const LIST = /vehicleDetect\/plates$/;
/** Longer than the stream is given to bring what the list has. */
const SETTLED_MS = 1_500;

type Payload = Record<string, unknown>;

function plateIn(extra: Record<string, unknown> = {}, id = "in"): FlowNode {
  return { id, type: "hikvision-plate-in", device: "device", wires: [[`${id}-live`], [`${id}-late`]], ...extra };
}

function outs(id = "in"): FlowNode[] {
  return [
    { id: `${id}-live`, type: "helper" },
    { id: `${id}-late`, type: "helper" },
  ];
}

describe("plate-in", () => {
  let device: VirtualDevice;
  let store: ContextStore | undefined;

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: { ms: 100 }, ...options });
  }

  async function deploy(nodes: FlowNode[] = [plateIn(), ...outs()]): Promise<void> {
    const modules = [deviceModule, plateInModule, ...(store ? [store.install] : [])];
    await loadFlow(modules, [deviceNode(device), ...nodes], { device: login(device) });
  }

  async function online(): Promise<void> {
    await until(() => device.streams === 1, "alert stream open");
  }

  /** The list has been read after the start. */
  async function read(times = 2): Promise<void> {
    await until(() => reads().length >= times, "plate list read");
  }

  function reads(): readonly unknown[] {
    return device.requests.filter(({ path, status: code }) => LIST.test(path) && code === 200);
  }

  async function restart(): Promise<void> {
    await helper.clearFlows();
    await helper.unload();
    await deploy();
    await online();
  }

  function warnings(): string[] {
    const { warn } = nodeById("in") as unknown as { warn: { getCalls(): { args: unknown[] }[] } };
    return warn.getCalls().map(({ args }) => String(args[0]));
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
    store?.remove();
    store = undefined;
  });

  describe("a plate of the stream", () => {
    it("is a message with everything the contract names, and its pictures byte for byte", async () => {
      await start({ macAddress: "44:47:cc:11:22:33" });
      await deploy();
      await online();
      const live = inbox("in-live");
      await passPlate(device, {
        plate: "HK47110",
        list: "whiteList",
        direction: "reverse",
        lane: 2,
        withPictures: true,
      });
      const message = await live.next();
      assert.equal(message["topic"], "Front/1/plate");
      const { pictures, raw, time, receivedAt, id, ...rest } = message["payload"] as Payload;
      assert.deepEqual(rest, {
        plate: "HK47110",
        confidence: 97,
        characterConfidence: [97, 97, 97, 97, 97, 97, 97],
        country: "POL",
        direction: "away",
        lane: 2,
        plateColor: "white",
        list: "allow",
        vehicle: { type: "vehicle", color: "blue", raw: (rest["vehicle"] as Payload)["raw"] },
        rect: { x: 0.438, y: 0.612, width: 0.096, height: 0.038 },
        channel: 1,
        source: "stream",
        device: { id: "device", name: "Front", host: "127.0.0.1", macAddress: "44:47:cc:11:22:33" },
      });
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
      assert.match(String(receivedAt), /Z$/);
      assert.equal(id, `1-HK47110-${String(time).slice(0, 19).replace(/[-:]/g, "")}`);
      assert.equal((raw as Payload)["eventType"], "ANPR");
      assert.deepEqual(
        (pictures as Picture[]).map(({ role, data }) => [role, data?.subarray(0, 2).toString("hex")]),
        [
          ["plate", "ffd8"],
          ["vehicle", "ffd8"],
          ["scene", "ffd8"],
        ],
      );
    });

    it("is text to the letter, by stream and by list", async () => {
      const letters = ["0012345", "12E34", "0x1F", "1E5", "KH 35-192"];
      await start();
      await deploy();
      await online();
      await read();
      const [live, late] = [inbox("in-live"), inbox("in-late")];
      for (const plate of letters) {
        await passPlate(device, { plate }, { listed: false });
        assert.equal((await live.payload())["plate"], plate);
      }
      device.stream.cut();
      for (const plate of letters) await passPlate(device, { plate }, { stream: false, agoMs: 4_000 });
      for (const plate of letters) assert.equal((await late.payload())["plate"], plate);
    });

    it("is marked when it could not be read", async () => {
      await start();
      await deploy();
      await online();
      const live = inbox("in-live");
      await passPlate(device, { plate: "unknown", confidence: 0 });
      const payload = await live.payload();
      assert.deepEqual([payload["plate"], payload["unread"]], ["", true]);
    });

    it("passes the filter of each node by itself, and what one flow changes no other sees", async () => {
      await start({ model: "nvr" });
      await deploy([
        plateIn({}, "all"),
        ...outs("all"),
        plateIn({ channels: [2], minConfidence: 80, lists: ["allow"], dropRepeats: 60 }, "picky"),
        ...outs("picky"),
      ]);
      await online();
      const [all, picky] = [inbox("all-live"), inbox("picky-live")];
      nodeById("all-live").once("input", (message) => {
        ((message as { payload: Payload }).payload["vehicle"] as Payload)["type"] = "spoilt";
      });
      const known = { list: "whiteList", channel: 2 } as const;
      await passPlate(device, { ...known, plate: "A1" });
      await passPlate(device, { ...known, plate: "B2", channel: 1 });
      await passPlate(device, { ...known, plate: "C3", confidence: 79 });
      await passPlate(device, { ...known, plate: "D4", list: "blackList" });
      await passPlate(device, { ...known, plate: "A1" }, { agoMs: -30_000 });
      await passPlate(device, { ...known, plate: "A1" }, { agoMs: -90_000 });
      const plates: unknown[] = [];
      while (plates.length < 6) plates.push((await all.payload())["plate"]);
      assert.deepEqual(plates, ["A1", "B2", "C3", "D4", "A1", "A1"]);
      assert.deepEqual(
        [await picky.payload(), await picky.payload()].map(({ plate, vehicle }) => [
          plate,
          (vehicle as Payload)["type"],
        ]),
        [
          ["A1", "vehicle"],
          ["A1", "vehicle"],
        ],
      );
      assert.equal(picky.all.length, 2);
    });

    it("comes once, although the list has it, too, stamped two seconds apart", async () => {
      await start();
      await deploy();
      await online();
      await read();
      const [live, late] = [inbox("in-live"), inbox("in-late")];
      await passPlate(device, { plate: "A1" }, { stampedLaterMs: 2_000 });
      await live.next();
      const before = reads().length;
      device.stream.cut();
      await until(() => reads().length > before, "list read after the cut", 8_000);
      assert.equal(await late.nextOrNothing(SETTLED_MS), undefined);
      assert.equal(live.all.length, 1);
    });
  });

  describe("what passes while nobody looks", () => {
    it("comes on the second output, in order over all channels, marked, with the picture the device still has", async () => {
      await start({ model: "nvr" });
      await deploy();
      await online();
      await read(8);
      const [live, late] = [inbox("in-live"), inbox("in-late")];
      await passPlate(device, { plate: "A1" });
      await passPlate(device, { plate: "B2", channel: 2 });
      await live.next();
      await live.next();
      device.stream.cut();
      for (let i = 0; i < 20; i++)
        await passPlate(device, { plate: `M${i}`, channel: 1 + (i % 2) }, { agoMs: 4_000 - 200 * i, stream: false });
      const missed: Payload[] = [];
      while (missed.length < 20) missed.push(await late.payload());
      assert.deepEqual(
        missed.map(({ plate }) => plate),
        Array.from({ length: 20 }, (_, i) => `M${i}`),
      );
      const { pictures, raw, time, receivedAt, id, ...rest } = missed[0]!;
      assert.deepEqual(rest, {
        plate: "M0",
        confidence: null,
        country: "NON",
        direction: "approach",
        lane: 1,
        list: null,
        vehicle: { raw: {} },
        channel: 1,
        source: "list",
        backfilled: true,
        device: { id: "device", name: "Front", host: "127.0.0.1" },
      });
      assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
      assert.ok(Date.parse(String(receivedAt)) - Date.parse(String(time)) < 20_000);
      assert.equal(id, `1-M0-${String(time).slice(0, 19).replace(/[-:]/g, "")}`);
      assert.equal((raw as Payload)["plateNumber"], "M0");
      assert.deepEqual([...(pictures as Picture[])[0]!.data!.subarray(0, 2)], [0xff, 0xd8]);
      assert.equal(live.all.length, 2);
      await passPlate(device, { plate: "Z9" });
      assert.deepEqual([(await live.payload())["plate"], late.all.length], ["Z9", 20]);
    });

    it("comes without its picture, and says why, where the device has none", async () => {
      await start();
      platesOf(device).pictures = false;
      await deploy([plateIn({ pollInterval: 1 }), ...outs()]);
      await online();
      const live = inbox("in-live");
      for (const plate of ["A1", "B2"]) {
        await passPlate(device, { plate }, { stream: false });
        const [picture] = (await live.payload())["pictures"] as Picture[];
        assert.equal(picture!.data, null);
        assert.ok(picture!.error!.code.length > 0 && /\w+ \w+/.test(picture!.error!.message.toString()));
      }
      assert.equal(device.requests.filter(({ path }) => path.startsWith("/doc/")).length, 1);
    });

    it("is not asked for where nobody wants it", async () => {
      await start();
      await deploy([plateIn({ backfill: false }), ...outs()]);
      await online();
      await read();
      const [live, late] = [inbox("in-live"), inbox("in-late")];
      await passPlate(device, { plate: "A1" });
      await live.next();
      device.stream.cut();
      await passPlate(device, { plate: "B2" }, { stream: false });
      await until(() => device.streams === 1, "stream back", 5_000);
      assert.equal(await late.nextOrNothing(SETTLED_MS), undefined);
    });

    it("goes to the second output, too, when the device sends it again over the stream", async () => {
      await start();
      await deploy();
      await online();
      await read();
      const late = inbox("in-late");
      await passPlate(device, { plate: "A1", replayed: true });
      const payload = await late.payload();
      assert.deepEqual([payload["plate"], payload["source"], payload["backfilled"]], ["A1", "stream", true]);
    });
  });

  describe("a device that tells no plates over its stream", () => {
    it("is polled: what is listed from the start on comes on the first output, once; what was there before never", async () => {
      await start();
      for (const plate of ["OLD1", "OLD2"]) await passPlate(device, { plate }, { stream: false, agoMs: 60_000 });
      await passPlate(device, { plate: "OLD3" }, { stream: false });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await deploy([plateIn({ pollInterval: 1 }), ...outs()]);
      await online();
      const [live, late] = [inbox("in-live"), inbox("in-late")];
      for (const plate of ["A1", "B2", "C3"]) await passPlate(device, { plate }, { stream: false });
      const first = await live.payload();
      assert.deepEqual([first["plate"], first["source"], first["backfilled"]], ["A1", "list", undefined]);
      for (const plate of ["B2", "C3"]) assert.equal((await live.payload())["plate"], plate);
      for (const plate of ["D4", "E5"]) {
        await passPlate(device, { plate }, { stream: false });
        assert.equal((await live.payload())["plate"], plate);
      }
      const before = reads().length;
      await until(() => reads().length > before + 3, "more readings");
      assert.deepEqual([live.all.length, late.all.length], [5, 0]);
    });

    for (const spelling of ["digits", "compact", "zulu", "offset"] as const)
      it(`is understood when it takes a moment only as ${spelling}`, async () => {
        await start();
        platesOf(device).spelling = spelling;
        await deploy([plateIn({ pollInterval: 1, pictures: false }), ...outs()]);
        await online();
        const live = inbox("in-live");
        for (const plate of ["A1", "B2"]) {
          await passPlate(device, { plate }, { stream: false });
          assert.equal((await live.payload())["plate"], plate);
        }
        const refused = device.requests.filter(({ path, status: code }) => LIST.test(path) && code === 400);
        assert.ok(refused.length < 4);
      });

    it("loses none to an error, nor to a device that was away", async () => {
      await start();
      await deploy([plateIn({ pollInterval: 1, pictures: false }), ...outs()]);
      await online();
      await read();
      const [live, late] = [inbox("in-live"), inbox("in-late")];
      device.fail(LIST, status("deviceBusy"), { times: 1 });
      await passPlate(device, { plate: "A1" }, { stream: false });
      assert.equal((await live.payload())["plate"], "A1");
      await device.disconnect();
      await passPlate(device, { plate: "B2" }, { stream: false });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await device.connect();
      const found = await Promise.race([live.payload(), late.payload()]);
      assert.equal(found["plate"], "B2");
    });
  });

  it("tells once that missed plates cannot be fetched where there is no list, and sends those of the stream", async () => {
    await start();
    platesOf(device).without.add(1);
    await deploy([plateIn({ pollInterval: 1 }), ...outs()]);
    await online();
    await until(() => warnings().length > 0, "warned");
    const live = inbox("in-live");
    await passPlate(device, { plate: "A1" });
    await live.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(warnings().length, 1);
    assert.match(warnings()[0]!, /cannot be fetched.*plate list/);
    assert.equal(device.requests.filter(({ path }) => LIST.test(path)).length, 1);
  });

  describe("after a restart", () => {
    beforeEach(() => (store = new ContextStore()));

    it("goes on where it was: what was missed comes late, what was sent never again", async () => {
      await start();
      await deploy();
      await online();
      await read();
      const live = inbox("in-live");
      await passPlate(device, { plate: "A1" });
      await live.next();
      await helper.clearFlows();
      await passPlate(device, { plate: "B2" });
      await helper.unload();
      await deploy();
      await online();
      const late = inbox("in-late");
      assert.equal((await late.payload())["plate"], "B2");
      await restart();
      assert.equal(await inbox("in-late").nextOrNothing(SETTLED_MS), undefined);
      assert.deepEqual(inbox("in-live").all, []);
    });

    it("that was a kill sends again what it cannot know of, under the same id", async () => {
      await start();
      await deploy();
      await online();
      await read();
      const live = inbox("in-live");
      await passPlate(device, { plate: "A1" });
      await live.next();
      await until(() => /A1/.test(JSON.stringify(store!.read("in:tab", "plates"))), "A1 is kept as sent");
      store!.error = new Error("the disk died just before");
      await passPlate(device, { plate: "B2" });
      const id = (await live.payload())["id"];
      await restartAfterKill();
      const again = await inbox("in-late").payload();
      assert.deepEqual([again["plate"], again["id"]], ["B2", id]);
    });

    it("does not read the list of another device from where it was on this one", async () => {
      await start();
      await passPlate(device, { plate: "OLD" }, { stream: false, agoMs: 60_000 });
      await deploy();
      await online();
      await read();
      await helper.clearFlows();
      await helper.unload();
      const other = { ...deviceNode(device), id: "other" };
      await passPlate(device, { plate: "B2" }, { stream: false });
      await new Promise((resolve) => setTimeout(resolve, 20));
      const modules = [deviceModule, plateInModule, store!.install];
      await loadFlow(modules, [other, plateIn({ device: "other" }), ...outs()], { other: login(device) });
      await online();
      assert.equal(await inbox("in-late").nextOrNothing(SETTLED_MS), undefined);
    });

    async function restartAfterKill(): Promise<void> {
      await helper.clearFlows();
      store!.error = undefined;
      await restart();
    }
  });

  it("says that the context store does not work, and sends plates all the same", async () => {
    store = new ContextStore();
    store.error = new Error("no such table");
    await start();
    await deploy();
    await online();
    await until(() => warnings().length > 0, "warned");
    assert.match(warnings()[0]!, /no such table/);
    const live = inbox("in-live");
    await passPlate(device, { plate: "A1" });
    assert.equal((await live.payload())["plate"], "A1");
  });

  it("begins after five seconds where the store does not answer, says so, and closes within two", async () => {
    store = new ContextStore();
    store.silent = true;
    await start();
    await deploy();
    await until(() => warnings().length > 0, "warned");
    assert.match(warnings()[0]!, /no answer within 5 s/);
    await online();
    const live = inbox("in-live");
    await passPlate(device, { plate: "A1" });
    assert.equal((await live.payload())["plate"], "A1");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    await helper.unload();
    assert.ok(performance.now() - began < 4_000, `${performance.now() - began} ms`);
  });

  it("says at the node what it cannot begin with, whatever the store gives back", async () => {
    store = new ContextStore();
    store.read = () => ({
      get device(): string {
        throw new Error("a proxy of somebody's store");
      },
    });
    await start();
    await deploy();
    await until(() => statuses("in").some(({ text }) => text?.endsWith("badRequest")), "told at the node");
  });

  it("is silent after it was closed: no request, no connection", async () => {
    await start();
    await deploy([plateIn({ pollInterval: 1 }), ...outs()]);
    await online();
    await read();
    await helper.unload();
    await until(() => device.connections.open === 0, "all connections closed");
    const { length } = device.requests;
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(device.requests.length, length);
  });

  it("shows that no device is chosen, instead of throwing", async () => {
    await start();
    await deploy([plateIn({ device: "" }), ...outs()]);
    const text = "@hikflow/node-red-hikvision/device:hikvision-device.status.unconfigured";
    assert.deepEqual(statuses("in").at(-1), { fill: "grey", shape: "ring", text });
  });
});

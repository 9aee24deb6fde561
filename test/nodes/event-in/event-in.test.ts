import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import deviceModule from "../../../nodes/device/device";
import eventInModule from "../../../nodes/event-in/event-in";
import { EVENT_GROUPS, EVENT_TYPES } from "../../../src/events/event-types";
import type { Picture } from "../../../src/events/types";
import {
  deviceNode,
  errors,
  helper,
  inbox,
  loadFlow,
  login,
  nodeById,
  statuses,
  type FlowNode,
} from "../../support/flow";
import {
  alerts,
  startVirtualDevice,
  WIRE_FAULTS,
  type VirtualDevice,
  type VirtualDeviceOptions,
  type WireFault,
} from "../../virtual-device";
import { until } from "../../support/until";

const modules = [deviceModule, eventInModule];
const VOCABULARY = "@hikflow/node-red-hikvision/device:hikvision-device.status.";

function eventIn(extra: Record<string, unknown> = {}, id = "in"): FlowNode {
  return { id, type: "hikvision-event-in", device: "device", wires: [[`${id}-out`]], ...extra };
}

function out(id = "in"): FlowNode {
  return { id: `${id}-out`, type: "helper" };
}

describe("event-in", () => {
  let device: VirtualDevice;

  async function start(options: VirtualDeviceOptions = {}): Promise<void> {
    device = await startVirtualDevice({ heartbeat: { ms: 100 }, ...options });
  }

  async function deploy(
    nodes: FlowNode[] = [eventIn(), out()],
    deviceExtra: Record<string, unknown> = {},
  ): Promise<void> {
    await loadFlow(modules, [deviceNode(device, deviceExtra), ...nodes], { device: login(device) });
  }

  async function online(streams = 1): Promise<void> {
    await until(() => device.streams === streams, `${streams} alert stream(s) open`);
  }

  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(async () => {
    await helper.unload();
    await device.close();
  });

  describe("messages", () => {
    it("tell motion with everything the contract names", async () => {
      await start({ macAddress: "44:47:cc:11:22:33" });
      await deploy();
      await online();
      const messages = inbox("in-out");
      const before = Date.now();
      await device.emit(alerts.motion({ targets: ["human", "vehicle"] }));
      const message = await messages.next();
      const payload = message["payload"] as Record<string, unknown>;
      assert.equal(message["topic"], "Front/1/VMD");
      assert.equal(payload["type"], "VMD");
      assert.equal(payload["label"], "Motion");
      assert.equal(payload["state"], "start");
      assert.equal(payload["channel"], 1);
      assert.deepEqual(payload["targets"], ["human", "vehicle"]);
      assert.deepEqual(payload["regions"], []);
      assert.deepEqual(payload["pictures"], []);
      assert.deepEqual(payload["device"], {
        id: "device",
        name: "Front",
        host: "127.0.0.1",
        macAddress: "44:47:cc:11:22:33",
      });
      assert.match(String(payload["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
      assert.ok(Math.abs(Date.parse(String(payload["receivedAt"])) - before) < 5_000);
      assert.equal((payload["raw"] as Record<string, unknown>)["eventType"], "VMD");
      assert.ok(!("synthetic" in payload) && !("replayed" in payload));
    });

    it("reach the flow although nothing follows them", async () => {
      await start({ heartbeat: null });
      await deploy();
      await online();
      const messages = inbox("in-out");
      for (const type of ["first", "second", "last"]) {
        await device.emit(alerts.plain(type));
        assert.equal((await messages.payload())["type"], type);
      }
    });

    it("start once, update never with edges, end when the device says so", async () => {
      await start();
      await deploy();
      await online();
      const messages = inbox("in-out");
      for (let i = 1; i <= 4; i++) await device.emit(alerts.intrusion({ count: i }));
      await device.emit(alerts.intrusion({ state: "inactive" }));
      assert.equal((await messages.payload())["state"], "start");
      const end = await messages.payload();
      assert.equal(end["state"], "end");
      assert.deepEqual(end["targets"], ["human"]);
      assert.equal((end["regions"] as unknown[]).length, 1);
      assert.equal(await messages.nextOrNothing(50), undefined);
    });

    it("end by silence after offDelay, marked synthetic", async () => {
      await start();
      await deploy([eventIn({ offDelay: 0.05 }), out()]);
      await online();
      const messages = inbox("in-out");
      await device.emit(alerts.motion());
      assert.equal((await messages.payload())["state"], "start");
      const end = await messages.payload();
      assert.deepEqual([end["state"], end["synthetic"]], ["end", true]);
    });

    it("are marked as sent again when they are old by the device's System/time, where no heartbeat tells its clock", async () => {
      await start({ heartbeat: null });
      await deploy();
      await online();
      await until(
        () => device.requests.some(({ path, status }) => path === "/ISAPI/System/time" && status === 200),
        "clock read",
      );
      const messages = inbox("in-out");
      const old = alerts.altered(alerts.plain("PIR"), (text) =>
        text.replace(/<dateTime>([^<]{19})/, (_, wall: string) => {
          const earlier = new Date(Date.parse(`${wall}Z`) - 120_000).toISOString().slice(0, 19);
          return `<dateTime>${earlier}`;
        }),
      );
      await device.emit(old);
      assert.equal((await messages.payload())["replayed"], true);
      await device.emit(alerts.motion());
      assert.equal((await messages.payload())["replayed"], undefined);
    });

    it("never are heartbeats, whatever their shape", async () => {
      await start({ heartbeat: null });
      await deploy([eventIn({ emit: "all" }), out()]);
      await online();
      const messages = inbox("in-out");
      for (const shape of ["videoloss", "empty", "doorbell", "heartBeat"] as const)
        await device.emit(alerts.heartbeat(shape));
      await device.emit(alerts.motion());
      assert.equal((await messages.payload())["type"], "VMD");
    });

    it("keep their pictures with them, byte for byte, and leave them out where nobody asked", async () => {
      await start();
      await deploy([eventIn(), out(), eventIn({ pictures: false }, "bare"), out("bare")]);
      await online();
      const [full, bare] = [inbox("in-out"), inbox("bare-out")];
      await device.emit(alerts.intrusion({ withPictures: true }));
      const [picture] = (await full.payload())["pictures"] as { data: Buffer; contentType: string }[];
      assert.deepEqual([...picture!.data.subarray(0, 3)], [0xff, 0xd8, 0xff]);
      assert.deepEqual([...picture!.data.subarray(-2)], [0xff, 0xd9]);
      assert.equal(picture!.contentType, "image/jpeg");
      assert.deepEqual((await bare.payload())["pictures"], []);
    });

    it("bring pictures given as URLs from the device itself, and say what is missing of others", async () => {
      await start();
      const trapped: string[] = [];
      const trap = createServer((request, response) => {
        trapped.push(request.headers.authorization ?? "");
        response.writeHead(401, { "WWW-Authenticate": 'Digest realm="trap", nonce="1", qop="auth"' }).end();
      });
      await new Promise<void>((resolve) => trap.listen(0, "127.0.0.1", resolve));
      const port = (trap.address() as AddressInfo).port;
      await deploy();
      await online();
      const messages = inbox("in-out");
      await device.emit(alerts.intrusion({ pictureUrl: "/ISAPI/Streaming/channels/101/picture" }));
      const [own] = (await messages.payload())["pictures"] as Picture[];
      assert.deepEqual([...own!.data!.subarray(0, 3)], [0xff, 0xd8, 0xff]);
      assert.equal(own!.role, "background");
      await device.emit(alerts.lineCrossing({ pictureUrl: `http://127.0.0.1:${port}/picture` }));
      const [other] = (await messages.payload())["pictures"] as Picture[];
      assert.equal(other!.data, null);
      assert.equal(other!.error!.code, "forbidden");
      assert.deepEqual(trapped, []);
      await new Promise((resolve) => trap.close(resolve));
    });

    it("of access control say what happened by its code, and in words", async () => {
      await start();
      await deploy();
      await online();
      const received = inbox("in-out");
      await device.emit(alerts.access({ code: [5, 9], more: { doorNo: 1 } }));
      const { access } = await received.payload();
      const words = { reason: "card unknown", text: "card unknown" };
      assert.deepEqual(access, { kind: "denied", major: 5, minor: 9, granted: false, door: 1, ...words });
      await device.emit(alerts.access({ code: [5, 208] }));
      const unknown = await received.payload();
      assert.deepEqual(unknown["access"], { kind: "other", major: 5, minor: 208, text: "Event 5/208" });
    });

    it("belong to their receiver: what one flow changes, no other node sees", async () => {
      await start();
      await deploy([
        eventIn({}, "a"),
        out("a"),
        eventIn({}, "b"),
        out("b"),
        eventIn({ pictures: false }, "c"),
        out("c"),
      ]);
      await online();
      const [a, b, c] = [inbox("a-out"), inbox("b-out"), inbox("c-out")];
      nodeById("a-out").once("input", (message) => {
        const payload = (message as { payload: unknown }).payload as {
          regions: { polygon: unknown[] }[];
          targets: string[];
          raw: Record<string, unknown>;
        };
        payload.regions.length = 0;
        payload.targets.push("spoilt");
        payload.raw["spoilt"] = true;
      });
      await device.emit(alerts.intrusion());
      await a.next();
      for (const other of [b, c]) {
        const payload = await other.payload();
        assert.deepEqual(payload["targets"], ["human"]);
        assert.equal((payload["regions"] as unknown[]).length, 1);
        assert.ok(!("spoilt" in (payload["raw"] as object)));
      }
      await device.emit(alerts.intrusion({ state: "inactive" }));
      const end = await a.payload();
      assert.deepEqual([end["state"], end["targets"]], ["end", ["human"]]);
    });

    it("know channels by the recorder's numbers and names, also an old one's that counts from 33", async () => {
      await start({ model: "dvr" });
      await deploy([eventIn({ emit: "all" }), out()]);
      await online();
      const messages = inbox("in-out");
      for (const [sent, meant] of [
        [1, 1],
        [33, 5],
      ] as const) {
        await device.emit(alerts.altered(alerts.motion({ channel: 1 }), (text) => asChannel(text, sent)));
        const { channel, channelName } = (await messages.payload()) as { channel: number; channelName: string };
        assert.equal(channel, meant);
        assert.match(channelName, /\w/);
      }
    });

    it("begin only within the active hours of a node, and with starts only have no end", async () => {
      await start();
      const hour = (shift: number): string => {
        const time = new Date(Date.now() + shift * 3_600_000);
        return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
      };
      const now = { from: hour(-2), to: hour(2), days: [1, 2, 3, 4, 5, 6, 7], zone: "local" };
      await deploy([
        eventIn({ emit: "starts", hours: now }, "now"),
        out("now"),
        eventIn({ hours: { ...now, from: hour(2), to: hour(4) } }, "later"),
        out("later"),
      ]);
      await online();
      const [inside, outside] = [inbox("now-out"), inbox("later-out")];
      for (const state of ["active", "inactive", "active"] as const) await device.emit(alerts.motion({ state }));
      assert.equal((await inside.payload())["state"], "start");
      assert.equal((await inside.payload())["state"], "start");
      assert.deepEqual(outside.all, []);
    });

    it("warn of hours that cannot be read, and are sent at every hour", async () => {
      await start();
      await deploy([eventIn({ hours: { from: "late", to: "06:00" } }), out()]);
      await online();
      const messages = inbox("in-out");
      await device.emit(alerts.motion());
      assert.equal((await messages.payload())["state"], "start");
      assert.equal((nodeById("in").warn as unknown as { readonly callCount: number }).callCount, 1);
    });

    it("pass the filter of each node by itself", async () => {
      await start({ model: "nvr" });
      await deploy([
        eventIn({ events: ["fielddetection"], channels: [2], targets: ["vehicle"] }, "picky"),
        out("picky"),
        eventIn({ channels: ["device"] }, "own"),
        out("own"),
      ]);
      await online();
      const [picky, own] = [inbox("picky-out"), inbox("own-out")];
      const vehicle = [{ id: 1, target: "vehicle" }];
      await device.emit(alerts.intrusion({ channel: 1, regions: vehicle }));
      await device.emit(alerts.intrusion({ channel: 2 }));
      await device.emit(alerts.lineCrossing({ channel: 2, regions: vehicle }));
      await device.emit(alerts.intrusion({ channel: 2, regions: vehicle }));
      await device.emit(alerts.deviceException("diskfull", { disk: 1 }));
      const payload = await picky.payload();
      assert.deepEqual([payload["channel"], payload["targets"]], [2, ["vehicle"]]);
      const disk = await own.payload();
      assert.deepEqual([disk["type"], disk["channel"], disk["disk"]], ["diskfull", null, 1]);
      assert.deepEqual([picky.all.length, own.all.length], [1, 1]);
    });
  });

  describe("every type of the table", () => {
    for (const group of EVENT_GROUPS) {
      it(`reaches the flow under its own name, in whatever spelling a device uses: ${group}`, async () => {
        await start({ heartbeat: null });
        await deploy([eventIn({ emit: "all" }), out()]);
        await online();
        const messages = inbox("in-out");
        for (const { type, label, aliases, lasts, group: of } of EVENT_TYPES) {
          if (of !== group || type === "heartBeat") continue;
          for (const spelling of [type, type.toUpperCase(), ...aliases]) {
            await device.emit(alerts.plain(spelling, { state: "active" }));
            const payload = await messages.payload();
            assert.deepEqual([payload["type"], payload["label"]], [type, label], spelling);
            assert.ok(lasts ? /start|update/.test(String(payload["state"])) : payload["state"] === "report", spelling);
          }
        }
      });
    }

    it("and one that is not in it, too", async () => {
      await start({ heartbeat: null });
      await deploy();
      await online();
      const messages = inbox("in-out");
      await device.emit(alerts.plain("somethingNew2031"));
      assert.equal((await messages.payload())["type"], "somethingNew2031");
    });
  });

  describe("a stream with a fault", () => {
    for (const name of Object.keys(WIRE_FAULTS) as WireFault[]) {
      it(`(${name}) delivers the event that has it and the one after it, each once`, async () => {
        await start({ heartbeat: null });
        await deploy();
        await online();
        const messages = inbox("in-out");
        device.stream.misbehave(name);
        await device.emit(alerts.plain("faulty"));
        device.stream.misbehave();
        await device.emit(alerts.plain("after"));
        await device.emit(alerts.plain("last"));
        const types: unknown[] = [];
        while (types.at(-1) !== "last") types.push((await messages.payload())["type"]);
        assert.deepEqual(types, ["faulty", "after", "last"]);
        assert.equal(await messages.nextOrNothing(30), undefined);
      });
    }
  });

  describe("connection", () => {
    it("is told at the first connect, at its loss and at its return, once each", async () => {
      await start();
      device.fail("/ISAPI/System/deviceInfo", { kind: "slow", ms: 100 }, { times: 1 });
      await deploy([eventIn({ connection: true, events: ["VMD"] }), out()]);
      const messages = inbox("in-out");
      const first = await messages.next();
      assert.equal(first["topic"], "Front/device/connection");
      assert.deepEqual(pick(first["payload"], "type", "state", "channel"), ["connection", "online", null]);
      await device.disconnect();
      const lost = await messages.payload();
      assert.deepEqual(pick(lost, "state", "code"), ["offline", "offline"]);
      assert.match(String(lost["reason"]), /\w/);
      await device.connect();
      assert.equal((await messages.payload())["state"], "online");
      assert.equal(errors("device").length, 1);
      await device.emit(alerts.motion());
      assert.equal((await messages.payload())["type"], "VMD");
    });

    it("is not opened without a subscriber, shared by all of them, and closed with the last", async () => {
      await start();
      await deploy([]);
      assert.equal(device.connections.total, 0);
      await helper.unload();
      await deploy([eventIn({}, "a"), out("a"), eventIn({}, "b"), out("b")]);
      await online(1);
      await device.emit(alerts.motion());
      assert.equal(
        device.requests.filter(({ path, status }) => path.endsWith("alertStream") && status === 200).length,
        1,
      );
      await helper.unload();
      await until(() => device.connections.open === 0, "all connections closed");
    });

    it("survives 50 redeploys without leaving a socket or a stream behind", async () => {
      await start({ slots: 1 });
      for (let i = 0; i < 50; i++) {
        await deploy();
        await online();
        await helper.unload();
        await until(() => device.connections.open === 0, "all connections closed");
      }
      assert.equal(device.streams, 0);
    });
  });

  describe("a wrong password", () => {
    it("is tried once, also with a second config node and over five redeploys, and is said in words", async () => {
      await start();
      const wrong = { username: device.username, password: "not it" };
      const flow = [
        deviceNode(device),
        deviceNode(device, { id: "again", name: "Again" }),
        eventIn(),
        out(),
        eventIn({ device: "again" }, "second"),
        out("second"),
      ];
      for (let i = 0; i < 6; i++) {
        await loadFlow(modules, flow, { device: wrong, again: wrong });
        await until(() => statuses("in").some(({ text }) => text === `${VOCABULARY}unauthorized`), "status says so");
        await until(
          () => statuses("second").some(({ text }) => text === `${VOCABULARY}unauthorized`),
          "status says so",
        );
        assert.match((errors("device")[0]?.[0] as Error).message, /password/i);
        await helper.unload();
      }
      assert.equal(device.requests.filter(({ credentials }) => credentials).length, 1);
    });
  });

  it("shows that no device is chosen, instead of throwing", async () => {
    await start();
    await deploy([eventIn({ device: "" }), out()]);
    assert.deepEqual(statuses("in").at(-1), { fill: "grey", shape: "ring", text: `${VOCABULARY}unconfigured` });
  });
});

function pick(value: unknown, ...names: string[]): unknown[] {
  return names.map((name) => (value as Record<string, unknown>)[name]);
}

/** The alert with another channel, and without a name for it. */
function asChannel(text: string, channel: number): string {
  return text
    .replace(/<(dynChannelID|channelID)>\d+</g, `<$1>${channel}<`)
    .replace(/<channelName>[^<]*</, "<channelName><");
}

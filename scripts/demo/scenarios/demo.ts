/** Events of a busy site: people, cars with plates, a covered camera, a door contact, a bell, people who come in, a camera that goes offline. */
import { alerts, callsOf, countingOf, portsOf, type VirtualDevice } from "../../../test/virtual-device";
import { setUpDevice } from "./device-setup";
import { ScenarioContext } from "./scenario-context";

type Scenario = (context: ScenarioContext) => Promise<void>;

/** Ten motions on one channel; recorders often leave out the end, so every other one has none. */
const motion: Scenario = async (context) => {
  const channel = context.channel(3, 4, 5);
  const targets = [context.pick(["human", "vehicle"])];
  const times = context.integer(3, 8);
  for (let count = 1; count <= times; count++) {
    context.film(channel);
    await context.emit(alerts.motion({ channel, count, targets }));
    await context.pause(1, 1);
  }
  if (context.integer(0, 1) === 1)
    await context.emit(alerts.motion({ channel, state: "inactive", count: times, targets }));
};

const intrusion: Scenario = async (context) => {
  const channel = context.channel(3, 7);
  context.film(channel);
  const left = context.integer(15, 60) / 100;
  const box = { x: left, y: 0.42, width: 0.09, height: 0.38 };
  const polygon = [
    [0.1, 0.35],
    [0.9, 0.35],
    [0.95, 0.95],
    [0.05, 0.95],
  ] as const;
  const regions = [{ id: context.integer(1, 2), sensitivity: 60, polygon, target: "human", box }];
  await context.emit(alerts.intrusion({ channel, regions, withPictures: true }));
  for (let second = context.integer(3, 6); second > 0; second--) {
    await context.pause(1, 1);
    await context.emit(alerts.duration("fielddetection", { channel }));
  }
  await context.emit(alerts.intrusion({ channel, state: "inactive" }));
};

const lineCrossing: Scenario = async (context) => {
  const channel = context.channel(2, 5);
  context.film(channel);
  const polygon = [
    [0.35, 0.62],
    [0.74, 0.58],
  ] as const;
  const box = { x: 0.44, y: 0.5, width: 0.2, height: 0.22 };
  const regions = [{ id: 1, sensitivity: 50, polygon, target: "vehicle", box }];
  await context.emit(alerts.lineCrossing({ channel, regions, withPictures: true }));
  await context.pause(1, 2);
  await context.emit(alerts.lineCrossing({ channel, state: "inactive" }));
};

const visitor: Scenario = async (context) => {
  const channel = context.channel(7);
  context.film(channel);
  const region = { id: 2, sensitivity: 50, target: "human", box: { x: 0.3, y: 0.3, width: 0.1, height: 0.45 } };
  await context.emit(alerts.regionEntrance({ channel, regions: [region] }));
  await context.pause(4, 9);
  await context.emit(alerts.regionExiting({ channel, regions: [region] }));
};

const plate: Scenario = async (context) => {
  const [text, list] = context.pick([
    ["HK47110", "whiteList"],
    ["0012345", "otherList"],
    ["12E34", "whiteList"],
    ["BT21XYZ", "otherList"],
    ["NX88KLM", "blackList"],
    ["unknown", "otherList"],
  ] as const);
  const direction = context.pick(["forward", "reverse"] as const);
  const vehicleType = context.pick(["vehicle", "SUVMPV", "van", "truck"]);
  const vehicleColor = context.pick(["blue", "white", "black", "red"]);
  const confidence = text === "unknown" ? 0 : context.integer(82, 99);
  const channel = context.channel(1);
  context.film(channel);
  await context.passVehicle({
    channel,
    plate: text,
    list,
    direction,
    vehicleType,
    vehicleColor,
    confidence,
    withPictures: true,
  });
};

const crowd: Scenario = async (context) => {
  const channel = context.channel(7);
  const people = context.integer(0, 14);
  const reading = { people, frames: people, regionId: 1, regionName: "Lobby" };
  await context.emit(alerts.density({ channel, readings: [{ ...reading, source: "timing" }] }));
  if (people < 9) return;
  await context.pause(1, 2);
  await context.emit(
    alerts.density({ channel, readings: [{ ...reading, source: "trigger", level: people < 12 ? 2 : 3 }] }),
  );
};

const counting: Scenario = (context) => {
  const channel = context.channel(7);
  const [came, left] = [context.integer(0, 4), context.integer(0, 3)];
  countingOf(context.device).crossings.push({ channel, atMs: context.device.time.now(), enter: came, exit: left });
  const [enter, exit] = [context.total("enter", came), context.total("exit", left)];
  return context.emit(alerts.peopleCounting({ channel, enter, exit, pass: context.total("pass", 1) }));
};

const doorContact: Scenario = async (context) => {
  const input = portsOf(context.device).inputs[context.device.profile.alarmInputs > 1 ? 1 : 0];
  if (!input) return;
  context.film(context.channel(1));
  input.active = true;
  await context.emit(alerts.alarmInput({ channel: context.channel(1), port: input.id }));
  await context.pause(3, 6);
  input.active = false;
  await context.emit(alerts.alarmInput({ channel: context.channel(1), port: input.id, state: "inactive" }));
};

/** Somebody rings. If no flow reacts, every other one is answered by the indoor station. */
const bell: Scenario = async (context) => {
  const station = callsOf(context.device);
  if (station.status !== "idle") return;
  context.film(context.channel(3));
  station.status = "ring";
  await context.pause(8, 15);
  if (station.is("ring") && context.integer(0, 1) === 1) station.status = "onCall";
  await context.pause(6, 12);
  station.status = "idle";
};

const comesIn: Scenario = async (context) => {
  const doorNo = 1;
  const [name, employeeNoString, code] = context.pick([
    ["Anna Keller", "1001", [5, 75]],
    ["Mehmet Aydin", "1002", [5, 75]],
    ["Li Wei", "1003", [5, 1]],
    ["Jonas Brandt", "1004", [5, 8]],
  ] as const);
  const event = (of: readonly [number, number], more: object = {}): Promise<void> => {
    const serialNo = context.total("access", 1);
    return context.emit(alerts.access({ channel: context.channel(3), code: of, more: { serialNo, doorNo, ...more } }));
  };
  context.film(context.channel(3));
  await event(code, { name, employeeNoString, userType: "normal", currentVerifyMode: "cardOrFace" });
  if (code[1] === 8) return;
  await event([5, 21]);
  await context.pause(1, 2);
  await event([5, 25]);
  await context.pause(3, 5);
  await event([5, 26]);
  await event([5, 22]);
};

const tampering: Scenario = async (context) => {
  const camera = context.camera(6);
  context.film(camera.number);
  camera.covered = true;
  await context.emit(alerts.tampering({ channel: camera.number }));
  await context.pause(8, 14);
  camera.covered = false;
  await context.emit(alerts.tampering({ channel: camera.number, state: "inactive" }));
};

const outage: Scenario = async (context) => {
  const camera = context.camera(4);
  camera.online = false;
  await context.emit(alerts.videoLoss({ channel: camera.number }));
  await context.pause(25, 40);
  camera.online = true;
  await context.emit(alerts.videoLoss({ channel: camera.number, state: "inactive", count: 1 }));
};

const illegalLogin: Scenario = (context) => context.emit(alerts.deviceException("illaccess"));

/** The recorder's schedule: one camera after the other, so that the newest file of each is a few minutes old at most. */
const schedule: Scenario = (context) => {
  const { channels } = context.device.profile;
  const camera = channels[context.total("scheduled", 1) % channels.length];
  if (camera) context.film(camera.number, "timing");
  return Promise.resolve();
};

/** [scenario, seconds before the first time, seconds between the times: from, to]. */
const SCHEDULE: readonly (readonly [Scenario, number, number, number])[] = [
  [schedule, 0, 20, 30],
  [motion, 1, 6, 14],
  [plate, 3, 12, 25],
  [lineCrossing, 5, 14, 30],
  [intrusion, 8, 20, 40],
  [crowd, 10, 15, 30],
  [visitor, 14, 25, 45],
  [counting, 16, 30, 60],
  [doorContact, 20, 30, 60],
  [bell, 12, 60, 110],
  [comesIn, 25, 35, 80],
  [tampering, 60, 70, 120],
  [outage, 15, 80, 140],
  [illegalLogin, 60, 200, 400],
];

export interface Demo {
  /** Resolves when the last scenario has stopped. */
  stop(): Promise<void>;
}

/** Plays until stopped, or until the device is closed. The same seed gives the same events. Time is the device's clock. */
export function playDemo(device: VirtualDevice, options: { readonly seed?: number } = {}): Demo {
  const context = new ScenarioContext(device, options.seed ?? 1);
  setUpDevice(context);
  const running = SCHEDULE.map(async ([scenario, first, from, to]) => {
    await context.pause(first, first);
    while (!context.ended) {
      await scenario(context);
      await context.pause(from, to);
    }
  });
  return {
    async stop() {
      context.end();
      await Promise.all(running);
    },
  };
}

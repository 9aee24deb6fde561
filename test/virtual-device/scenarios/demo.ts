/** A believable day in small: people, cars with plates, a covered camera, a door contact, a camera that goes and comes back. */
import * as alerts from "../alerts";
import type { VirtualDevice } from "../device";
import { portsOf } from "../services/io";
import { furnish } from "./furnish";
import { Stage } from "./stage";

type Story = (stage: Stage) => Promise<void>;

/** Ten motions on one channel; recorders often leave out the end, so every other one has none. */
const motion: Story = async (stage) => {
  const channel = stage.channel(3, 4, 5);
  const targets = [stage.pick(["human", "vehicle"])];
  const times = stage.integer(3, 8);
  for (let count = 1; count <= times; count++) {
    await stage.emit(alerts.motion({ channel, count, targets }));
    await stage.rest(1, 1);
  }
  if (stage.integer(0, 1) === 1) await stage.emit(alerts.motion({ channel, state: "inactive", count: times, targets }));
};

const intrusion: Story = async (stage) => {
  const channel = stage.channel(3, 7);
  const left = stage.integer(15, 60) / 100;
  const box = { x: left, y: 0.42, width: 0.09, height: 0.38 };
  const polygon = [
    [0.1, 0.35],
    [0.9, 0.35],
    [0.95, 0.95],
    [0.05, 0.95],
  ] as const;
  const regions = [{ id: stage.integer(1, 2), sensitivity: 60, polygon, target: "human", box }];
  await stage.emit(alerts.intrusion({ channel, regions, drawn: true }));
  for (let second = stage.integer(3, 6); second > 0; second--) {
    await stage.rest(1, 1);
    await stage.emit(alerts.duration("fielddetection", { channel }));
  }
  await stage.emit(alerts.intrusion({ channel, state: "inactive" }));
};

const lineCrossing: Story = async (stage) => {
  const channel = stage.channel(2, 5);
  const polygon = [
    [0.35, 0.62],
    [0.74, 0.58],
  ] as const;
  const box = { x: 0.44, y: 0.5, width: 0.2, height: 0.22 };
  const regions = [{ id: 1, sensitivity: 50, polygon, target: "vehicle", box }];
  await stage.emit(alerts.lineCrossing({ channel, regions, drawn: true }));
  await stage.rest(1, 2);
  await stage.emit(alerts.lineCrossing({ channel, state: "inactive" }));
};

const visitor: Story = async (stage) => {
  const channel = stage.channel(7);
  const region = { id: 2, sensitivity: 50, target: "human", box: { x: 0.3, y: 0.3, width: 0.1, height: 0.45 } };
  await stage.emit(alerts.regionEntrance({ channel, regions: [region] }));
  await stage.rest(4, 9);
  await stage.emit(alerts.regionExiting({ channel, regions: [region] }));
};

const plate: Story = async (stage) => {
  const [text, list] = stage.pick([
    ["HK47110", "whiteList"],
    ["0012345", "otherList"],
    ["12E34", "whiteList"],
    ["BT21XYZ", "otherList"],
    ["NX88KLM", "blackList"],
    ["unknown", "otherList"],
  ] as const);
  const direction = stage.pick(["forward", "reverse"] as const);
  const vehicleType = stage.pick(["vehicle", "SUVMPV", "van", "truck"]);
  const vehicleColor = stage.pick(["blue", "white", "black", "red"]);
  const confidence = text === "unknown" ? 0 : stage.integer(82, 99);
  const channel = stage.channel(1);
  await stage.passes({ channel, plate: text, list, direction, vehicleType, vehicleColor, confidence, drawn: true });
};

const crowd: Story = async (stage) => {
  const channel = stage.channel(7);
  const people = stage.integer(0, 14);
  const reading = { people, frames: people, regionId: 1, regionName: "Lobby" };
  await stage.emit(alerts.density({ channel, readings: [{ ...reading, source: "timing" }] }));
  if (people < 9) return;
  await stage.rest(1, 2);
  await stage.emit(
    alerts.density({ channel, readings: [{ ...reading, source: "trigger", level: people < 12 ? 2 : 3 }] }),
  );
};

const counting: Story = (stage) => {
  const enter = stage.total("enter", stage.integer(0, 4));
  const exit = stage.total("exit", stage.integer(0, 3));
  return stage.emit(alerts.peopleCounting({ channel: stage.channel(7), enter, exit, pass: stage.total("pass", 1) }));
};

const doorContact: Story = async (stage) => {
  const input = portsOf(stage.device).inputs[stage.device.profile.alarmInputs > 1 ? 1 : 0];
  if (!input) return;
  input.active = true;
  await stage.emit(alerts.alarmInput({ channel: stage.channel(1), port: input.id }));
  await stage.rest(3, 6);
  input.active = false;
  await stage.emit(alerts.alarmInput({ channel: stage.channel(1), port: input.id, state: "inactive" }));
};

const tampering: Story = async (stage) => {
  const camera = stage.camera(6);
  camera.covered = true;
  await stage.emit(alerts.tampering({ channel: camera.number }));
  await stage.rest(8, 14);
  camera.covered = false;
  await stage.emit(alerts.tampering({ channel: camera.number, state: "inactive" }));
};

const outage: Story = async (stage) => {
  const camera = stage.camera(4);
  camera.online = false;
  await stage.emit(alerts.videoLoss({ channel: camera.number }));
  await stage.rest(25, 40);
  camera.online = true;
  await stage.emit(alerts.videoLoss({ channel: camera.number, state: "inactive", count: 1 }));
};

const intruderAtTheLogin: Story = (stage) => stage.emit(alerts.deviceException("illaccess"));

/** [story, seconds before the first time, seconds between the times: from, to]. */
const PROGRAMME: readonly (readonly [Story, number, number, number])[] = [
  [motion, 1, 6, 14],
  [plate, 3, 12, 25],
  [lineCrossing, 5, 14, 30],
  [intrusion, 8, 20, 40],
  [crowd, 10, 15, 30],
  [visitor, 14, 25, 45],
  [counting, 16, 30, 60],
  [doorContact, 20, 30, 60],
  [tampering, 60, 70, 120],
  [outage, 15, 80, 140],
  [intruderAtTheLogin, 60, 200, 400],
];

export interface Demo {
  /** Resolves when the last story has stopped. */
  stop(): Promise<void>;
}

/** Plays until stopped, or until the device is closed. The same seed gives the same day. Time is the device's clock. */
export function playDemo(device: VirtualDevice, options: { readonly seed?: number } = {}): Demo {
  const stage = new Stage(device, options.seed ?? 1);
  furnish(stage);
  const stories = PROGRAMME.map(async ([story, first, from, to]) => {
    await stage.rest(first, first);
    while (!stage.over) {
      await story(stage);
      await stage.rest(from, to);
    }
  });
  return {
    async stop() {
      stage.end();
      await Promise.all(stories);
    },
  };
}

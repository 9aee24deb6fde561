/** A fake Hikvision device for tests, demo and benchmarks. See README.md beside this file. */
export { startVirtualDevice } from "./start";
export * as alerts from "./alerts";
export { VirtualDevice } from "./device";
export type { VirtualDeviceOptions } from "./options";
export { PAGES, status, type Fault, type FaultHandle } from "./faults";
export { WIRES, WIRE_FAULTS, encodeParts, type Part, type Wire, type WireFault } from "./wire";
export { startVirtualDevices, type Fleet } from "./fleet";
export { playDemo, type Demo } from "./scenarios/demo";
export { keepPicture } from "./services/event-pictures";
export { portsOf } from "./services/io";
export { platformAccessOf } from "./services/platform-access";
export { accessOf } from "./services/security";
export { streamsOf } from "./services/channels";
export { triggersOf } from "./services/triggers";
export { padJpeg, platePicture, scenePicture } from "./picture";
export { fingerprint } from "./certificate";
export type { Emitted } from "./alert-stream";
export type { RecordedRequest } from "./request-log";

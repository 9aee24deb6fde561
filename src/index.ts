/** The only door of src/: everything that nodes/ uses of it. */
export { type Audio } from "./audio/audio";
export { audioChanges, listAudioChannels } from "./audio/audio-channels";
export { Device, type DeviceSettings, type DeviceSink } from "./device";
export { type Check, type Report } from "./diagnose/check";
export { diagnose, type StreamToCheck } from "./diagnose/diagnose";
export { findDevices, type SearchEnvironment } from "./discovery/find-devices";
export { type FoundDevice } from "./discovery/sadp";
export { type Identity, namesOf, sameDevice } from "./discovery/same-device";
export { type PlateReading } from "./events/decode/anpr";
export { type StreamState } from "./events/event-source";
export { EVENT_GROUPS, EVENT_TYPES, eventLabelKey, eventType } from "./events/event-types";
export { EventFilter } from "./events/filter";
export { copyEvent, payloadFacts } from "./events/notification";
export { type EventState, Tracker } from "./events/tracker";
export { type DeviceEvent, type EventFacts, type Notification, type Picture } from "./events/types";
export { type DeviceAddress, DeviceHttp } from "./http/device-http";
export { type Certificate, fetchCertificate, type Tls } from "./http/tls";
export { type OutputState } from "./io/output";
export { readOutputs } from "./io/output-list";
export { channelNumber, streamNumber } from "./isapi/channel-number";
export { readChannels } from "./isapi/channels";
export { readTriggers } from "./isapi/event-triggers";
export { Isapi } from "./isapi/isapi";
export { isRecordType } from "./isapi/recording-search";
export { readStreams, type VideoStream } from "./isapi/streams";
export { systemChance, systemClock } from "./lib/clock";
export { defined } from "./lib/defined";
export {
  AbortedError,
  codeOf,
  type DeviceIdentity,
  type ErrorCode,
  FatalError,
  type HikvisionError,
  isHikvisionError,
  RetryableError,
} from "./lib/errors";
export { translatableName, say, Sentence } from "./lib/sentence";
export { type LinkageChange, type LinkageMemory, type LinkagePlan, LinkageRepair } from "./linkage/linkage-repair";
export { newestPlates } from "./plates/newest-plates";
export { type Plate } from "./plates/plate";
export { PlateFeed, type PlateFeedSettings } from "./plates/plate-feed";
export { type ListedPlate } from "./plates/plate-list";
export { PTZ_BOUNDS, PTZ_DEFAULTS } from "./ptz/bounds";
export { type Patrol } from "./ptz/patrols";
export { type Preset } from "./ptz/presets";
export { Ptz, type PtzCommand, type PtzOptions } from "./ptz/ptz";
export { HttpHosts, type PushAddress, type PushPlan, type ReplacedHost } from "./push/http-hosts";
export { readPush } from "./push/push-body";
export { type PushReceiver } from "./push/push-receiver";
export { type FileSettings, type InFile, type OnDevice, type StartOptions } from "./record/recorder";
export { type RecordingJob, type RecordingSink, type Started, type Stopped } from "./record/recording-job";
export { type Delivery, type Downloaded, type Failed, type Item } from "./recordings/download/downloads";
export { type Progress } from "./recordings/download/progress";
export { type Recording } from "./recordings/recording";
export { type Search } from "./recordings/recordings";
export { playbackUriOf } from "./rtsp/playback-uri-of";
export { type StreamUrl } from "./rtsp/stream-urls";
export { snapshotFilename, type SnapshotOptions } from "./snapshot/snapshot";

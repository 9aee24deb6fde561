/** The only entry point of src/: everything that nodes/ uses of it, sorted by folder. */

// Allow list and block list of plates.
export { type ListCommand, type ListResult } from "./access-list/access-lists";
export { type ListName, type PlateEntry } from "./access-list/entry";
export { type ListChanges } from "./access-list/list-change";

// Detections, their linkage and a recorder's one-touch disarming: on, off, state.
export { type ArmAction, type ArmItem, type ArmResult } from "./arm/types";

// Announcements and audio settings.
export { type Audio } from "./audio/audio";
export { audioChanges, listAudioChannels } from "./audio/audio-channels";

// Any ISAPI call, one setting changed, and the paths that a device offers.
export { type IsapiCall } from "./control/isapi-calls";
export { readOfferedPaths } from "./control/offered-paths";

// Somebody rings; answer, reject, hang up.
export { CALL_ACTIONS, type CallChange, type Caller, type CallState } from "./call/call-words";
export { CALL_EVENTS } from "./call/call-signs";
export { type CallResult, Calls } from "./call/calls";

// Siren, voice clips and white light of a camera: commands, their bounds, and the list of sounds.
export { DETERRENT_BOUNDS } from "./deterrent/bounds";
export { type DeterrentCommand, type DeterrentResult } from "./deterrent/deterrents";

// One device: everything below, with its login, connection and event stream.
export { Device, type DeviceSettings, type DeviceSink } from "./device";

// Why a device works or does not: one check after the other.
export { type Check, type Report } from "./diagnose/check";
export { diagnose, type StreamToCheck } from "./diagnose/diagnose";

// Devices in the network, and which known device one of them is.
export { findDevices, type SearchEnvironment } from "./discovery/find-devices";
export { type FoundDevice } from "./discovery/sadp";
export { type Identity, namesOf, sameDevice } from "./discovery/same-device";

// Event types, the state of the stream, and what a node makes of an event: filter, then start, update, end.
export { type ActiveHours, activeHours, isWithin } from "./events/active-hours";
export { type PlateReading } from "./events/decode/anpr";
export { type StreamState } from "./events/event-source";
export { type Access, ACCESS_KINDS, accessText } from "./events/decode/access";
export { ACCESS_CODES } from "./events/decode/access-codes";
export { EVENT_GROUPS, EVENT_TYPES, eventEntry, eventLabelKey, eventType } from "./events/event-types";
export { EventFilter } from "./events/filter";
export { copyEvent, putFacts } from "./events/notification";
export { type DeviceEvent, type EventFacts, type Notification, type Picture } from "./events/types";
export { type EventState, Tracker } from "./events/tracker";

// Doors and barriers.
export { DoorList, type ListedDoor } from "./door/door-list";
export { DOOR_ACTIONS, type DoorState, MOST_DOORS } from "./door/door-words";
export { type DoorCommand, type DoorResult } from "./door/doors";

// What happened while nobody listened: the sources of a device, as one list.
export { type HistoryQuery, type HistoryResult } from "./history/history";
export { HISTORY_SOURCES, type HistoryRow, type HistorySource } from "./history/types";

// HTTP to one device: address, login, TLS.
export { type DeviceAddress, DeviceHttp } from "./http/device-http";
export { type Certificate, fetchCertificate, normalizeFingerprint, type Tls } from "./http/tls";

// Alarm outputs.
export { type OutputState } from "./io/output";
export { readOutputs } from "./io/output-list";

// ISAPI calls, and the lists that forms offer: channels, streams, triggers.
export { channelNumber, streamNumber } from "./isapi/channel-number";
export { readChannels } from "./isapi/channels";
export { readTriggers } from "./isapi/event-triggers";
export { Isapi } from "./isapi/isapi";
export { isRecordType } from "./isapi/recording-search";
export { readStreams, type VideoStream } from "./isapi/streams";

// Tools without a domain: clock, errors with a code, sentences to be translated.
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
export { enumerate, translatableName, say, Sentence } from "./lib/sentence";
export { withLimit, withSignals } from "./lib/signals";
export { table } from "./lib/table";

// Events that the device does not send: the plan of a repair, the repair, and its undo.
export { type LinkageChange, type LinkageMemory, type LinkagePlan, LinkageRepair } from "./linkage/linkage-repair";

// Number plates from the stream and from the device's list, as one feed.
export { newestPlates } from "./plates/newest-plates";
export { type Plate } from "./plates/plate";
export { PlateFeed, type PlateFeedSettings } from "./plates/plate-feed";
export { type ListedPlate } from "./plates/plate-list";

// PTZ commands and their bounds.
export { PTZ_BOUNDS, PTZ_DEFAULTS } from "./ptz/bounds";
export { type Patrol } from "./ptz/patrols";
export { type Preset } from "./ptz/presets";
export { Ptz, type PtzCommand, type PtzOptions } from "./ptz/ptz";

// Events that devices push: the place in the device's list, and reading what comes.
export { HttpHosts, type PushAddress, type PushPlan, type ReplacedHost } from "./push/http-hosts";
export { readPush } from "./push/push-body";
export { type PushReceiver } from "./push/push-receiver";
export { type UnfinishedPush, UnfinishedPushes } from "./push/unfinished-pushes";

// Recordings that are started and stopped, on the device or in a file.
export { type FileSettings, type InFile, type OnDevice, type StartOptions } from "./record/recorder";
export { type RecordingJob, type RecordingSink, type Started, type Stopped } from "./record/recording-job";

// Recordings that a device holds: search and download.
export { type Delivery, type Downloaded, type Failed, type Item } from "./recordings/download/downloads";
export { type Progress } from "./recordings/download/progress";
export { type CoveredUrl, coveredUrl } from "./recordings/coverage";
export { type Recording } from "./recordings/recording";
export { type Search } from "./recordings/recordings";

// RTSP addresses.
export { playbackUriOf } from "./rtsp/playback-uri-of";
export { type StreamUrl } from "./rtsp/stream-urls";

// Pictures of a channel.
export type { PastSnapshot, PastSnapshotOptions } from "./snapshot/past-snapshots";
export { snapshotFilename, type SnapshotOptions } from "./snapshot/snapshot";

// What a camera has counted in a past time.
export { type Interval, type PeopleRow } from "./statistics/statistics";

// Times in words, and the wall clock of this computer; that of a device is `Device.time.zone`.
export { parseTimestamp } from "./time/timestamp";
export { isTimeWord, localText, momentOfWord } from "./time/time-words";
export { computerZone } from "./time/zone";

// Live and recorded video for browsers, and the signed addresses that lead to it.
export { type AddressContent, readAddress, signAddress } from "./video/signed-address";
export { type ViewerSink } from "./video/video-source";
export { type FoundVideo, type Video, videoDuration, type VideoRequest } from "./video/videos";

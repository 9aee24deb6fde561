/**
 * THE table of event types: spelling, aliases, label, group, whether it lasts. The decoder, the filters, the form's list,
 * the labels, the help and the README are made from it. Sources: Hikvision's SDK demo, Event/triggers and ChannelEventCap
 * of the devices dumped by maciej-or/hikvision_next, and captured alerts. A type that is not in it passes under its own name.
 */

export type EventGroup = "basic" | "smart" | "people" | "traffic" | "thermal" | "image" | "device" | "other";

/** The groups in the order in which forms show them. */
export const EVENT_GROUPS: readonly EventGroup[] = [
  "basic",
  "smart",
  "people",
  "traffic",
  "thermal",
  "image",
  "device",
  "other",
];

export interface EventType {
  /** Canonical spelling: `msg.payload.type` and the saved value of a filter. */
  readonly type: string;
  /** English; `msg.payload.label`. Translations stand in the locale files under {@link eventLabelKey}. */
  readonly label: string;
  readonly group: EventGroup;
  /** True: it has a start and an end. False: it reports something done, one message each. */
  readonly lasts: boolean;
  /** True: many devices never say that it is over, so only silence ends it. */
  readonly needsOffDelay: boolean;
  /** Other spellings of the same; letter case never matters. */
  readonly aliases: readonly string[];
}

type Row = Omit<EventType, "group">;

/** Has an end that the device reports. */
function lasting(type: string, label: string, ...aliases: string[]): Row {
  return { type, label, lasts: true, needsOffDelay: false, aliases };
}

/** Has an end that many devices do not report: they just stop repeating it. */
function fading(type: string, label: string, ...aliases: string[]): Row {
  return { type, label, lasts: true, needsOffDelay: true, aliases };
}

/** Says that something has been seen, counted or done. */
function report(type: string, label: string, ...aliases: string[]): Row {
  return { type, label, lasts: false, needsOffDelay: false, aliases };
}

const TABLE: Readonly<Record<EventGroup, readonly Row[]>> = {
  basic: [
    fading("VMD", "Motion", "motionDetection", "VMDHumanVehicle"),
    lasting("tamperdetection", "Video tampering", "shelteralarm"),
    lasting("videoloss", "Video loss"),
    lasting("IO", "Alarm input"),
    lasting("IOOutput", "Alarm output"),
    fading("PIR", "PIR motion", "PIRAlarm"),
    fading("WLSensor", "Wireless sensor"),
    fading("softIO", "Software alarm input"),
    fading("callhelp", "Call for help"),
  ],
  smart: [
    lasting("fielddetection", "Intrusion", "fieldddetection"),
    lasting("linedetection", "Line crossing"),
    fading("regionEntrance", "Region entrance"),
    fading("regionExiting", "Region exiting", "regionExit"),
    fading("loitering", "Loitering"),
    fading("group", "People gathering"),
    fading("rapidMove", "Fast moving"),
    fading("parking", "Parking"),
    fading("unattendedBaggage", "Unattended baggage"),
    fading("attendedBaggage", "Object removal"),
    fading("objectsThrownDetection", "Objects thrown"),
    fading("behavior", "Behavior"),
  ],
  people: [
    report("PeopleCounting", "People counting"),
    report("personDensityDetection", "People density", "PERSON_DENSITY_DETECTION"),
    report("framesPeopleCounting", "People in the picture"),
    report("peopleNumChange", "Number of people changed"),
    report("personQueueCounting", "Queue length"),
    report("personQueueTime", "Queue waiting time"),
    report("personQueueRealTime", "Queue, live"),
    report("regionTargetNumberCounting", "Targets in a region"),
    report("heatmap", "Heat map"),
    fading("facedetection", "Face detection"),
    report("faceCapture", "Face capture"),
    report("faceSnap", "Face snapshot"),
    report("faceSnapModeling", "Face modelling"),
    report("faceContrast", "Face comparison"),
    report("faceContrastSuccess", "Face recognized"),
    report("faceContrastFailure", "Face not recognized"),
    report("whiteFaceContrast", "Face allow list comparison"),
    report("whiteListFaceContrast", "Stranger detection"),
    report("alarmResult", "Face comparison result"),
    report("targetCapture", "Target capture"),
    report("mixedTargetDetection", "Multi-target detection"),
    report("HFPD", "High-frequency person detection"),
    fading("safetyHelmetDetection", "Safety helmet"),
    fading("leavePosition", "Post left"),
    fading("retention", "Staying"),
    fading("running", "Running"),
    fading("violentMotion", "Violent motion"),
    fading("failDown", "Falling down", "fallDown"),
  ],
  traffic: [
    report("ANPR", "License plate"),
    report("vehicledetection", "Vehicle detection"),
    report("AID", "Traffic incident"),
    report("vehicleMatchResult", "Vehicle list match"),
    report("vehicleRcogResult", "Vehicle recognition"),
    report("ChannelPassingEvent", "Lane passing"),
  ],
  thermal: [
    fading("TMA", "Temperature alarm", "thermometry"),
    fading("TMPA", "Temperature pre-alarm"),
    fading("TDA", "Temperature difference alarm"),
    fading("temperature", "Temperature"),
    fading("fireDetection", "Fire"),
    fading("smokeDetection", "Smoke"),
    fading("smokeAndFireDetection", "Smoke and fire"),
    fading("shipsDetection", "Ship detection"),
  ],
  image: [
    fading("scenechangedetection", "Scene change"),
    fading("defocus", "Defocus", "defocusDetection"),
    fading("audioexception", "Audio exception"),
    fading("badvideo", "Bad video"),
    fading("videomismatch", "Video standard mismatch"),
    fading("videoException", "Video exception"),
    fading("VQDDiagnose", "Video quality"),
  ],
  device: [
    fading("diskfull", "Disk full"),
    fading("diskerror", "Disk error"),
    fading("diskUnformat", "Disk not formatted"),
    fading("nicbroken", "Network broken"),
    fading("ipconflict", "IP address conflict"),
    fading("illaccess", "Illegal access"),
    fading("recordException", "Recording exception"),
    fading("recordingfailure", "Recording failure"),
    fading("hotSpare", "Hot spare"),
    fading("poe", "PoE"),
    fading("storageDetection", "Storage health"),
    fading("sysStorFull", "System storage full"),
    fading("versionAbnormal", "Version mismatch"),
    fading("nodeOffline", "Node offline"),
    fading("recordCycleAbnormal", "Recording cycle too short"),
    fading("ipcTransferAbnormal", "Camera transfer abnormal"),
    report("abnormalReboot", "Unexpected restart"),
    fading("pocException", "PoC exception"),
    fading("facelibDiskError", "Face library disk error"),
    fading("facelibModifyError", "Face library change failed"),
    fading("facelibPictureError", "Face library picture error"),
  ],
  other: [
    report("AccessControllerEvent", "Access control"),
    report("VideoIntercomEvent", "Video intercom"),
    report("VideoIntercomAlarm", "Video intercom alarm"),
    report("voiceTalkEvent", "Intercom call"),
    report("cidEvent", "Alarm panel"),
    report("cardMatch", "Card match"),
    fading("MultiRadarTargetEvent", "Radar target"),
    report("IOTD", "Other device"),
    report("tagInfo", "Tag"),
    report("baseStationInfo", "Base station"),
    fading("cityManagement", "City management"),
    fading("duration", "Still going on"),
    fading("heartBeat", "Heartbeat"),
    fading("other", "Other"),
  ],
};

/** Every known type, group by group. */
export const EVENT_TYPES: readonly EventType[] = EVENT_GROUPS.flatMap((group) =>
  TABLE[group].map((row) => ({ ...row, group })),
);

const BY_NAME: ReadonlyMap<string, EventType> = new Map(
  EVENT_TYPES.flatMap((entry) => [entry.type, ...entry.aliases].map((name) => [name.toLowerCase(), entry] as const)),
);

/** True when the name, in any letter case, is in the table as a type or an alias. */
export function isKnownEventType(name: string): boolean {
  return BY_NAME.has(name.toLowerCase());
}

/** The type of this name in any letter case or spelling. An unknown name is a type of its own, which may last. */
export function eventType(name: string): EventType {
  return (
    BY_NAME.get(name.toLowerCase()) ?? {
      type: name,
      label: name,
      group: "other",
      lasts: true,
      needsOffDelay: true,
      aliases: [],
    }
  );
}

/** What an entry of a filter wants: a type in any spelling, or one kind of its events: "AccessControllerEvent/denied". */
export interface EventEntry {
  readonly type: EventType;
  /** One of {@link ACCESS_KINDS}, as text. */
  readonly kind?: string;
}

export function eventEntry(text: string): EventEntry {
  const [name = "", kind] = text.split("/", 2);
  const type = eventType(name);
  return kind === undefined ? { type } : { type, kind };
}

/** Where the label of a type stands in the locale files. */
export function eventLabelKey(type: string): string {
  return `events.${type}`;
}

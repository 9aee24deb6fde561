/**
 * The switch of each detection: below the video input, for a recorder's cameras below InputProxy, smart ones below Smart. A write has to
 * be the device's own document; only its first `enabled` is taken, those of regions are answered OK and ignored (getdoover/cameras), and
 * what excludes another function is refused (ISAPI guide 5.5).
 */
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, PROLOG } from "../xml";
import { exclusiveOf, type Blocker } from "./exclusive-functions";
import { rootAttributes } from "./system";

/** A corner of a region or an end of a line. */
const at = (name: string, x: number, y: number): string => element(name, leaf("positionX", x) + leaf("positionY", y));
const corners = (...points: readonly (readonly [number, number])[]): string =>
  element("RegionCoordinatesList", points.map(([x, y]) => at("RegionCoordinates", x, y)).join(""));
/** One that is drawn, one that is not, as cameras of V5.7 write them (DS-2CD2146G2-ISU). */
const regions = (name: string): string =>
  element(
    `${name}RegionList`,
    element(`${name}Region`, leaf("id", 1) + leaf("enabled", true) + corners([100, 100], [900, 100], [500, 900])) +
      element(`${name}Region`, `${leaf("id", 2)}${leaf("enabled", false)}<RegionCoordinatesList/>\n`),
    'size="2"',
  );
const lines = element(
  "LineItemList",
  [true, false]
    .map((on, index) =>
      element(
        "LineItem",
        leaf("id", index + 1) +
          leaf("enabled", on) +
          element("CoordinatesList", at("Coordinates", 100, 500) + at("Coordinates", 900, 500)),
      ),
    )
    .join(""),
  'size="2"',
);
const grid = element(
  "MotionDetectionLayout",
  leaf("sensitivityLevel", 60) + element("layout", leaf("gridMap", "fffffc".repeat(18))),
);

interface Kind {
  readonly root: string;
  /** Behind the switch. */
  readonly more: string;
  /** What holds the switch in place of the root. */
  readonly within?: string;
  /** Recorders have none. */
  readonly cameraOnly?: true;
}

const KINDS: Readonly<Record<string, Kind>> = {
  motionDetection: { root: "MotionDetection", more: grid },
  tamperDetection: { root: "TamperDetection", more: "" },
  videoLoss: { root: "VideoLoss", more: "" },
  FieldDetection: { root: "FieldDetection", more: regions("FieldDetection") },
  LineDetection: { root: "LineDetection", more: lines },
  regionEntrance: { root: "RegionEntrance", more: regions("RegionEntrance") },
  regionExiting: { root: "RegionExiting", more: regions("RegionExiting") },
  loitering: { root: "Loitering", more: regions("Loitering"), cameraOnly: true },
  SceneChangeDetection: { root: "SceneChangeDetection", more: leaf("sensitivityLevel", 50), cameraOnly: true },
  AudioDetection: { root: "AudioDetection", more: "", within: "audioInput", cameraOnly: true },
};

/** What is off, as "motionDetection/1"; all else is on. For tests to change. */
export const detectionsOff = perDevice(() => new Set<string>());
/** Switches that are answered OK and keep what they have. For tests to change. */
export const stubborn = perDevice(() => new Set<string>());
/** The documents by "motionDetection/1", with their switch on; for tests to change. */
export const detectionDocuments = perDevice((device) => {
  const all = new Map<string, string>();
  for (const { number } of device.profile.channels)
    for (const [kind, { root, more, within, cameraOnly }] of Object.entries(KINDS)) {
      if (cameraOnly && device.profile.model !== "camera") continue;
      const enabled = leaf("enabled", true);
      const inner = (within === undefined ? enabled : element(within, enabled)) + more;
      const id = /^[a-z]/.test(kind) && !kind.startsWith("region") ? "" : leaf("id", number);
      all.set(`${kind}/${number}`, PROLOG + element(root, id + inner, rootAttributes(device)));
    }
  return all;
});

const SWITCH = /(<enabled(?:\s[^>]*)?>)([^<]*)(<)/;

/** As the device answers it now. */
function documentOf(device: VirtualDevice, key: string): string | undefined {
  const document = detectionDocuments(device).get(key);
  return detectionsOff(device).has(key) ? document?.replace(SWITCH, "$1false$3") : document;
}

/** A camera answers for its own inputs, a recorder asks its cameras. */
const withDocument =
  (source: "own" | "ip" | "any", use: (exchange: Exchange, key: string, document: string) => void) =>
  (exchange: Exchange): void => {
    const { device } = exchange;
    const [kind, number] = [exchange.param("kind"), exchange.param("channel")];
    const channel = device.profile.channels.find((entry) => String(entry.number) === number);
    const key = `${kind}/${number}`;
    const document = documentOf(device, key);
    if (!channel || document === undefined || (source !== "any" && channel.source !== source))
      exchange.status("notSupport");
    else if (channel.source === "ip" && !channel.online) exchange.status("deviceError");
    else use(exchange, key, document);
  };

function show(exchange: Exchange, _key: string, document: string): void {
  exchange.send(200, 'application/xml; charset="UTF-8"', document);
}

function write(exchange: Exchange, key: string, document: string): void {
  const { device } = exchange;
  const sent = exchange.body.toString("utf8");
  const root = KINDS[exchange.param("kind")]?.root ?? "";
  if (exchange.xmlBody(root) === undefined) return;
  const masked = (text: string): string =>
    text.replace(/(<enabled(?:\s[^>]*)?>)[^<]*/g, "$1").replace(/^<\?xml[^>]*>\s*/, "");
  if (masked(sent) !== masked(document)) {
    exchange.status("badXmlContent");
    return;
  }
  const on = SWITCH.exec(sent)?.[2] === "true";
  const exclusive = exclusiveOf(device);
  const blocking = on ? blockersOf(device, key) : [];
  if (blocking.length > 0) {
    exclusive.blocking = blocking.map(({ name }) => name);
    exchange.status("invalidOperation");
    return;
  }
  if (!stubborn(device).has(key)) {
    if (on) detectionsOff(device).delete(key);
    else detectionsOff(device).add(key);
  }
  exchange.status("ok");
}

function blockersOf(device: VirtualDevice, key: string): readonly Blocker[] {
  return (exclusiveOf(device).blockedBy.get(key) ?? []).filter((blocker) => !detectionsOff(device).has(blocker.key));
}

const FUNCTIONS: Readonly<Record<string, string>> = {
  VMDHumanVehicle: "motionDetection",
  linedetection: "LineDetection",
  fielddetection: "FieldDetection",
  regionEntrance: "regionEntrance",
  regionExiting: "regionExiting",
};

/** `{"function": "linedetection", "channelID": 1}`. */
function whatExcludes(exchange: Exchange): void {
  const { device } = exchange;
  const asked = JSON.parse(exchange.body.toString("utf8")) as { function?: unknown; channelID?: unknown };
  if (typeof asked.function !== "string" || typeof asked.channelID !== "number") {
    exchange.status("MessageParametersLack");
    return;
  }
  const blocking = blockersOf(device, `${FUNCTIONS[asked.function] ?? asked.function}/${asked.channelID}`);
  exchange.json({
    MutexFunctionList: blocking.map(({ name, key }) => ({
      mutexFunction: name,
      channelID: [Number(key.split("/")[1])],
    })),
  });
}

/** No capture of it is public: the names as the guide's JSON has them. */
function lastRefusal(exchange: Exchange): void {
  const { blocking } = exclusiveOf(exchange.device);
  if (blocking.length === 0) exchange.status("notSupport");
  else
    exchange.xml(
      element(
        "MutexFunctionErrorMsg",
        blocking.map((name) => leaf("mutexFunction", name)).join(""),
        rootAttributes(exchange.device),
      ),
    );
}

const families: readonly (readonly [path: string, source: "own" | "ip" | "any"])[] = [
  ["/ISAPI/System/Video/inputs/channels/:channel/:kind", "own"],
  ["/ISAPI/ContentMgmt/InputProxy/channels/:channel/video/:kind", "ip"],
  ["/ISAPI/Smart/:kind/:channel", "any"],
  ["/ISAPI/Smart/:kind/channels/:channel", "any"],
];

export const detection: readonly Route[] = [
  ...families.flatMap(([path, source]) => [
    route("GET", path, withDocument(source, show)),
    route("PUT", path, withDocument(source, write)),
  ]),
  route("POST", "/ISAPI/System/mutexFunction", whatExcludes),
  route("GET", "/ISAPI/System/mutexFunctionErrorMsg", lastRefusal),
];

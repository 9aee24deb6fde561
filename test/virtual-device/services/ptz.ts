/**
 * PTZ in three families: a dome's own paths, a DVR's coaxial inputs, an NVR's proxy. Each knows other functions, and
 * all insist on method, path, order of elements and ranges. What moves is in ptz-head.ts, what is stored in ptz-stored.ts.
 */
import type { Exchange } from "../exchange";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { isEmpty, leaves, numbers } from "./ptz-requests";
import { COMMANDS, familyOf, serve, type Family, type Use } from "./ptz-family";
import { headsOf, type Head, type Position } from "./ptz-head";
import * as settings from "./ptz-settings";
import * as stored from "./ptz-stored";
import { rootAttributes } from "./system";

const SPEED = [-100, 100] as const;
const SPEEDS = { "PTZData/pan": SPEED, "PTZData/tilt": SPEED, "PTZData/zoom": SPEED };

const continuous: Use = (exchange, head) => {
  const [pan, tilt, zoom] = numbers(exchange, SPEEDS) ?? [];
  if (pan === undefined || tilt === undefined || zoom === undefined) return;
  head.turn(pan, tilt, zoom);
  exchange.status("ok");
};

const momentary: Use = (exchange, head) => {
  const fields = { ...SPEEDS, "PTZData/Momentary/duration": [1, 3_600_000] as const };
  const [pan = 0, tilt = 0, zoom = 0, ms] = numbers(exchange, fields) ?? [];
  if (ms === undefined) return;
  head.turn(pan, tilt, zoom, ms);
  exchange.status("ok");
};

const relative: Use = (exchange, head) => {
  const at = "PTZData/Relative";
  const fields = {
    [`${at}/positionX`]: [-255, 255],
    [`${at}/positionY`]: [-255, 255],
    [`${at}/relativeZoom`]: SPEED,
  } as const;
  const [x = 0, y = 0, zoom] = numbers(exchange, fields) ?? [];
  if (zoom === undefined) return;
  const { position } = head;
  // Half a picture of this lens is 30 degrees wide and 17 high.
  head.travel({
    azimuth: (position.azimuth + Math.round((x / 255) * 300) + 3600) % 3600,
    elevation: position.elevation + Math.round((y / 255) * 170),
    zoom: Math.max(10, position.zoom + zoom),
  });
  exchange.status("ok");
};

const absolute: Use = (exchange, head) => {
  const at = "PTZData/AbsoluteHigh";
  const fields = {
    [`${at}/elevation`]: [-200, 900],
    [`${at}/azimuth`]: [0, 3600],
    [`${at}/absoluteZoom`]: [10, 420],
  } as const;
  const [elevation = 0, azimuth = 0, zoom] = numbers(exchange, fields) ?? [];
  if (zoom === undefined) return;
  head.travel({ azimuth, elevation, zoom });
  exchange.status("ok");
};

const exactly =
  (use: Use): Use =>
  (exchange, head, family) =>
    headsOf(exchange.device).exact ? use(exchange, head, family) : exchange.status("notSupport");

const setExact = exactly((exchange, head) => {
  const texts = leaves(exchange, ...["elevation", "azimuth", "absoluteZoom"].map((name) => `PTZAbsoluteEx/${name}`));
  const [elevation = NaN, azimuth = NaN, zoom = NaN] = (texts ?? []).map(
    (text) => Math.round(Number(text) * 1000) / 100,
  );
  if (!texts) return;
  if (!(elevation >= -200 && elevation <= 900 && azimuth >= 0 && azimuth <= 3600 && zoom >= 10 && zoom <= 420)) {
    exchange.status("badParameters");
    return;
  }
  head.travel({ elevation, azimuth, zoom });
  exchange.status("ok");
});

const getExact = exactly((exchange, { position: { azimuth, elevation, zoom } }) => {
  const inner =
    leaf("elevation", (elevation / 10).toFixed(3)) +
    leaf("azimuth", (azimuth / 10).toFixed(3)) +
    leaf("absoluteZoom", (zoom / 10).toFixed(2));
  exchange.xml(element("PTZAbsoluteEx", inner, rootAttributes(exchange.device)));
});

const exactCapabilities = exactly((exchange) => {
  const inner =
    '<elevation min="-20.000" max="90.000">0</elevation>\n<azimuth min="0.000" max="360.000">0</azimuth>\n' +
    '<absoluteZoom min="1.00" max="42.00">1</absoluteZoom>\n';
  exchange.xml(element("PTZAbsoluteEx", inner, rootAttributes(exchange.device)));
});

const status: Use = (exchange, { position }) => {
  const tenths = (name: keyof Position): number => Math.round(position[name]);
  const inner =
    leaf("elevation", tenths("elevation")) + leaf("azimuth", tenths("azimuth")) + leaf("absoluteZoom", tenths("zoom"));
  exchange.xml(element("PTZStatus", element("AbsoluteHigh", inner), rootAttributes(exchange.device)));
};

const position3D: Use = (exchange, head) => {
  const step = [0, 255] as const;
  const fields = ["StartPoint", "EndPoint"].flatMap((point) =>
    ["positionX", "positionY"].map((axis) => [`${head.words.box}/${point}/${axis}`, step] as const),
  );
  const corners = numbers(exchange, Object.fromEntries(fields));
  if (!corners) return;
  head.box = corners;
  exchange.status("ok");
};

function capabilities(exchange: Exchange, _head: Head, family: Family): void {
  const range = (axis: string, min: number, max: number): string => element(axis, leaf("Min", min) + leaf("Max", max));
  const dome =
    element("AbsolutePanTiltPositionSpace", range("XRange", 0, 3600) + range("YRange", -200, 900)) +
    element("AbsoluteZoomPositionSpace", range("ZRange", 10, 420)) +
    element("RelativePanTiltSpace", range("XRange", -255, 255) + range("YRange", -255, 255)) +
    element("RelativeZoomSpace", range("ZRange", -100, 100));
  const inner =
    (family === "dome" ? dome : "") +
    element("ContinuousPanTiltSpace", range("XRange", -100, 100) + range("YRange", -100, 100)) +
    element("ContinuousZoomSpace", range("ZRange", -100, 100)) +
    leaf("maxPresetNum", family === "dome" ? 300 : 256) +
    leaf("maxPatrolNum", 8) +
    leaf("maxPatternNum", 4) +
    (family === "dome" ? element("PresetNameCap", `<specialNo opt="${COMMANDS.join()}"/>\n`) : "") +
    leaf("isSupportPosition3D", family !== "coaxial") +
    // The misspelling is the vendor's. A recorder says nothing of either for its cameras.
    (family === "proxy"
      ? ""
      : leaf("isSupportManualTrack", family === "dome") + leaf("isSpportPtzlimiteds", family === "dome"));
  exchange.xml(element("PTZChanelCap", inner, rootAttributes(exchange.device)));
}

const AUX = ["LIGHT", "WIPER", "HEATER", "FAN"];

const auxXml = (head: Head, type: string): string =>
  element(
    "PTZAux",
    leaf("id", AUX.indexOf(type) + 1) + leaf("type", type) + leaf("status", head.aux.get(type) ? "on" : "off"),
  );

/** Some have a path of its own for the wiper, and none here. */
const hasAux = (head: Head, type: string): boolean => type !== "WIPER" || head.words.wiper === "auxcontrols";

const listAux: Use = (exchange, head) =>
  exchange.xml(
    element(
      "PTZAuxList",
      AUX.filter((type) => hasAux(head, type))
        .map((type) => auxXml(head, type))
        .join(""),
      rootAttributes(exchange.device),
    ),
  );

const setAux: Use = (exchange, head) => {
  const [id, type = "", on] = leaves(exchange, "PTZAux/id", "PTZAux/type", "PTZAux/status") ?? [];
  if (id === undefined) return;
  const known = AUX[Number(id) - 1] === type && id === exchange.param("id");
  // This one body may not declare a namespace.
  if (exchange.body.includes("xmlns")) exchange.status("badXmlContent");
  else if (!hasAux(head, type)) exchange.status("notSupport");
  else if (!known || (on !== "on" && on !== "off")) exchange.status("badParameters");
  else {
    head.aux.set(type, on === "on");
    exchange.status("ok");
  }
};

const autoPan: Use = (exchange, head) => {
  const [speed] = numbers(exchange, { "autoPanData/autoPan": SPEED }) ?? [];
  if (speed === undefined) return;
  head.autoPan = speed;
  exchange.status("ok");
};

const onePush: Use = (exchange, head) => {
  if (!isEmpty(exchange)) return;
  head.focused += 1;
  exchange.status("ok");
};

/** The lens has paths of its own, one per family. */
const LENS: Readonly<Record<Family, string>> = {
  dome: "/ISAPI/System/Video/inputs/channels/:channel",
  coaxial: "/ISAPI/Image/channels/:channel",
  proxy: "/ISAPI/ContentMgmt/ImageProxy/channels/:channel",
};

function lens(path: Family, name: "focus" | "iris", root: string) {
  return (exchange: Exchange): void => {
    const { channels, proxyDenied } = headsOf(exchange.device);
    const head = channels.get(Number(exchange.param("channel")));
    const family = familyOf(exchange, path === "proxy" && !proxyDenied ? "proxy" : "plain", name);
    if (!head || family !== path) {
      exchange.status("notSupport");
      return;
    }
    const [speed] = numbers(exchange, { [`${root}/${name}`]: SPEED }) ?? [];
    if (speed === undefined) return;
    head[name] = speed;
    exchange.status("ok");
  };
}

type Row = readonly [method: Route["method"], tail: string, use: Use];

/** Only where the head knows that word. */
function known(name: keyof Head["words"], word: string, use: Use): Use {
  return (exchange, head, family) => {
    if (head.words[name] === word) {
      use(exchange, head, family);
      return;
    }
    exchange.status("notSupport");
  };
}

const TABLE: readonly Row[] = [
  ["GET", "capabilities", capabilities],
  ["PUT", "continuous", continuous],
  ["PUT", "momentary", momentary],
  ["PUT", "relative", relative],
  ["PUT", "absolute", absolute],
  ["PUT", "absoluteEx", setExact],
  ["GET", "absoluteEx", getExact],
  ["GET", "absoluteEx/capabilities", exactCapabilities],
  ["GET", "status", status],
  ["PUT", "position3D", position3D],
  ["GET", "presets", stored.listPresets],
  ["PUT", "presets/:id", stored.setPreset],
  ["DELETE", "presets/:id", known("presetDelete", "", stored.deletePreset)],
  ["DELETE", "presets/:id/delete", known("presetDelete", "/delete", stored.deletePreset)],
  ["PUT", "presets/:id/goto", stored.gotoPreset],
  ["GET", "patrols", stored.listPatrols],
  ["PUT", "patrols/:id", stored.setPatrol],
  ["DELETE", "patrols/:id", stored.deletePatrol],
  ["PUT", "patrols/:id/:command", stored.runPatrol],
  ["PUT", "patterns/:id/:command", stored.usePattern],
  ["DELETE", "patterns/:id", stored.deletePattern],
  ...(["homeposition", "homePosition"] as const).flatMap((home): readonly Row[] => [
    ["PUT", home, known("home", home, stored.setHome)],
    ["PUT", `${home}/goto`, known("home", home, stored.gotoHome)],
    ["DELETE", home, known("home", home, stored.clearHome)],
  ]),
  ["GET", "auxcontrols", listAux],
  ["PUT", "auxcontrols/:id", setAux],
  ["PUT", "Wiper", known("wiper", "Wiper", settings.wipe)],
  ["GET", "parkaction", settings.readSetting("park")],
  ["PUT", "parkaction", settings.writeSetting("park")],
  ["GET", "parkaction/capabilities", settings.parkCapabilities],
  ["GET", "ptzlimiteds", settings.readSetting("limits")],
  ["PUT", "ptzlimiteds", settings.writeSetting("limits")],
  ["GET", "lockPTZ", settings.readLock],
  ["PUT", "lockPTZ", settings.writeLock],
  ["PUT", "ManualTrace", settings.track],
  ["PUT", "autoPan", autoPan],
  ["PUT", "onepushfoucs/start", onePush],
];

const ROOTS = {
  plain: "/ISAPI/PTZCtrl/channels/:channel",
  proxy: "/ISAPI/ContentMgmt/PTZCtrlProxy/channels/:channel",
} as const;

export const ptz: readonly Route[] = [
  ...settings.ptzSettings,
  ...(["plain", "proxy"] as const).flatMap((root) =>
    TABLE.map(([method, tail, use]) =>
      route(method, `${ROOTS[root]}/${tail}`, serve(root, tail.split("/")[0] ?? "", use)),
    ),
  ),
  ...(Object.keys(LENS) as Family[]).flatMap((family) => [
    route("PUT", `${LENS[family]}/focus`, lens(family, "focus", "FocusData")),
    route("PUT", `${LENS[family]}/iris`, lens(family, "iris", "IrisData")),
  ]),
];

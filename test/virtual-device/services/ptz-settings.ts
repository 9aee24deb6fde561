/**
 * What a head is set to: park action, limits, auto tracking, lock; and what it is shown: tracking, regional focus. Documents are judged
 * as devices do: the same elements in the same order, whole, values in their range. Park action as in the vendor's guide; of the limits
 * and of auto tracking only `enabled` is known, the rest stands for what must stay as it is.
 */
import type { Exchange } from "../exchange";
import { route, type Route } from "../router";
import { element, leaf, PROLOG, readLeaf } from "../xml";
import { leaves, numbers } from "./ptz-requests";
import type { Use } from "./ptz-family";
import { headsOf, type Head, type SettingName } from "./ptz-head";
import { rootAttributes } from "./system";

const SCANS = ["autoscan", "framescan", "randomscan", "panoramascan"];
const PARK_ACTIONS = [...SCANS, "patrol", "pattern", "preset"];
const MAX_LOCK = 3600;

/** As it comes out of the box. */
function initial(name: SettingName, exchange: Exchange): string {
  const about = rootAttributes(exchange.device);
  if (name === "park") {
    const action = leaf("ActionType", "patrol") + leaf("ActionNum", 1);
    return element("ParkAction", leaf("enabled", false) + leaf("Parktime", 5) + element("Action", action), about);
  }
  if (name === "limits") {
    // Each of them has an `enabled` of its own, before that of the list.
    const one = element("PTZLimited", leaf("id", 1) + leaf("enabled", true) + leaf("limitType", "manual"));
    return element("PTZLimitedList", one + leaf("enabled", false), about);
  }
  return element("IntelliTrace", leaf("enabled", false) + leaf("trackDuration", 300), about);
}

/** The document as it stands now. */
export function settingOf(name: SettingName, exchange: Exchange, head: Head): string {
  return head.settings.get(name) ?? PROLOG + initial(name, exchange);
}

function isGood(name: SettingName, sent: string): boolean {
  if (!["true", "false"].includes(readLeaf(sent, "enabled") ?? "")) return false;
  if (name !== "park") return true;
  const [seconds, number] = ["Parktime", "ActionNum"].map((word) => Number(readLeaf(sent, word)));
  const type = readLeaf(sent, "ActionType") ?? "";
  if (!(seconds !== undefined && seconds >= 5 && seconds <= 720) || !PARK_ACTIONS.includes(type)) return false;
  return SCANS.includes(type) === (number === 0);
}

const tags = (document: string): string => [...document.matchAll(/<\/?[A-Za-z]\w*/g)].join();

export const readSetting =
  (name: SettingName): Use =>
  (exchange, head) =>
    exchange.send(200, 'application/xml; charset="UTF-8"', settingOf(name, exchange, head));

export const writeSetting =
  (name: SettingName): Use =>
  (exchange, head) => {
    const present = settingOf(name, exchange, head);
    const sent = exchange.body.toString("utf8");
    const root = /<([A-Za-z]\w*)/.exec(present.replace(/<\?.*?\?>/, ""))?.[1] ?? "";
    if (exchange.xmlBody(root) === undefined) return;
    if (tags(sent) !== tags(present)) exchange.status("badXmlContent");
    else if (!isGood(name, sent)) exchange.status("badParameters");
    else {
      // One that says OK and keeps what it has.
      if (!head.deaf) head.settings.set(name, sent);
      exchange.status("ok");
    }
  };

/** The limits of what may be written are attributes. */
export const parkCapabilities: Use = (exchange) => {
  const inner =
    `<enabled opt="true,false">true</enabled>\n<Parktime min="5" max="720">5</Parktime>\n` +
    element(
      "Action",
      `<ActionType opt="${PARK_ACTIONS.join()}">patrol</ActionType>\n<ActionNum min="0" max="255">1</ActionNum>\n`,
    );
  exchange.xml(element("ParkAction", inner, rootAttributes(exchange.device)));
};

/** Tells how long it goes on. */
export const readLock: Use = (exchange, head) =>
  exchange.xml(element(head.words.lock, leaf("lockTime", head.lockedFor), rootAttributes(exchange.device)));

export const writeLock: Use = (exchange, head) => {
  const [seconds] = numbers(exchange, { [`${head.words.lock}/lockTime`]: [0, MAX_LOCK] }) ?? [];
  if (seconds === undefined) return;
  head.lockFor(seconds);
  exchange.status("ok");
};

export const track: Use = (exchange, head) => {
  const names = exchange.body.includes("<positionX2>") ? ["X", "Y", "X2", "Y2"] : ["X", "Y"];
  const fields = names.map((name) => [`ManualTrace/position${name}`, [0, 255] as const] as const);
  const place = numbers(exchange, Object.fromEntries(fields));
  if (!place) return;
  head.tracked = place;
  exchange.status("ok");
};

/** The wiper where it has a path of its own. */
export const wipe: Use = (exchange, head) => {
  const [, type, on] = leaves(exchange, "PTZAux/id", "PTZAux/type", "PTZAux/status") ?? [];
  if (type === undefined) return;
  if (type !== "WIPER" || (on !== "on" && on !== "off")) {
    exchange.status("badParameters");
    return;
  }
  head.aux.set("WIPER", on === "on");
  exchange.status("ok");
};

/** Of a camera itself; a recorder is not known to hand these on. */
function ofCamera(use: Use) {
  return (exchange: Exchange): void => {
    const head = headsOf(exchange.device).channels.get(Number(exchange.param("channel")));
    if (head && exchange.device.profile.model === "camera") use(exchange, head, "dome");
    else exchange.status("notSupport");
  };
}

const regionalFocus: Use = (exchange, head) => {
  const step = [0, 1000] as const;
  const fields = ["StartPoint", "EndPoint"].flatMap((point) =>
    ["positionX", "positionY"].map((axis) => [`RegionalFocus/${point}/${axis}`, step] as const),
  );
  const corners = numbers(exchange, Object.fromEntries(fields));
  if (!corners) return;
  head.focusedOn = corners;
  exchange.status("ok");
};

export const ptzSettings: readonly Route[] = [
  route("PUT", "/ISAPI/Image/channels/:channel/regionalFocus", ofCamera(regionalFocus)),
  route("GET", "/ISAPI/Smart/IntelliTrace/:channel", ofCamera(readSetting("tracking"))),
  route("PUT", "/ISAPI/Smart/IntelliTrace/:channel", ofCamera(writeSetting("tracking"))),
];

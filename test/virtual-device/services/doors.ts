/**
 * Doors of terminals, controllers and door stations. None by default. The body of a command is looked at before the login, and what
 * is right in form but not as the device wants it is answered with OK and has no effect.
 */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { statusReply } from "../response-status";
import { route, type Route } from "../router";
import { element, leaf, PROLOG, readLeaf, rootOf } from "../xml";

const NAMESPACE = 'xmlns="http://www.isapi.org/ver20/XMLSchema"';
const ISAPI = `version="2.0" ${NAMESPACE}`;
const PADDED = 128;
const ALL = 65_535;
const COMMAND = /^\/ISAPI\/AccessControl\/RemoteControl\/door\/\d+$/;

interface Door {
  name: string;
  /** `doorLockStatus`: 0 closed, 1 open, 2 short circuit, 3 cut, 4 fault. */
  lock: number;
  /** `doorStatus`: 1 sleeping, 2 stays open, 3 stays closed, 4 normal. */
  mode: number;
}

export class Doors {
  readonly doors: Door[] = [];
  /** How many the capabilities tell of; a second one need not be fitted. */
  told: number | undefined;
  /** `cmd` of the capabilities; null: there are no capabilities. */
  words: string | null = "open,close,alwaysOpen,alwaysClose,resume";
  /** Is RemoteControl there at all? */
  remoteControl = true;
  /** Is VideoIntercom/remoteOpenDoor? */
  remoteOpenDoor = false;
  /** As which Content-Type a command has an effect. */
  takes: "any" | "form" | "nothing" = "any";
  /** How AcsWorkStatus lists; "none": not at all. */
  workStatus: "exact" | "padded" | "empty" | "none" = "exact";
  /** `lockStatus` of VideoIntercom/WorkStatus, by lock; undefined: there is no such path. */
  stationLocks: readonly string[] | undefined;
  /** Shut again so long after open, ms. */
  openMs = 5_000;
  /** What has had an effect: "1 open". */
  readonly moves: string[] = [];

  add(name: string): this {
    this.doors.push({ name, lock: 0, mode: 4 });
    return this;
  }
}

export const doorsOf = perDevice(() => new Doors());

/** Terminals look at a command's body before the login: what is no command gets no challenge, and so can never log in. */
export function refusedBeforeLogin(exchange: Exchange): boolean {
  if (doorsOf(exchange.device).doors.length === 0) return false;
  if (exchange.method !== "PUT" || !COMMAND.test(exchange.path) || exchange.body.length > 0) return false;
  exchange.send(400, "application/xml", badContent(exchange.target));
  return true;
}

function badContent(url: string): string {
  return (
    PROLOG +
    element(
      "ResponseStatus",
      leaf("requestURL", url) +
        leaf("statusCode", 6) +
        leaf("statusString", "Invalid Content") +
        leaf("subStatusCode", "badXmlContent") +
        leaf("errorCode", 1610612739),
      'version="1.0" xmlns="http://www.std-cgi.com/ver10/XMLSchema"',
    )
  );
}

/** As DS-KV8113 says it: the older namespace, called a web page. */
function ok(exchange: Exchange): void {
  const body = statusReply("ok", exchange.target).body.replace(
    ISAPI,
    'version="1.0" xmlns="http://www.std-cgi.com/ver10/XMLSchema"',
  );
  exchange.send(200, "text/html", body);
}

function control(exchange: Exchange): void {
  const { device } = exchange;
  const state = doorsOf(device);
  if (state.doors.length === 0 || !state.remoteControl) {
    exchange.status("notSupport");
    return;
  }
  const body = exchange.body.toString("utf8");
  const word = readLeaf(body, "cmd");
  if (rootOf(body) !== "RemoteControlDoor" || word === undefined) {
    exchange.send(400, "application/xml", badContent(exchange.target));
    return;
  }
  if (state.words !== null && !state.words.split(",").includes(word)) {
    exchange.status("notSupport");
    return;
  }
  const number = Number(exchange.param("id"));
  const door = state.doors[number - 1];
  if (!door && number !== ALL && number > (state.told ?? state.doors.length)) {
    exchange.status("badParameters");
    return;
  }
  const whole = /<RemoteControlDoor version="2.0" xmlns="http:\/\/www.isapi.org\/ver20\/XMLSchema">/.test(body);
  const form = /^application\/x-www-form-urlencoded\b/.test(exchange.recorded.contentType ?? "");
  const works = whole && (state.takes === "any" || (state.takes === "form" && form));
  if (works) for (const one of number === ALL ? state.doors : door ? [door] : []) move(exchange, one, word);
  if (works) state.moves.push(`${number} ${word}`);
  ok(exchange);
}

function move({ device }: Exchange, door: Door, word: string): void {
  const { openMs } = doorsOf(device);
  if (word === "open" && door.mode !== 3) {
    door.lock = 1;
    void device.pause(openMs).then(() => {
      if (door.mode === 4) door.lock = 0;
    });
  }
  if (word === "close") door.lock = 0;
  if (word === "alwaysOpen") [door.lock, door.mode] = [1, 2];
  if (word === "alwaysClose") [door.lock, door.mode] = [0, 3];
  if (word === "resume") [door.lock, door.mode] = [0, 4];
}

/** With the blanks of a DS-KD8003. */
function capabilities(exchange: Exchange): void {
  const { doors, words, remoteControl, told } = doorsOf(exchange.device);
  if (doors.length === 0 || words === null || !remoteControl) {
    exchange.status("notSupport");
    return;
  }
  const inner = `<doorNo min="1" max="${told ?? doors.length}"/>\n<cmd opt="${words}"/>\n`;
  exchange.send(
    200,
    "application/xml",
    `${PROLOG}<RemoteControlDoor  version="2.0" ${NAMESPACE}>\n${inner}</RemoteControlDoor >`,
  );
}

function parameters(exchange: Exchange): void {
  const door = doorsOf(exchange.device).doors[Number(exchange.param("id")) - 1];
  if (!door) exchange.status("notSupport");
  else {
    const secret = leaf("stressPassword", "12345678") + leaf("superPassword", "87654321");
    exchange.xml(element("DoorParam", leaf("doorName", door.name) + leaf("openDuration", 5) + secret, ISAPI));
  }
}

function workStatus(exchange: Exchange): void {
  const { doors, workStatus: lists } = doorsOf(exchange.device);
  if (doors.length === 0 || lists === "none") {
    exchange.status("notSupport");
    return;
  }
  const listed = (values: readonly number[], filler: number): readonly number[] => {
    if (lists === "empty") return [];
    return lists === "exact" ? values : Array.from({ length: PADDED }, (_, index) => values[index] ?? filler);
  };
  exchange.json({
    AcsWorkStatus: {
      doorLockStatus: listed(
        doors.map(({ lock }) => lock),
        0,
      ),
      doorStatus: listed(
        doors.map(({ mode }) => mode),
        4,
      ),
      magneticStatus: listed(
        doors.map(() => 0),
        0,
      ),
      caseStatus: [],
      cardReaderOnlineStatus: [1],
      powerSupplyStatus: "ACPowerSupply",
      hostAntiDismantleStatus: "close",
    },
  });
}

function stationStatus(exchange: Exchange): void {
  const { stationLocks } = doorsOf(exchange.device);
  if (!stationLocks) {
    exchange.status("notSupport");
    return;
  }
  const nodes = stationLocks.map((status, index) =>
    element("node", leaf("lockID", index + 1) + leaf("lockStatus", status)),
  );
  exchange.xml(element("WorkStatus", element("lockStatusList", nodes.join("")), ISAPI));
}

function openByIntercom(exchange: Exchange): void {
  const { device } = exchange;
  const state = doorsOf(device);
  if (!state.remoteOpenDoor) {
    exchange.status("notSupport");
    return;
  }
  const body = exchange.xmlBody("RemoteOpenDoor");
  if (body === undefined) return;
  const door = state.doors[Number(readLeaf(body, "gateWayIndex")) - 1];
  if (!door || readLeaf(body, "command") !== "unlock" || !body.includes(NAMESPACE)) {
    exchange.status("badParameters");
    return;
  }
  move(exchange, door, "open");
  state.moves.push(`${readLeaf(body, "gateWayIndex") ?? ""} unlock`);
  exchange.status("ok");
}

export const doors: readonly Route[] = [
  route("GET", "/ISAPI/AccessControl/RemoteControl/door/capabilities", capabilities),
  route("PUT", "/ISAPI/AccessControl/RemoteControl/door/:id", control),
  route("GET", "/ISAPI/AccessControl/Door/param/:id", parameters),
  route("GET", "/ISAPI/AccessControl/AcsWorkStatus", workStatus),
  route("GET", "/ISAPI/VideoIntercom/WorkStatus", stationStatus),
  route("PUT", "/ISAPI/VideoIntercom/remoteOpenDoor", openByIntercom),
];

/**
 * The paths by which devices move a door or a barrier, with the words of each; the likeliest first. Relays are no path of this kind:
 * see access-point.ts.
 */
import { raw, xml } from "../isapi/xml";
import type { DoorKind, DoorMove } from "./door-words";

export interface WayRequest {
  readonly path: string;
  readonly body: string;
}

export interface Way {
  readonly name: "parking" | "itc" | "remoteControl" | "remoteOpenDoor";
  /** Undefined: there is no word for it. */
  readonly request: (number: number, move: DoorMove) => WayRequest | undefined;
  /** It has been seen to say OK and do nothing, unless it is sent as the device's own web page sends it. */
  readonly mayNeedForm?: true;
}

const ISAPI = raw('version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"');
const PROLOG = raw('<?xml version="1.0" encoding="UTF-8"?>\n');
/** What the web pages of DS-K1T344 and DS-KD9633 send commands to a door as. */
export const FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8";

const PARKING_WORDS: Words = { open: "open", close: "close", lock: "lock", unlock: "unlock" };
/** There is none for unlock. */
const ITC_WORDS: Words = { open: "on", close: "off", lock: "locked" };
/** As in the `cmd` of the capabilities. */
export const DOOR_WORDS: Words = {
  open: "open",
  close: "close",
  holdOpen: "alwaysOpen",
  holdClosed: "alwaysClose",
  resume: "resume",
};
type Words = Readonly<Partial<Record<DoorMove, string>>>;

export function barrierGate(number: number): string {
  return `/ISAPI/Parking/channels/${number}/barrierGate`;
}

/** DS-TCG405-E V5.4.0, iDS-TCM V5.4.0; without a namespace, as their web page does. */
const parking: Way = {
  name: "parking",
  request: (number, move) => {
    const word = PARKING_WORDS[move];
    return word === undefined
      ? undefined
      : {
          path: barrierGate(number),
          body: xml`${PROLOG}<BarrierGate><ctrlMode>${word}</ctrlMode></BarrierGate>`,
        };
  },
};

/** DS-TCG205-E, DS-TCG406. "barriet" is the vendor's spelling. */
const itc: Way = {
  name: "itc",
  request: (number, move) => {
    const word = ITC_WORDS[move];
    return word === undefined
      ? undefined
      : {
          path: "/ISAPI/ITC/Entrance/barrierGateCtrl",
          body: xml`${PROLOG}<BarrierGateCtrl ${ISAPI}><barrietGateNum>${number}</barrietGateNum><BarrierGateCtrlList><barrietGateOper>${word}</barrietGateOper></BarrierGateCtrlList></BarrierGateCtrl>`,
        };
  },
};

/** Without namespace and version, DS-K1T344 V4.47.0 and DS-KD9633 V2.3.9 say OK and do nothing. */
const remoteControl: Way = {
  name: "remoteControl",
  mayNeedForm: true,
  request: (number, move) => {
    const word = DOOR_WORDS[move];
    return word === undefined
      ? undefined
      : {
          path: `/ISAPI/AccessControl/RemoteControl/door/${number}`,
          body: xml`${PROLOG}<RemoteControlDoor ${ISAPI}><cmd>${word}</cmd></RemoteControlDoor>`,
        };
  },
};

/** Door stations, by the vendor's text. */
const remoteOpenDoor: Way = {
  name: "remoteOpenDoor",
  request: (number, move) =>
    move === "open"
      ? {
          path: "/ISAPI/VideoIntercom/remoteOpenDoor",
          body: xml`${PROLOG}<RemoteOpenDoor ${ISAPI}><gateWayIndex>${number}</gateWayIndex><command>unlock</command><controlSrc>1</controlSrc></RemoteOpenDoor>`,
        }
      : undefined,
};

export const WAYS: Readonly<Record<DoorKind, readonly Way[]>> = {
  barrier: [parking, itc],
  door: [remoteControl, remoteOpenDoor],
};

/** What can be done with a call of a door station, and what is told of it. */
import { FatalError } from "../lib/errors";
import { enumerate, say } from "../lib/sentence";
import { table } from "../lib/table";

export const CALL_ACTIONS = ["answer", "reject", "hangUp"] as const;
export type CallAction = (typeof CALL_ACTIONS)[number];
/** The device's own words. */
export type CallStatus = "idle" | "ring" | "onCall";
/** What a flow is told: each once, when it begins. */
export type CallState = "ringing" | "answered" | "ended" | "missed";

/** Who rings, as far as the device says it; numbers as it sent them. */
export interface Caller {
  /** What rings: `doorStation`, `villaStation`, `doorbell` …; a kind without a name here as the device spelled it. */
  type?: string;
  name?: string;
  model?: string;
  period?: number;
  building?: number;
  zone?: number;
  unit?: number;
  floor?: number;
  room?: number;
  /** The number of the station. */
  number?: number;
  /** Of a terminal or controller. */
  door?: number;
}

export interface CallChange {
  readonly state: CallState;
  /** When the state began, as far as it was seen: ms since 1970. */
  readonly since: number;
  readonly caller?: Caller;
  /** Nothing has ended the ring: it was ended here. */
  readonly synthetic?: true;
}

/** `devType` of the vendor. */
const TYPES = table<string>({
  "1": "doorStation",
  "2": "mainStation",
  "3": "indoorStation",
  "4": "outerDoorStation",
  "5": "villaStation",
  "6": "doorphone",
  "7": "client",
  "8": "client",
  "9": "app",
  "10": "doorbell",
  "11": "voip",
  "12": "camera",
  "13": "accessController",
});

export function stationType(sent: string | undefined): string | undefined {
  if (sent === undefined || sent === "0") return undefined;
  return TYPES[sent] ?? sent;
}

/** In any letter case: devices refuse `hangup`, and people write it. Throws `badRequest` for any other word. */
export function callAction(given: unknown): CallAction {
  const word = typeof given === "string" ? given.trim().toLowerCase() : undefined;
  const action = CALL_ACTIONS.find((known) => known.toLowerCase() === word);
  if (action !== undefined) return action;
  throw new FatalError("badRequest", say`What is to be done with the call? Give one of ${enumerate(CALL_ACTIONS)}.`);
}

/** Undefined: no word for it. */
export function callStatus(sent: string | undefined): CallStatus | undefined {
  switch (sent?.trim().toLowerCase()) {
    case "idle":
      return "idle";
    case "ring":
      return "ring";
    case "oncall":
      return "onCall";
    default:
      return undefined;
  }
}

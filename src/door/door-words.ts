/** What can be asked of a door or a barrier, and what is told of it. */
import { FatalError } from "../lib/errors";
import { enumerate, say, type Sentence } from "../lib/sentence";

export type DoorKind = "door" | "barrier";
export const DOOR_ACTIONS = ["open", "close", "holdOpen", "holdClosed", "resume", "lock", "unlock", "status"] as const;
export type DoorAction = (typeof DOOR_ACTIONS)[number];
/** What is sent: all but the question. */
export type DoorMove = Exclude<DoorAction, "status">;
/** As read. "locked": a door that is held closed, a barrier that this package has locked. */
export type DoorState = "open" | "closed" | "locked" | "unknown";

const ONLY: Readonly<Partial<Record<DoorAction, DoorKind>>> = {
  holdOpen: "door",
  holdClosed: "door",
  resume: "door",
  lock: "barrier",
  unlock: "barrier",
};
/** Terminals take it for "all doors". */
const ALL_DOORS = 65_535;
/** Controllers list 128 doors at most, entrance cameras 8 barriers. */
export const MOST_DOORS = 128;

/** Throws `badRequest` for any other word. */
export function doorAction(given: unknown): DoorAction {
  const word = typeof given === "string" ? given.trim() : undefined;
  const action = DOOR_ACTIONS.find((known) => known === word);
  if (action !== undefined) return action;
  throw new FatalError("badRequest", say`What is to be done with the door? Give one of ${enumerate(DOOR_ACTIONS)}.`);
}

/** A number from 1, also as text. Throws `badRequest`, also for the number that means all doors. */
export function doorNumber(given: unknown): number {
  const number = typeof given === "string" && /^\s*\d{1,6}\s*$/.test(given) ? Number(given) : given;
  if (number === ALL_DOORS)
    throw new FatalError(
      "badRequest",
      say`${ALL_DOORS} would be all doors of the device at once. Give the number of one door.`,
    );
  if (typeof number === "number" && Number.isInteger(number) && number >= 1 && number <= MOST_DOORS) return number;
  throw new FatalError("badRequest", say`Which door or barrier? Give its number, from 1 to ${MOST_DOORS}.`);
}

/** The kind that alone knows the action; undefined where both do. */
export function kindFor(action: DoorAction): DoorKind | undefined {
  return ONLY[action];
}

/** Throws `notSupported` for what the other kind does. */
export function checkKind(action: DoorAction, kind: DoorKind): void {
  const only = kindFor(action);
  if (only === undefined || only === kind) return;
  throw new FatalError(
    "notSupported",
    kind === "barrier"
      ? say`"${action}" is for doors. A barrier knows open, close, lock and unlock.`
      : say`"${action}" is for barriers. A door knows open, close, holdOpen, holdClosed and resume.`,
  );
}

export function named(kind: DoorKind, number: number): Sentence {
  return kind === "door" ? say`door ${number}` : say`barrier ${number}`;
}

/** What is armed, and what became of it. */
import type { HikvisionError } from "../lib/errors";
import type { Sentence } from "../lib/sentence";

/** "detection": the switches of the detections. "center": are their events sent. "disturb": a recorder's one-touch disarm. */
export type ArmSubject = "detection" | "center" | "disturb";
export type ArmAction = "on" | "off" | "status";

export interface ArmSelection {
  /** Empty: all that the device has. */
  readonly channels: readonly number[];
  /** Canonical types; empty: all that the device has. */
  readonly types: readonly string[];
}

export interface ArmCommand extends ArmSelection {
  readonly what: ArmSubject;
  readonly action: ArmAction;
  /** Put back what was done when one item fails; else the items tell it. */
  readonly rollback: boolean;
}

/** One thing that can be armed. */
export interface ArmPlace {
  /** Null: the device itself. */
  readonly channel: number | null;
  readonly type: string;
  /** Of an alarm input. */
  readonly inputPort?: number;
}

export interface ArmItem extends ArmPlace {
  /** Left out where it is not known. */
  readonly before?: boolean;
  readonly after?: boolean;
  readonly changed: boolean;
  /** It is on, but nothing can come of it, now or at all. */
  readonly blind?: readonly Sentence[];
  readonly error?: HikvisionError;
}

export interface ArmResult {
  readonly what: ArmSubject;
  /** "mixed": some are on, or of some it is not known. */
  readonly armed: boolean | "mixed";
  readonly items: readonly ArmItem[];
  /** The device does not tell its state: it said OK, and that is all. */
  readonly unverified?: true;
}

/** A switch whose state was read. */
export interface ArmSwitch {
  readonly place: ArmPlace;
  readonly on: boolean;
  /** Writes, and reads back. Throws where the device kept its own. */
  set(on: boolean, queueSignal: AbortSignal): Promise<void>;
  /** Puts back what {@link set} may have changed, also after it has failed. Writes nothing where nothing is different. */
  restore(): Promise<void>;
  /** The state now, where {@link set} has failed. */
  state(): Promise<boolean | undefined>;
}

/** A place whose switch cannot be read. */
export interface ArmFailure {
  readonly place: ArmPlace;
  readonly error: HikvisionError;
}

export interface ArmSwitches {
  readonly switches: readonly ArmSwitch[];
  readonly failures: readonly ArmFailure[];
}

/** Functions that a device cannot run beside each other. */
import { perDevice } from "../per-device";

/** A switch that has to be off, as "FieldDetection/1", and what the device calls it. */
export interface Blocker {
  readonly key: string;
  readonly name: string;
}

export interface ExclusiveFunctions {
  /** By the switch that they keep off. */
  readonly blockedBy: Map<string, readonly Blocker[]>;
  /** Does the device say so before the write, as DVRs of V4.75 do? */
  announced: boolean;
  /** Of the last refusal. */
  blocking: readonly string[];
}

/** For tests to change. */
export const exclusiveOf = perDevice((): ExclusiveFunctions => ({
  blockedBy: new Map(),
  announced: false,
  blocking: [],
}));

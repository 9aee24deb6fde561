/** A recording as flows get it. */

export interface Recording {
  /** The device's name of the file; its start where it gives none. */
  readonly name: string;
  readonly channel: number;
  /** channel * 100 + 1, of pictures + 3. */
  readonly track: number;
  /** ISO 8601 in UTC. */
  readonly start: string;
  readonly end: string;
  /** The same on the device's own clock, with its offset. */
  readonly startLocal: string;
  readonly endLocal: string;
  /** Null: the device does not tell. */
  readonly bytes: number | null;
  /** As the device says, which is often wrong. */
  readonly codec?: string;
  /** Why it was made: "timing", "motion" … */
  readonly recordType?: string;
  readonly kind: "video" | "picture";
  /** Still being written: its end and size are of the moment. */
  readonly open?: true;
  /** As the device wrote it; a download sends it back like that. */
  readonly playbackUri: string;
}

export const RECORD_TYPES = ["all", "timing", "motion", "alarm", "manual", "picture"] as const;

/** What to search for. */
export type RecordType = (typeof RECORD_TYPES)[number];

export function isRecordType(value: unknown): value is RecordType {
  return (RECORD_TYPES as readonly unknown[]).includes(value);
}

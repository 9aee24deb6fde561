/** A stored recording, as messages carry it. */

export interface Recording {
  /** The device's name of the file; its start where it gives none. */
  readonly name: string;
  readonly channel: number;
  /** channel * 100 + 1, of pictures + 3. */
  readonly track: number;
  /** ISO 8601 in UTC. */
  readonly start: string;
  readonly end: string;
  /** The same in the device's time zone, ISO 8601 with its offset. */
  readonly startLocal: string;
  readonly endLocal: string;
  /** Null: unknown. */
  readonly bytes: number | null;
  /** As the device says, which is often wrong. */
  readonly codec?: string;
  /** Why it was made: "timing", "motion" … */
  readonly recordType?: string;
  readonly kind: "video" | "picture";
  /** Still being written: its end and size will change. */
  readonly open?: true;
  /** Exactly as the device wrote it: a download has to send it back unchanged. */
  readonly playbackUri: string;
}

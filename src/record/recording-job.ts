/** What the two kinds of recording jobs have in common: on the device's own storage, or into a file here. */
import type { HikvisionError } from "../lib/errors";
import type { Sentence } from "../lib/sentence";

/** The device's own storage, or a file of this computer. */
export type Destination = "device" | "file";

export interface Started {
  readonly where: Destination;
  readonly channel: number;
  /** Of the file, absolute. */
  readonly path?: string;
  /** "extended": it was running, and only its end changed. "continued": in another file, after an interruption. */
  readonly reason?: "extended" | "continued";
}

export interface Stopped {
  readonly where: Destination;
  readonly channel: number;
  /** Absent when there is no file, or it was reported before. */
  readonly path?: string;
  /** Seconds of video; on the device, between start and stop. */
  readonly duration?: number;
  readonly bytes?: number;
  /** "stopped" by a message, "duration" is over, "nothing" was being recorded; else the code of an error, or "interrupted". */
  readonly reason: string;
}

/** Gets what happens to a recording job after it was started. Its methods must not throw. */
export interface RecordingSink {
  started(started: Started): void;
  stopped(stopped: Stopped): void;
  failed(error: HikvisionError): void;
  /** For the user: it records, but something may be wrong. */
  warn(sentence: Sentence): void;
}

/** One running recording. */
export interface RecordingJob {
  readonly started: Started;
  /** Resolves when nothing is recorded any more. Never rejects. */
  readonly over: Promise<void>;
  /** Sets its end to so many ms from now; undefined: until it is stopped. False: too late, it is being stopped. */
  extend(durationMs: number | undefined): boolean;
  /** Undefined: it was ending already, and that is reported elsewhere. */
  stop(signal?: AbortSignal): Promise<Stopped | undefined>;
  /** Stops it because its node is removed: sends the stop at once, resolves when all is ended. Never rejects. */
  close(): Promise<void>;
}

/** What the two ways of recording have in common: on the device's disk, or into a file here. */
import type { HikvisionError } from "../lib/errors";
import type { Sentence } from "../lib/sentence";

export type Where = "device" | "file";

export interface Started {
  readonly where: Where;
  readonly channel: number;
  /** Of a file: absolute. */
  readonly path?: string;
  /** "extended": it was under way and only its end changed. "continued": another file, after a break. */
  readonly reason?: "extended" | "continued";
}

export interface Stopped {
  readonly where: Where;
  readonly channel: number;
  /** Absent when there is no file, or it was reported before. */
  readonly path?: string;
  /** Seconds of video; on the device, between start and stop. */
  readonly duration?: number;
  readonly bytes?: number;
  /** "stopped" by somebody, "duration" is over, "nothing" was being recorded; else the code of an error, or "interrupted". */
  readonly reason: string;
}

/** Who hears what happens to a recording without being asked for. Its methods must not throw. */
export interface RecordingSink {
  started(started: Started): void;
  stopped(stopped: Stopped): void;
  failed(error: HikvisionError): void;
  /** One sentence for the owner: it works, but may look wrong. */
  warn(sentence: Sentence): void;
}

/** One recording under way. */
export interface RecordingJob {
  readonly started: Started;
  /** Resolves when nothing is recorded any more. Never rejects. */
  readonly over: Promise<void>;
  /** Lets it end so many ms from now; undefined: when it is stopped. False: too late, it is just being stopped. */
  extend(durationMs: number | undefined): boolean;
  /** Undefined: it was ending, and somebody else hears of it. */
  stop(signal?: AbortSignal): Promise<Stopped | undefined>;
  /** Stops it because its owner goes. Sends what there is to send at once, resolves when nothing is left. Never rejects. */
  close(): Promise<void>;
}

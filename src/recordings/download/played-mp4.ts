/** The MP4 of one or several playbacks, written while they come: what is there of it can be played at any time. Nothing throws. */
import type { AacConfig } from "../../rtsp/aac-depacketizer";
import type { TimedAudio, TimedPicture } from "../../rtsp/rtsp-session";
import { FragmentWriter, type Segment } from "../../video/fragment-writer";

/** Whoever writes it now. Its methods must not throw. */
export interface Mp4User {
  /** No more for now. */
  onFull(): void;
  /** The size or the codec of the pictures is another: they do not fit into this file. */
  onOtherFormat(): void;
}

export class PlayedMp4 {
  user: Mp4User | undefined;
  /** Ms since 1970 of its first picture. */
  beginMs: number | undefined;
  /** Of the file, once it has begun. */
  audio: AacConfig | undefined;
  readonly #write: (bytes: Buffer) => boolean;
  #writer: FragmentWriter | undefined;
  /** Begins the file; every playback announces it again. */
  #init: Buffer | undefined;

  /** @param write false: no more for now */
  constructor(write: (bytes: Buffer) => boolean) {
    this.#write = write;
  }

  get begun(): boolean {
    return this.#writer !== undefined;
  }

  /** With sound or without it: that stays. */
  begin(audio: AacConfig | undefined): void {
    if (this.#writer) return;
    this.audio = audio;
    this.#writer = new FragmentWriter({ live: false, audio }, (segment) => this.#onSegment(segment));
  }

  picture(picture: TimedPicture, ms: number): void {
    this.beginMs ??= ms;
    this.#writer?.picture({ ...picture, seconds: (ms - this.beginMs) / 1000 });
  }

  sound({ data }: TimedAudio, ms: number): void {
    if (this.beginMs !== undefined) this.#writer?.audio({ data, seconds: (ms - this.beginMs) / 1000 });
  }

  /** Writes the last picture: nothing follows it. */
  end(): void {
    this.#writer?.end();
  }

  #onSegment({ kind, bytes }: Segment): void {
    if (kind === "init" && this.#init) {
      if (!this.#init.equals(bytes)) this.user?.onOtherFormat();
      return;
    }
    if (kind === "init") this.#init = bytes;
    if (!this.#write(bytes)) this.user?.onFull();
  }
}

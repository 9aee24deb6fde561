/**
 * Pictures and sound as they come → fragmented MP4, one fragment each, so that nothing waits. A picture is written when the next one
 * comes, which tells how long it is shown: players of Media Source Extensions drop pictures behind a gap. Nothing throws.
 */
import { AAC_FRAME_SAMPLES, type AacConfig } from "../rtsp/aac-depacketizer";
import type { TimedAudio, TimedPicture } from "../rtsp/rtsp-session";
import type { ParameterSets } from "../rtsp/video-depacketizer";
import { decoderConfig } from "./decoder-config";
import { AUDIO_TRACK, fragment, initSegment, VIDEO_SCALE, VIDEO_TRACK } from "./mp4-boxes";

/** A piece of the file. "init" comes before the first fragment, and again where the video changes. */
export interface Segment {
  readonly kind: "init" | "key" | "video" | "audio";
  readonly bytes: Buffer;
  /** Of an init: "video/mp4; codecs=…". */
  readonly mime?: string;
  /** Of a picture: seconds since the begin. */
  readonly seconds?: number;
}

export interface FragmentWriterOptions {
  /** Undefined: without sound. */
  readonly audio?: AacConfig | undefined;
  /** Seconds that the first picture has. Default 0. */
  readonly startAt?: number;
  /** True: a jump of the clock is closed. False: it is a gap in a recording, and kept. */
  readonly live: boolean;
}

/** A step that is longer is a jump of the device's clock. */
const LONGEST_STEP = 10;
const MAX_DURATION = LONGEST_STEP * VIDEO_SCALE;
/** Where only one picture was seen so far, or after a jump. */
const USUAL_STEP = 0.04;
const AUDIO_DRIFT_SECONDS = 0.2;

export class FragmentWriter {
  readonly #options: FragmentWriterOptions;
  readonly #emit: (segment: Segment) => void;
  #sets: ParameterSets | undefined;
  #sequence = 0;
  #held: TimedPicture | undefined;
  #heldSeconds = 0;
  /** What is added to the times of the device. */
  #shift: number | undefined;
  #step = USUAL_STEP;
  /** Pictures come in another order than they are shown. */
  #reordered = false;
  #lastDecode = -1;
  #nextAudio: number | undefined;

  constructor(options: FragmentWriterOptions, emit: (segment: Segment) => void) {
    this.#options = options;
    this.#emit = emit;
  }

  /** "video/mp4; codecs=…" of what these parameter sets announce; undefined where they announce nothing. */
  static mime(sets: ParameterSets, audio: AacConfig | undefined): string | undefined {
    const config = decoderConfig(sets);
    if (!config) return undefined;
    return `video/mp4; codecs="${config.codec}${audio ? `,mp4a.40.${audio.objectType}` : ""}"`;
  }

  picture(picture: TimedPicture): void {
    const { startAt = 0, live } = this.#options;
    this.#shift ??= startAt - picture.seconds;
    let seconds = picture.seconds + this.#shift;
    if (this.#held) {
      const step = seconds - this.#heldSeconds;
      if (live && Math.abs(step) > LONGEST_STEP) {
        this.#shift += this.#heldSeconds + this.#step - seconds;
        seconds = this.#heldSeconds + this.#step;
      } else if (step > 0 && step < LONGEST_STEP) this.#step = step;
      else this.#reordered ||= step < 0;
    }
    this.#write(seconds);
    this.#held = picture;
    this.#heldSeconds = seconds;
  }

  audio({ data, seconds }: TimedAudio): void {
    const { audio } = this.#options;
    // Sound before the first picture has nothing to go with.
    if (!audio || this.#shift === undefined || !this.#sets) return;
    const told = Math.round((seconds + this.#shift) * audio.sampleRate);
    const expected = this.#nextAudio ?? told;
    const time = Math.abs(told - expected) < AUDIO_DRIFT_SECONDS * audio.sampleRate ? expected : told;
    if (time < 0 || (this.#nextAudio !== undefined && time < this.#nextAudio)) return;
    this.#nextAudio = time + AAC_FRAME_SAMPLES;
    const sample = {
      track: AUDIO_TRACK,
      sequence: ++this.#sequence,
      decodeTime: time,
      duration: AAC_FRAME_SAMPLES,
      offset: 0,
      key: true,
    };
    this.#emit({ kind: "audio", bytes: fragment(sample, [data], false) });
  }

  /** Writes the picture that waits for its successor. */
  end(): void {
    this.#write(this.#heldSeconds + this.#step);
    this.#held = undefined;
  }

  /** The held picture, which is shown until `next`. */
  #write(next: number): void {
    const picture = this.#held;
    if (!picture) return;
    if (picture.key && picture.sets !== this.#sets && !this.#begin(picture.sets)) return;
    if (!this.#sets) return;
    const shown = Math.round(this.#heldSeconds * VIDEO_SCALE);
    const decodeTime = Math.max(this.#lastDecode + 1, shown, 0);
    // Too long does no harm, too short ends what belongs together.
    const least = this.#reordered ? Math.round(3 * this.#step * VIDEO_SCALE) : 1;
    const duration = Math.min(MAX_DURATION, Math.max(least, 1, Math.round(next * VIDEO_SCALE) - decodeTime));
    this.#lastDecode = decodeTime;
    const sample = {
      track: VIDEO_TRACK,
      sequence: ++this.#sequence,
      decodeTime,
      duration,
      offset: shown - decodeTime,
      key: picture.key,
    };
    this.#emit({
      kind: picture.key ? "key" : "video",
      bytes: fragment(sample, picture.nals, true),
      seconds: this.#heldSeconds,
    });
  }

  #begin(sets: ParameterSets): boolean {
    const config = decoderConfig(sets);
    const mime = FragmentWriter.mime(sets, this.#options.audio);
    if (!config || mime === undefined) return false;
    this.#sets = sets;
    this.#emit({ kind: "init", bytes: initSegment(config, this.#options.audio), mime });
    return true;
  }
}

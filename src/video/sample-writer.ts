/**
 * Pictures and sound as they come → samples of MP4 with their times. A picture is given on when the next one comes, which tells how long
 * it is shown: players of Media Source Extensions drop pictures behind a gap. Nothing throws.
 */
import { AAC_FRAME_SAMPLES, type AacConfig } from "../rtsp/aac-depacketizer";
import type { TimedAudio, TimedPicture } from "../rtsp/rtsp-session";
import type { ParameterSets } from "../rtsp/video-depacketizer";
import { decoderConfig, type DecoderConfig } from "./decoder-config";
import { AUDIO_TRACK, VIDEO_SCALE, VIDEO_TRACK, type Sample } from "./mp4-boxes";

/** Its methods must not throw. */
export interface SampleSink {
  /** Before the first sample, and again where the video changes. */
  begin(config: DecoderConfig): void;
  /** In the order of decoding. `seconds` since the begin. */
  picture(sample: Sample, seconds: number): void;
  audio(sample: Sample): void;
}

export interface SampleWriterOptions {
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

export class SampleWriter {
  readonly #options: SampleWriterOptions;
  readonly #sink: SampleSink;
  #sets: ParameterSets | undefined;
  #held: TimedPicture | undefined;
  #heldSeconds = 0;
  /** What is added to the times of the device. */
  #shift: number | undefined;
  #step = USUAL_STEP;
  /** Pictures come in another order than they are shown. */
  #reordered = false;
  #lastDecode = -1;
  #nextAudio: number | undefined;

  constructor(options: SampleWriterOptions, sink: SampleSink) {
    this.#options = options;
    this.#sink = sink;
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
    this.#sink.audio({
      track: AUDIO_TRACK,
      decodeTime: time,
      duration: AAC_FRAME_SAMPLES,
      offset: 0,
      key: true,
      pieces: [data],
    });
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
    const { key, nals } = picture;
    const offset = shown - decodeTime;
    this.#sink.picture({ track: VIDEO_TRACK, decodeTime, duration, offset, key, pieces: nals }, this.#heldSeconds);
  }

  #begin(sets: ParameterSets): boolean {
    const config = decoderConfig(sets);
    if (!config) return false;
    this.#sets = sets;
    this.#sink.begin(config);
    return true;
  }
}

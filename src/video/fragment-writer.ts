/** Pictures and sound as they come → fragmented MP4 for browsers: one fragment each, so that nothing waits. Nothing throws. */
import type { AacConfig } from "../rtsp/aac-depacketizer";
import type { TimedAudio, TimedPicture } from "../rtsp/rtsp-session";
import type { ParameterSets } from "../rtsp/video-depacketizer";
import { decoderConfig, type DecoderConfig } from "./decoder-config";
import { fragment, initSegment } from "./mp4-boxes";
import { SampleWriter, type SampleWriterOptions } from "./sample-writer";

/** A piece of the file. "init" comes before the first fragment, and again where the video changes. */
export interface Segment {
  readonly kind: "init" | "key" | "video" | "audio";
  readonly bytes: Buffer;
  /** Of an init: "video/mp4; codecs=…". */
  readonly mime?: string;
  /** Of a picture: seconds since the begin. */
  readonly seconds?: number;
}

export class FragmentWriter {
  readonly #samples: SampleWriter;
  #sequence = 0;

  constructor(options: SampleWriterOptions, emit: (segment: Segment) => void) {
    const { audio } = options;
    this.#samples = new SampleWriter(options, {
      begin: (config) => emit({ kind: "init", bytes: initSegment(config, audio), mime: mimeOf(config, audio) }),
      picture: (sample, seconds) =>
        emit({ kind: sample.key ? "key" : "video", bytes: fragment(++this.#sequence, sample), seconds }),
      audio: (sample) => emit({ kind: "audio", bytes: fragment(++this.#sequence, sample) }),
    });
  }

  /** "video/mp4; codecs=…" of what these parameter sets announce; undefined where they announce nothing. */
  static mime(sets: ParameterSets, audio: AacConfig | undefined): string | undefined {
    const config = decoderConfig(sets);
    return config && mimeOf(config, audio);
  }

  picture(picture: TimedPicture): void {
    this.#samples.picture(picture);
  }

  audio(frame: TimedAudio): void {
    this.#samples.audio(frame);
  }

  /** Writes the picture that waits for its successor. */
  end(): void {
    this.#samples.end();
  }
}

function mimeOf({ codec }: DecoderConfig, audio: AacConfig | undefined): string {
  return `video/mp4; codecs="${codec}${audio ? `,mp4a.40.${audio.objectType}` : ""}"`;
}

/** RTP packets of one video → pictures. What is lost or broken drops pictures until the next key picture. Nothing throws. */
import { missingBetween, TimestampUnwrapper, type RtpPacket } from "./rtp";
import { CODECS, type CodecRules, type NalSink, type SetName, type VideoCodec } from "./video-codec";

/** What a decoder needs before the first picture. */
export interface ParameterSets {
  readonly codec: VideoCodec;
  /** H.265 alone. */
  readonly vps: readonly Buffer[];
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
}

export interface Picture {
  /** Unwrapped, of the track's clock. */
  readonly ticks: number;
  readonly key: boolean;
  /** Without parameter sets, delimiters and filler. */
  readonly nals: readonly Buffer[];
  readonly bytes: number;
  /** The same object as long as nothing in it changes. */
  readonly sets: ParameterSets;
}

const MAX_PICTURE = 8 * 1024 * 1024;
const MAX_NALS = 4096;
const MAX_SET = 4096;
const MAX_SETS = 16;

export class VideoDepacketizer {
  readonly #codec: VideoCodec;
  readonly #rules: CodecRules;
  readonly #emit: (picture: Picture) => void;
  readonly #time = new TimestampUnwrapper();
  #sets: ParameterSets;
  #sequence: number | undefined;
  /** Of the picture that is being collected. */
  #ticks: number | undefined;
  #nals: Buffer[] = [];
  #bytes = 0;
  #key = false;
  #hasPicture = false;
  #newSets: { vps: Buffer[]; sps: Buffer[]; pps: Buffer[] } | undefined;
  /** Of the unit that comes in pieces. */
  #pieces: Buffer[] | undefined;
  #broken = false;
  #waitForKey = true;
  /** Pictures that were dropped. */
  dropped = 0;

  /** @param known parameter sets of the session description, in any order. */
  constructor(codec: VideoCodec, known: readonly Buffer[], emit: (picture: Picture) => void) {
    this.#codec = codec;
    this.#rules = CODECS[codec];
    this.#emit = emit;
    const sets = { vps: [] as Buffer[], sps: [] as Buffer[], pps: [] as Buffer[] };
    for (const nal of known.slice(0, MAX_SETS)) {
      const name = this.#rules.setOf(nal);
      if (name && nal.length <= MAX_SET) sets[name].push(nal);
    }
    this.#sets = { codec, ...sets };
  }

  get sets(): ParameterSets {
    return this.#sets;
  }

  /** As after a seek: what comes next does not follow what came before. */
  reset(): void {
    this.#sequence = undefined;
    this.#clear();
    this.#ticks = undefined;
    this.#waitForKey = true;
  }

  push({ sequence, timestamp, marker, payload }: RtpPacket): void {
    const missing = this.#sequence === undefined ? 0 : missingBetween(this.#sequence, sequence);
    // Sent again, or out of order, which cannot be over TCP.
    if (missing < 0 && missing > -100) return;
    if (missing !== 0) this.#lose();
    this.#sequence = sequence;
    const ticks = this.#time.next(timestamp);
    if (this.#ticks !== undefined && ticks !== this.#ticks) {
      this.#finish();
      // The beginning of this picture may be missing, too.
      if (missing !== 0) this.#lose();
    }
    this.#ticks = ticks;
    if (payload.length > 0) this.#rules.split(payload, this.#sink);
    // Some encoders mark their parameter sets, too.
    if (marker && (this.#hasPicture || this.#broken)) this.#finish();
  }

  readonly #sink: NalSink = {
    whole: (nal) => this.#add(nal),
    begin: (head, piece) => {
      if (this.#pieces) this.#lose();
      this.#pieces = [head, piece];
      this.#count(piece.length);
    },
    more: (piece, last) => {
      const pieces = this.#pieces;
      if (!pieces) {
        this.#lose();
        return;
      }
      pieces.push(piece);
      this.#count(piece.length);
      if (!last) return;
      this.#pieces = undefined;
      if (this.#broken) return;
      const nal = Buffer.concat(pieces);
      this.#bytes -= nal.length;
      this.#add(nal);
    },
    broken: () => this.#lose(),
  };

  #add(nal: Buffer): void {
    const kind = this.#rules.kindOf(nal);
    if (kind === "set") this.#addSet(nal);
    if (kind === "drop" || kind === "set") return;
    this.#count(nal.length);
    if (kind !== "other") this.#hasPicture = true;
    if (this.#broken) return;
    if (kind === "key") this.#key = true;
    this.#nals.push(nal);
  }

  #addSet(nal: Buffer): void {
    const name: SetName | undefined = this.#rules.setOf(nal);
    if (name === undefined || nal.length > MAX_SET) return;
    const sets = (this.#newSets ??= { vps: [], sps: [], pps: [] });
    if (sets[name].length < MAX_SETS) sets[name].push(Buffer.from(nal));
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_PICTURE || this.#nals.length > MAX_NALS || (this.#pieces?.length ?? 0) > 2 * MAX_NALS)
      this.#lose();
  }

  /** The picture cannot be whole, and those that follow refer to it. */
  #lose(): void {
    this.#broken = true;
    this.#waitForKey = true;
    this.#pieces = undefined;
    this.#nals = [];
    this.#bytes = 0;
  }

  #finish(): void {
    if (this.#pieces) this.#lose();
    this.#takeSets();
    const { key, nals, bytes } = { key: this.#key, nals: this.#nals, bytes: this.#bytes };
    const ticks = this.#ticks ?? 0;
    const whole = this.#hasPicture && !this.#broken;
    if (this.#hasPicture && !whole) this.dropped += 1;
    this.#clear();
    if (!whole) return;
    if (this.#waitForKey && !key) {
      this.dropped += 1;
      return;
    }
    this.#waitForKey = false;
    if (this.#sets.sps.length === 0 || this.#sets.pps.length === 0) return;
    this.#emit({ ticks, key, nals, bytes, sets: this.#sets });
  }

  #takeSets(): void {
    const fresh = this.#newSets;
    this.#newSets = undefined;
    if (!fresh) return;
    const now = this.#sets;
    const take = (name: SetName): readonly Buffer[] => (fresh[name].length > 0 ? fresh[name] : now[name]);
    const next = { codec: this.#codec, vps: take("vps"), sps: take("sps"), pps: take("pps") };
    const same = (["vps", "sps", "pps"] as const).every((name) => equal(next[name], now[name]));
    if (!same) this.#sets = next;
  }

  #clear(): void {
    this.#nals = [];
    this.#bytes = 0;
    this.#key = false;
    this.#hasPicture = false;
    this.#broken = false;
    this.#pieces = undefined;
  }
}

function equal(one: readonly Buffer[], other: readonly Buffer[]): boolean {
  return one.length === other.length && one.every((buffer, index) => other[index]?.equals(buffer) === true);
}

/** A session description (SDP, RFC 8866), as far as a player of RTP needs it. What cannot be read is left out; nothing throws. */
import { table } from "../lib/table";

export interface MediaDescription {
  readonly kind: "video" | "audio";
  /** As written, absolute or relative; "" where there is none. */
  readonly control: string;
  readonly payloadType: number;
  /** "H264", "H265", "MPEG4-GENERIC", "PCMU" …, upper case. */
  readonly encoding: string;
  readonly clockRate: number;
  /** Of `fmtp`; names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface SessionDescription {
  /** Of the whole session, as written; "" where there is none. */
  readonly control: string;
  readonly media: readonly MediaDescription[];
}

const MAX_LINES = 1000;
const MAX_MEDIA = 16;
/** Payload types that need no rtpmap (RFC 3551). */
const STATIC = table<readonly [string, number]>({ "0": ["PCMU", 8000], "8": ["PCMA", 8000], "26": ["JPEG", 90_000] });

interface Open {
  readonly kind: string;
  readonly payloadType: number;
  control: string;
  encoding: string;
  clockRate: number;
  readonly parameters: Map<string, string>;
}

export function readSdp(text: string): SessionDescription {
  let control = "";
  const all: Open[] = [];
  for (const line of text.split(/\r\n|\n|\r/, MAX_LINES)) {
    const media = all.at(-1);
    const value = line.slice(2).trim();
    if (line.startsWith("m=") && all.length < MAX_MEDIA) all.push(openMedia(value));
    else if (!line.startsWith("a=")) continue;
    else if (value.startsWith("control:")) {
      const given = value.slice(8).trim();
      if (media) media.control = given;
      else control = given;
    } else if (media) readAttribute(media, value);
  }
  const media = all.flatMap((one): MediaDescription[] =>
    one.kind === "video" || one.kind === "audio" ? [{ ...one, kind: one.kind }] : [],
  );
  return { control, media };
}

/** The base64 values of a list, as `sprop-parameter-sets` has them. */
export function parameterSetsOf(list: string | undefined): readonly Buffer[] {
  if (list === undefined) return [];
  return list
    .split(",", 32)
    .map((one) => Buffer.from(one.trim(), "base64"))
    .filter(({ length }) => length > 0);
}

function openMedia(value: string): Open {
  const [kind = "", , , type = ""] = value.split(/\s+/, 4);
  const payloadType = /^\d{1,3}$/.test(type) ? Number(type) : -1;
  const [encoding = "", clockRate = 0] = STATIC[type] ?? [];
  return { kind: kind.toLowerCase(), payloadType, control: "", encoding, clockRate, parameters: new Map() };
}

function readAttribute(media: Open, value: string): void {
  const [name = "", type = "", rest = ""] = /^([a-z-]+):(\d{1,3})\s+(.*)$/i.exec(value)?.slice(1) ?? [];
  // Some devices give attributes of a payload type that the media line does not name first.
  if (Number(type) !== media.payloadType) return;
  if (name.toLowerCase() === "rtpmap") {
    const [encoding = "", rate = ""] = rest.split("/", 2);
    media.encoding = encoding.trim().toUpperCase();
    const clockRate = Number.parseInt(rate, 10);
    if (clockRate > 0) media.clockRate = clockRate;
  } else if (name.toLowerCase() === "fmtp") {
    for (const pair of rest.split(";", 64)) {
      const equals = pair.indexOf("=");
      if (equals > 0) media.parameters.set(pair.slice(0, equals).trim().toLowerCase(), pair.slice(equals + 1).trim());
    }
  }
}

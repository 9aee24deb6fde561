/** What the device has recorded, and the search for it, with all that real devices make of positions and pages. */
import { randomUUID } from "node:crypto";
import type { VirtualDevice } from "../device";
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf, readLeaf } from "../xml";

export interface StoredRecording {
  readonly name: string;
  readonly channel: number;
  readonly kind: "video" | "picture";
  readonly startMs: number;
  readonly endMs: number;
  readonly recordType: string;
  readonly media: Media;
  /** Being written: the end it shows is later than now. */
  open: boolean;
}

/** The bytes of a file. Large ones need no memory: a head with filler behind it, or bytes that are made when they are sent. */
export type Media = Buffer | { readonly bytes: number; readonly head: Buffer } | MadeMedia;

export interface MadeMedia {
  readonly bytes: number;
  /** So many bytes from there on. */
  read(from: number, size: number): Buffer;
}

export type NewRecording = Pick<StoredRecording, "startMs" | "endMs"> &
  Partial<Pick<StoredRecording, "name" | "channel" | "kind" | "recordType" | "media" | "open">>;

export function mediaBytes(media: Media): number {
  return Buffer.isBuffer(media) ? media.length : media.bytes;
}

/** What devices send before a program stream. */
export const IMKH = Buffer.from(
  "494d4b48010100000200010000000000000000000000000000000000000000000000000000000000",
  "hex",
);

class Archive {
  readonly all: StoredRecording[] = [];
  #added = 0;
  /** Matches on a page at most, whatever maxResults says. */
  pageCap = 64;
  /**
   * "matches": as it should be; "ignored": page one for ever (seen by HikLoad); "pages": the n-th page; "bySearchId": the
   * next page of that search, whatever the position says.
   */
  positions: "matches" | "ignored" | "pages" | "bySearchId" = "matches";
  /** "always": also at the end; "never": OK on every page. */
  more: "right" | "always" | "never" = "right";
  statusTag: "responseStatusStrg" | "responseStatusStrp" = "responseStatusStrg";
  totalMatches = false;
  /** The spelling of the track that it knows. */
  trackSpelling: TrackSpelling = "trackIDList";
  /** What it does with another one: answer for channel 1, or refuse it. */
  otherSpelling: "channel 1" | "refused" = "channel 1";
  /** Scheme of the addresses of pictures. */
  pictureScheme: "http" | "rtsp" = "http";
  /** What the device writes before its `Z`. */
  zulu: "utc" | "local" = "utc";
  /** Times in the playback address as the vendor's guide writes them. */
  spaces = false;
  /** Is there a size in the playback address? */
  sizes = true;
  /** Changes the addresses: those of before are refused. */
  session: string | undefined;
  /** What stands before the kind of a recording. */
  descriptor = "recordType.meta.hikvision.com";
  /** Is there a name in the playback address? */
  names = true;
  /** What matches are called. */
  itemTag: "searchMatchItem" | "matchElement" = "searchMatchItem";
  /** Wider ranges, in days, are an internal error. */
  widest = Infinity;
  /** Ends in the future, by its own clock, are refused. */
  futureEnds = true;
  /** It has a calendar. */
  calendar = true;
  /** Channels whose search is refused. */
  readonly refusing = new Set<number>();
  readonly places = new Map<string, number>();

  constructor(readonly device: VirtualDevice) {}

  add(given: NewRecording): StoredRecording {
    const number = String((this.#added += 1)).padStart(11, "0");
    const recording: StoredRecording = {
      name: `ch01_${number}`,
      channel: 1,
      kind: "video",
      recordType: "timing",
      media: { bytes: 4096, head: IMKH },
      open: false,
      ...given,
    };
    this.all.push(recording);
    return recording;
  }

  /** The device has written over them. */
  remove(gone: readonly StoredRecording[]): void {
    const names = new Set(gone);
    this.all.splice(0, this.all.length, ...this.all.filter((one) => !names.has(one)));
  }

  stamp(utcMs: number): string {
    const text = this.zulu === "local" ? this.device.time.stamp(utcMs) : new Date(utcMs).toISOString();
    return `${text.slice(0, 19)}Z`;
  }

  track({ channel, kind }: StoredRecording): number {
    return channel * 100 + (kind === "picture" ? 3 : 1);
  }

  uri(recording: StoredRecording): string {
    const stamp = (ms: number): string =>
      this.spaces ? this.stamp(ms).replace("T", " ") : this.stamp(ms).replace(/[-:]/g, "");
    const base =
      recording.kind === "picture" && this.pictureScheme === "http"
        ? `http://${this.device.host}/ISAPI/Streaming/tracks/${this.track(recording)}/`
        : `rtsp://${this.device.host}/Streaming/tracks/${this.track(recording)}/`;
    const session = this.session === undefined ? "" : `&session=${this.session}`;
    const size = (this.sizes ? `&size=${mediaBytes(recording.media)}` : "") + session;
    const name = this.names ? `&name=${recording.name}` : "";
    return `${base}?starttime=${stamp(recording.startMs)}&endtime=${stamp(recording.endMs)}${name}${size}`;
  }
}

/** Recordings of a device, and the quirks of its search; tests change both. */
export const archiveOf = perDevice((device) => new Archive(device));

/** How the track stands in a search. */
export type TrackSpelling = "trackIDList" | "trackList" | "trackID";

const UUID = /^\{?[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}?$/i;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

interface Question {
  readonly id: string;
  readonly track: number;
  readonly start: string;
  readonly end: string;
  readonly size: number;
  readonly position: number;
  readonly type: string;
}

/** Undefined: the device does not understand it. */
function question(body: string, archive: Archive): Question | undefined {
  const read = (name: string): string => readLeaf(body, name) ?? "";
  const list = /<(\w+)>\s*<trackID>\d+<\/trackID>/.exec(body)?.[1];
  const known = (list === "trackIDList" || list === "trackList" ? list : "trackID") === archive.trackSpelling;
  const type = /^\/\/recordType\.meta\.std-cgi\.com(?:\/(\w+))?$/.exec(read("metadataDescriptor"));
  const found = {
    id: read("searchID"),
    track: known ? Number(read("trackID")) : 101,
    start: read("startTime"),
    end: read("endTime"),
    size: Number(read("maxResults")),
    position: Number(readLeaf(body, "searchResultPostion") ?? NaN),
    type: type?.[1] ?? "",
  };
  const right =
    (known || archive.otherSpelling === "channel 1") &&
    type &&
    UUID.test(found.id) &&
    STAMP.test(found.start) &&
    STAMP.test(found.end) &&
    found.start < found.end &&
    found.size > 0 &&
    Number.isInteger(found.position);
  return right ? found : undefined;
}

function search(exchange: Exchange): void {
  const archive = archiveOf(exchange.device);
  const body = exchange.xmlBody("CMSearchDescription");
  if (body === undefined) return;
  const asked = question(body, archive);
  const channel = Math.floor((asked?.track ?? 0) / 100);
  if (!asked || !exchange.device.profile.channels.some(({ number }) => number === channel)) {
    exchange.status("badXmlContent");
    return;
  }
  if (archive.refusing.has(channel)) {
    exchange.status("notSupport");
    return;
  }
  const days = (Date.parse(asked.end) - Date.parse(asked.start)) / 86_400_000;
  if (days > archive.widest) {
    exchange.status("deviceError");
    return;
  }
  if (!archive.futureEnds && asked.end > archive.stamp(exchange.device.time.now())) {
    exchange.status("badParameters");
    return;
  }
  const hits = archive.all.filter(
    (one) =>
      archive.track(one) === asked.track &&
      archive.stamp(one.startMs) <= asked.end &&
      archive.stamp(one.endMs) >= asked.start &&
      (asked.type === "" || asked.type === "allPic" || asked.type === one.recordType),
  );
  hits.sort((a, b) => a.startMs - b.startMs);
  const cap = Math.min(asked.size, archive.pageCap);
  const at = place(archive, asked, cap);
  const page = hits.slice(at, at + cap);
  const left = hits.length > at + page.length;
  const more = archive.more === "always" || (left && archive.more === "right");
  const word = more ? "MORE" : page.length === 0 ? "NO MATCHES" : "OK";
  exchange.xml(
    element(
      "CMSearchResult",
      leaf("searchID", `{${asked.id.toLowerCase()}}`) +
        leaf("responseStatus", true) +
        leaf(archive.statusTag, word) +
        leaf("numOfMatches", page.length) +
        (archive.totalMatches ? leaf("totalMatches", hits.length) : "") +
        element("matchList", page.length === 0 ? "   \n" : page.map((one) => item(archive, one)).join("")),
      'version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"',
    ),
  );
}

function place(archive: Archive, { id, position }: Question, cap: number): number {
  switch (archive.positions) {
    case "matches":
      return position;
    case "ignored":
      return 0;
    case "pages":
      return position * cap;
    case "bySearchId": {
      const at = archive.places.get(id) ?? 0;
      archive.places.set(id, at + cap);
      return at;
    }
  }
}

function item(archive: Archive, recording: StoredRecording): string {
  const { kind, startMs, endMs, name, recordType } = recording;
  return element(
    archive.itemTag,
    leaf("sourceID", `{${randomUUID()}}`) +
      leaf("trackID", archive.track(recording)) +
      element("timeSpan", leaf("startTime", archive.stamp(startMs)) + leaf("endTime", archive.stamp(endMs))) +
      element(
        "mediaSegmentDescriptor",
        leaf("contentType", kind) +
          leaf("codecType", "H.264-BP") +
          leaf("playbackURI", archive.uri(recording)) +
          leaf("lockStatus", "unlock") +
          leaf("name", name),
      ) +
      element("metadataMatches", leaf("metadataDescriptor", `${archive.descriptor}/${recordType}`)),
  );
}

function calendar(exchange: Exchange): void {
  const archive = archiveOf(exchange.device);
  if (!archive.calendar) {
    exchange.status("notSupport");
    return;
  }
  const body = exchange.xmlBody("trackDailyParam");
  if (body === undefined) return;
  const [year, month] = [Number(readLeaf(body, "year")), Number(readLeaf(body, "monthOfYear"))];
  if (!(year > 2000) || !(month >= 1 && month <= 12)) {
    exchange.status("badXmlContent");
    return;
  }
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const recorded = new Set(
    archive.all
      .filter((one) => archive.track(one) === Number(exchange.param("track")))
      .map((one) => exchange.device.time.stamp(one.startMs).slice(0, 10)),
  );
  const list = Array.from({ length: days }, (_, i) => {
    const date = `${year}-${String(month).padStart(2, "0")}-${String(i + 1).padStart(2, "0")}`;
    const record = recorded.has(date);
    return element(
      "day",
      leaf("id", i + 1) +
        leaf("dayOfMonth", i + 1) +
        leaf("record", record) +
        (record ? leaf("recordType", "time") : ""),
    );
  });
  exchange.xml(element("trackDailyDistribution", element("dayList", list.join("")), 'version="2.0"'));
}

export const recordings: readonly Route[] = [
  route("POST", "/ISAPI/ContentMgmt/search", search),
  route("POST", "/ISAPI/ContentMgmt/record/tracks/:track/dailyDistribution", calendar),
];

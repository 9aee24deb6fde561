/** Reads what a `playbackURI` says about its recording. It is never written anew: devices expect it back unchanged. */
import { trackOf } from "../rtsp/urls";

export interface PlaybackFacts {
  /** channel * 100 + 1, of pictures + 3. */
  readonly track?: number;
  /** As the device wrote them; TimeFrame knows what their `Z` means. */
  readonly start?: string;
  readonly end?: string;
  readonly name?: string;
  readonly bytes?: number;
  readonly kind: Kind;
}

export type Kind = "video" | "picture";

/** By the track, and by why it was stored; some recorders give pictures an rtsp address, too. */
export function kindOf(track: number, recordType = ""): Kind {
  return track % 100 === 3 || /pic/i.test(recordType) ? "picture" : "video";
}

/** Takes spaces in the times, too, as the vendor's guide writes them. Undefined: this is no such address. */
export function readPlaybackUri(uri: string): PlaybackFacts | undefined {
  const scheme = /^\s*(rtsps?|https?):\/\/[^/?#\s]+\//i.exec(uri)?.[1];
  if (scheme === undefined) return undefined;
  const value = (name: string): string | undefined => {
    const found = new RegExp(String.raw`[?&]${name}=([^&#]*)`, "i").exec(uri)?.[1]?.trim();
    return found === undefined || found === "" ? undefined : unescape(found);
  };
  const [track, start, end, name, size] = [
    trackOf(uri),
    value("starttime"),
    value("endtime"),
    value("name"),
    value("size"),
  ];
  return {
    ...(track !== undefined && { track }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(name !== undefined && { name }),
    ...(size !== undefined && /^\d{1,15}$/.test(size) && { bytes: Number(size) }),
    kind: track === undefined ? (/^http/i.test(scheme) ? "picture" : "video") : kindOf(track),
  };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-encoded after all
  }
}

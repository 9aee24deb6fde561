/**
 * Where one channel takes its PTZ commands. There are families of paths (a camera's own, a recorder's proxy, several for
 * the lens); path-fallback.ts finds and remembers which one works. Families as in the vendor's web UI (webVideoCtrl.js).
 */
import type { Clock } from "../lib/clock";
import type { HikvisionError } from "../lib/errors";
import type { Channel } from "../isapi/channels";
import { PathFallback } from "../isapi/path-fallback";

export type ChannelKind = Channel["kind"];

/** Roots by kind of channel, the likeliest first. `<N>` stands for the channel. */
const MOTORS: Readonly<Record<"here" | "proxy", readonly string[]>> = {
  here: ["/ISAPI/PTZCtrl/channels/<N>", "/ISAPI/ContentMgmt/PTZCtrlProxy/channels/<N>"],
  // Some recorders answer 403 on the proxy and work on the plain path.
  proxy: ["/ISAPI/ContentMgmt/PTZCtrlProxy/channels/<N>", "/ISAPI/PTZCtrl/channels/<N>"],
};
const INPUT = "/ISAPI/System/Video/inputs/channels/<N>";
const IMAGE = "/ISAPI/Image/channels/<N>";
const LENS: Readonly<Record<ChannelKind, readonly string[]>> = {
  local: [INPUT, IMAGE],
  analogue: [IMAGE, INPUT],
  // Both proxies stand in versions of the vendor's web UI.
  digital: ["/ISAPI/ContentMgmt/ImageProxy/channels/<N>", "/ISAPI/ContentMgmt/InputProxy/channels/<N>/video", INPUT],
};
/** Of regional focus. */
const PICTURE: Readonly<Record<ChannelKind, readonly string[]>> = {
  local: [IMAGE],
  analogue: [IMAGE],
  digital: ["/ISAPI/ContentMgmt/ImageProxy/channels/<N>", IMAGE],
};
/** Of auto tracking; no path of a recorder is known. */
const TRACKING = ["/ISAPI/Smart/IntelliTrace"];

export type PathGroup = "motors" | "lens" | "picture" | "tracking";

export class Paths {
  readonly #groups: Readonly<Record<PathGroup, PathFallback<string>>>;

  /** @param kind undefined: not known, taken for a camera's own. */
  constructor(channel: number, kind: ChannelKind | undefined, clock: Pick<Clock, "elapsed">) {
    const fallback = (roots: readonly string[]): PathFallback<string> =>
      new PathFallback(
        roots.map((root) => root.replace("<N>", String(channel))),
        clock,
        { mayBeThePath: isInternalError },
      );
    this.#groups = {
      motors: fallback(MOTORS[kind === "digital" ? "proxy" : "here"]),
      lens: fallback(LENS[kind ?? "local"]),
      picture: fallback(PICTURE[kind ?? "local"]),
      tracking: fallback(TRACKING),
    };
  }

  /**
   * Sends to the path known to work for `name`, else to each that may, until one is not refused.
   * @param name the function, for the memory: numbers of presets and the like left out.
   * @param tails below the root: more than one where firmware disagrees about the word.
   * @throws what {@link PathFallback.ask} throws.
   */
  try<T>(
    group: PathGroup,
    name: string,
    tails: readonly string[],
    send: (path: string, tail: number) => Promise<T>,
  ): Promise<T> {
    return this.#groups[group].ask({ of: group, exactly: name, variants: tails.length }, (root, tail) =>
      send(`${root}/${tails[tail] ?? name}`, tail),
    );
  }
}

/** Recorders answer 500 to a path of the other family, but also while they start. */
function isInternalError({ code, cause: { statusCode = 0 } }: HikvisionError): boolean {
  return code === "protocol" && statusCode >= 500;
}

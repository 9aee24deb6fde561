/**
 * Where one channel takes its PTZ commands. There are families of paths (a camera's own, a recorder's proxy, several for
 * the lens), and which one works is found by trying and remembered. Families as in the vendor's web UI (webVideoCtrl.js).
 */
import { FatalError, isHikvisionError, type HikvisionError } from "../lib/errors";
import type { Channel } from "../isapi/channels";
import { say } from "../lib/sentence";

export type ChannelKind = Channel["kind"];

/** One way to a function: a family's root, and what comes after it. */
interface Way {
  readonly root: string;
  readonly tail: string;
}

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

export class Paths {
  readonly #roots: { readonly motors: readonly string[]; readonly lens: readonly string[] };
  /** `name tail root` that the device has done once. */
  readonly #proven = new Set<string>();
  /** The same, refused as 403 or 404: not worth another request while something else may work. */
  readonly #refused = new Set<string>();
  readonly #provenRoots = new Set<string>();

  /** @param kind undefined: not known, taken for a camera's own. */
  constructor(channel: number, kind: ChannelKind | undefined) {
    const numbered = (roots: readonly string[]): readonly string[] =>
      roots.map((root) => root.replace("<N>", String(channel)));
    this.#roots = {
      motors: numbered(MOTORS[kind === "digital" ? "proxy" : "here"]),
      lens: numbered(LENS[kind ?? "local"]),
    };
  }

  /**
   * Sends to the path known to work for `name`, else to each that may, until one is not refused.
   * @param name the function, for the memory: numbers of presets and the like left out.
   * @param tails below the root: more than one where firmware disagrees about the word.
   * @throws what the likeliest path was refused with; at once, what says nothing about the path (busy, offline, no login).
   */
  async try<T>(
    group: "motors" | "lens",
    name: string,
    tails: readonly string[],
    send: (path: string, tail: number) => Promise<T>,
  ): Promise<T> {
    let first: HikvisionError | undefined;
    for (const way of this.#ways(group, name, tails)) {
      const key = `${name} ${tails.indexOf(way.tail)} ${way.root}`;
      try {
        const result = await send(`${way.root}/${way.tail}`, tails.indexOf(way.tail));
        this.#proven.add(key);
        this.#provenRoots.add(way.root);
        return result;
      } catch (error) {
        if (!isHikvisionError(error) || this.#proven.has(key)) throw error;
        if (isRefusedPath(error)) this.#refused.add(key);
        else if (this.#provenRoots.has(way.root) || !mayBeThePath(error)) throw error;
        first ??= error;
      }
    }
    throw first ?? new FatalError("notSupported", say`There is no path for this function.`);
  }

  #ways(group: "motors" | "lens", name: string, tails: readonly string[]): readonly Way[] {
    const all = this.#roots[group].flatMap((root) => tails.map((tail, index) => ({ root, tail, index })));
    const keyed = all.map((way) => ({ ...way, key: `${name} ${way.index} ${way.root}` }));
    const proven = keyed.find(({ key }) => this.#proven.has(key));
    if (proven) return [proven];
    const likely = keyed.filter(({ root }) => this.#provenRoots.has(root));
    // A family that works for other functions is asked again: its refusal may have been about a preset, not the path.
    const others = keyed.filter(({ root, key }) => !this.#provenRoots.has(root) && !this.#refused.has(key));
    const ways = [...likely, ...others];
    return ways.length > 0 ? ways : keyed;
  }
}

/** The path does not exist there, or not for this channel: nothing happened, and it will not get better. */
export function isRefusedPath(error: unknown): boolean {
  if (!isHikvisionError(error)) return false;
  const { code, cause } = error;
  // Without a subStatusCode a 403 does not say that it is about rights.
  return code === "notSupported" || code === "notIsapi" || (code === "forbidden" && cause.subStatusCode === undefined);
}

/** Recorders answer 400 or 500 to a path of the other family, but also to a wrong value or while they start. */
function mayBeThePath({ code, cause: { statusCode = 0 } }: HikvisionError): boolean {
  return code === "badRequest" || code === "notFound" || (code === "protocol" && statusCode >= 500);
}

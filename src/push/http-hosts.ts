/**
 * The device's list of hosts that it pushes events to (`/ISAPI/Event/notification/httpHosts`): cameras have three places, recorders
 * one. Says what would change, writes into a free place only, and puts it back. Edits the device's own text: devices refuse
 * XML that was made anew (JoshADC/hikvision_isapi), and the other places must stay as they are, byte for byte.
 */
import { FatalError, RetryableError } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { list, parseXml, text, xml, type XmlNode } from "../isapi/xml";
import { hasLeaf, replaceElement, replaceLeaf, rootElement, withLeaf, type ElementRange } from "../isapi/xml-editor";
import { enumerate, say } from "../lib/sentence";

/** Where the device is to push to. */
export interface PushAddress {
  readonly protocol: "http" | "https";
  /** A name or an IP address, as the device can reach it. */
  readonly host: string;
  readonly port: number;
  /** With the secret token. */
  readonly path: string;
}

/** One place of the list, as a person reads it. */
export interface HostPlace {
  readonly id: string;
  /** "http://192.0.2.1:80/path", without secrets; undefined: free. */
  readonly address: string | undefined;
}

/** What our address replaced. */
export interface Replaced {
  /** Id of the place. */
  readonly place: string;
  /** The element as the device wrote it. */
  readonly before: string;
}

export interface PushPlan {
  readonly places: readonly HostPlace[];
  /** The place that is ours, or would be. */
  readonly place: string;
  /** False: the device pushes to us already. */
  readonly changes: boolean;
  /** The list to send. */
  readonly document: string;
  /** What stands in that place now, to be put back; undefined when it is an address of ours. */
  readonly before: string | undefined;
}

const PATH = "/ISAPI/Event/notification/httpHosts";
/** As devices ship. */
const FREE: PushAddress = { protocol: "http", host: "0.0.0.0", port: 80, path: "/" };
const PURPOSE = say`the list of hosts it pushes events to`;
const PLACE = "HttpHostNotification";

export class HttpHosts {
  readonly #isapi: Pick<Isapi, "bytes" | "put">;

  constructor(isapi: Pick<Isapi, "bytes" | "put">) {
    this.#isapi = isapi;
  }

  /**
   * What would change on the device; changes nothing. `former`: paths that were ours, whose place is taken rather than another.
   * Throws `busy` when all places are taken by others.
   */
  async plan(address: PushAddress, former: readonly string[] = [], signal?: AbortSignal): Promise<PushPlan> {
    const document = await this.#read(signal);
    const found = placesOf(document);
    const mine = ours(found, [address.path, ...former]);
    const place = mine ?? found.find((other) => other.address === undefined);
    if (!place) throw full(found);
    return {
      places: found.map(shown),
      place: place.id,
      changes: mine?.address !== written(address),
      document: replaceElement(document, place.range, edited(place.source, address)),
      before: mine ? undefined : place.source,
    };
  }

  /** Carries out a plan and reads back whether the device took it. Throws `protocol` when it did not. */
  async apply(plan: PushPlan, address: PushAddress, signal?: AbortSignal): Promise<void> {
    if (!plan.changes) return;
    await this.#write(plan.document, signal);
    const now = placesOf(await this.#read(signal)).find(({ id }) => id === plan.place);
    if (now?.address !== written(address)) throw notTaken();
  }

  /**
   * Puts back what our address replaced; frees its place where nobody remembers that. False: no place has one of our `paths`,
   * so nothing is changed.
   */
  async restore(paths: readonly string[], replaced?: Replaced, signal?: AbortSignal): Promise<boolean> {
    const document = await this.#read(signal);
    const mine = ours(placesOf(document), paths);
    if (!mine) return false;
    const before = replaced?.place === mine.id ? replaced.before : edited(mine.source, FREE);
    await this.#write(replaceElement(document, mine.range, before), signal);
    if (ours(placesOf(await this.#read(signal)), paths)) throw notTaken();
    return true;
  }

  async #read(signal?: AbortSignal): Promise<string> {
    const { data } = await this.#isapi.bytes(PATH, { purpose: PURPOSE, ...(signal && { signal }) });
    return data.toString("utf8");
  }

  async #write(document: string, signal?: AbortSignal): Promise<void> {
    await this.#isapi.put(PATH, document, { purpose: PURPOSE, ...(signal && { signal }) });
  }
}

interface Place extends HostPlace {
  readonly range: ElementRange;
  /** The element as the device wrote it. */
  readonly source: string;
  /** Of the address, with its secrets. */
  readonly path: string | undefined;
}

function ours(places: readonly Place[], paths: readonly string[]): Place | undefined {
  return places.find(({ path }) => path !== undefined && paths.includes(path));
}

/** Neither our token nor what somebody else put behind a question mark is anybody's business. */
function shown({ id, address }: HostPlace): HostPlace {
  return { id, address: address?.replace(/[?#].*$/s, "?…").replace(/(\/hikvision\/push\/).*/s, "$1…") };
}

function placesOf(document: string): Place[] {
  const root = rootElement(document);
  const ranges = root?.children.filter(({ name, children }) => name === PLACE && children.length > 0) ?? [];
  const nodes = list(parseXml(document).value, PLACE);
  if (ranges.length === 0 || ranges.length !== nodes.length) {
    throw new FatalError(
      "notSupported",
      say`The device's list of hosts cannot be read, so nothing is changed in it. Enter the address on its web page.`,
    );
  }
  return ranges.map((range, index) => ({
    range,
    source: document.slice(range.start, range.end),
    ...placeOf(nodes[index] ?? {}),
  }));
}

/** Free is what devices ship with: no host, or 0.0.0.0. */
function placeOf(node: XmlNode): Omit<Place, "source" | "range"> {
  const id = text(node, "id") ?? "";
  const host = [text(node, "hostName"), text(node, "ipAddress"), text(node, "ipv6Address")].find(
    (value) => value !== undefined && !/^(?:0\.0\.0\.0|::)$/.test(value),
  );
  if (host === undefined) return { id, address: undefined, path: undefined };
  const protocol = text(node, "protocolType")?.toLowerCase() ?? "http";
  const path = text(node, "url") ?? "";
  return { id, address: `${protocol}://${host}:${text(node, "portNo") ?? ""}${path}`, path };
}

function written({ protocol, host, port, path }: PushAddress): string {
  return `${protocol}://${host}:${port}${path}`;
}

/** The same element with another address; order and everything else as the device wrote it. */
function edited(source: string, { protocol, host, port, path }: PushAddress): string {
  const isAddress = /^[\d.]+$/.test(host);
  const [wanted, other] = isAddress ? ["ipAddress", "hostName"] : ["hostName", "ipAddress"];
  const hostElement = `<${wanted}>${xml`${host}`}</${wanted}>`;
  const withHost = hasLeaf(source, wanted)
    ? replaceLeaf(withLeaf(source, wanted, host), other, "")
    : hasLeaf(source, other)
      ? replaceLeaf(source, other, hostElement)
      : withBefore(source, "portNo", hostElement);
  return [
    ["url", path],
    ["protocolType", protocol.toUpperCase()],
    ["addressingFormatType", isAddress ? "ipaddress" : "hostname"],
    ["portNo", String(port)],
    ["httpAuthenticationMethod", "none"],
  ].reduce((text, [name = "", value = ""]) => withLeaf(text, name, value), withHost);
}

/** The text with `added` in front of the leaf of that name. */
function withBefore(source: string, name: string, added: string): string {
  const leaf = rootElement(source)?.children.find((child) => child.name === name);
  return leaf ? source.slice(0, leaf.start) + added + source.slice(leaf.start) : source;
}

function full(places: readonly HostPlace[]): RetryableError {
  const taken = enumerate(places.map((place) => shown(place).address ?? ""));
  return new RetryableError(
    "busy",
    say`All places for hosts on the device are taken (${taken}). Free one on its web page, under Network, HTTP Listening or Alarm Server.`,
  );
}

function notTaken(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device did not keep the address. Some firmware resets it to 0.0.0.0 where it does not like it: enter it on the device's web page.`,
  );
}

/**
 * The device's list of hosts that it pushes events to (`/ISAPI/Event/notification/httpHosts`): cameras have three entries, recorders one.
 * Plans a change, writes into a free entry only, and restores it. Edits the device's own XML: devices refuse a document built anew
 * (JoshADC/hikvision_isapi), and the other entries must stay as they are, byte for byte.
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

/** One entry of the list, for display. */
export interface PushHost {
  readonly id: string;
  /** "http://192.0.2.1:80/path", without secrets; undefined: free. */
  readonly address: string | undefined;
}

/** What our address replaced. */
export interface ReplacedHost {
  /** Id of the entry. */
  readonly place: string;
  /** The element as the device wrote it. */
  readonly before: string;
}

export interface PushPlan {
  readonly places: readonly PushHost[];
  /** Id of the entry that is ours, or would be. */
  readonly place: string;
  /** False: the device pushes to us already. */
  readonly changes: boolean;
  /** The list to send. */
  readonly document: string;
  /** What that entry holds now, to be restored; undefined when it is an address of ours. */
  readonly before: string | undefined;
}

const PATH = "/ISAPI/Event/notification/httpHosts";
/** As shipped. */
const FREE: PushAddress = { protocol: "http", host: "0.0.0.0", port: 80, path: "/" };
const PURPOSE = say`the list of hosts it pushes events to`;
const ENTRY = "HttpHostNotification";

export class HttpHosts {
  readonly #isapi: Pick<Isapi, "bytes" | "put">;

  constructor(isapi: Pick<Isapi, "bytes" | "put">) {
    this.#isapi = isapi;
  }

  /**
   * What would change on the device; changes nothing. `former`: paths that were ours, whose entry is reused.
   * Throws `busy` when all entries are taken by others.
   */
  async plan(address: PushAddress, former: readonly string[] = [], signal?: AbortSignal): Promise<PushPlan> {
    const document = await this.#read(signal);
    const found = entriesOf(document);
    const mine = ownEntry(found, [address.path, ...former]);
    const place = mine ?? found.find((other) => other.address === undefined);
    if (!place) throw allTaken(found);
    return {
      places: found.map(withoutSecrets),
      place: place.id,
      changes: mine?.address !== urlOf(address),
      document: replaceElement(document, place.range, edited(place.source, address)),
      before: mine ? undefined : place.source,
    };
  }

  /** Carries out a plan and reads back whether the device stored it. Throws `protocol` when it did not. */
  async apply(plan: PushPlan, address: PushAddress, signal?: AbortSignal): Promise<void> {
    if (!plan.changes) return;
    await this.#write(plan.document, signal);
    const now = entriesOf(await this.#read(signal)).find(({ id }) => id === plan.place);
    if (now?.address !== urlOf(address)) throw notSaved();
  }

  /**
   * Puts back what our address replaced; frees its entry where that is not known. False: no entry has one of our `paths`,
   * so nothing is changed.
   */
  async restore(paths: readonly string[], replaced?: ReplacedHost, signal?: AbortSignal): Promise<boolean> {
    const document = await this.#read(signal);
    const mine = ownEntry(entriesOf(document), paths);
    if (!mine) return false;
    const before = replaced?.place === mine.id ? replaced.before : edited(mine.source, FREE);
    await this.#write(replaceElement(document, mine.range, before), signal);
    if (ownEntry(entriesOf(await this.#read(signal)), paths)) throw notSaved();
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

interface HostEntry extends PushHost {
  readonly range: ElementRange;
  /** The element as the device wrote it. */
  readonly source: string;
  /** Of the address, with its secrets. */
  readonly path: string | undefined;
}

function ownEntry(places: readonly HostEntry[], paths: readonly string[]): HostEntry | undefined {
  return places.find(({ path }) => path !== undefined && paths.includes(path));
}

/** Without our token, and without the query of other URLs, which may hold secrets. */
function withoutSecrets({ id, address }: PushHost): PushHost {
  return { id, address: address?.replace(/[?#].*$/s, "?…").replace(/(\/hikvision\/push\/).*/s, "$1…") };
}

function entriesOf(document: string): HostEntry[] {
  const root = rootElement(document);
  const ranges = root?.children.filter(({ name, children }) => name === ENTRY && children.length > 0) ?? [];
  const nodes = list(parseXml(document).value, ENTRY);
  if (ranges.length === 0 || ranges.length !== nodes.length) {
    throw new FatalError(
      "notSupported",
      say`The device's list of hosts cannot be read, so nothing is changed in it. Enter the address on its web page.`,
    );
  }
  return ranges.map((range, index) => ({
    range,
    source: document.slice(range.start, range.end),
    ...entryOf(nodes[index] ?? {}),
  }));
}

/** Free is what devices ship with: no host, or 0.0.0.0. */
function entryOf(node: XmlNode): Omit<HostEntry, "source" | "range"> {
  const id = text(node, "id") ?? "";
  const host = [text(node, "hostName"), text(node, "ipAddress"), text(node, "ipv6Address")].find(
    (value) => value !== undefined && !/^(?:0\.0\.0\.0|::)$/.test(value),
  );
  if (host === undefined) return { id, address: undefined, path: undefined };
  const protocol = text(node, "protocolType")?.toLowerCase() ?? "http";
  const path = text(node, "url") ?? "";
  return { id, address: `${protocol}://${host}:${text(node, "portNo") ?? ""}${path}`, path };
}

function urlOf({ protocol, host, port, path }: PushAddress): string {
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

function allTaken(places: readonly PushHost[]): RetryableError {
  const taken = enumerate(places.map((place) => withoutSecrets(place).address ?? ""));
  return new RetryableError(
    "busy",
    say`All places for hosts on the device are taken (${taken}). Free one on its web page, under Network, HTTP Listening or Alarm Server.`,
  );
}

function notSaved(): RetryableError {
  return new RetryableError(
    "protocol",
    say`The device did not keep the address. Some firmware resets it to 0.0.0.0 where it does not like it: enter it on the device's web page.`,
  );
}

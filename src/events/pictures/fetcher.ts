/**
 * Fetches pictures that an event gives as URLs, with the device's login, and from the device alone, at the port and by the protocol
 * that were set up: an alert is data from the network, and a URL in it that points elsewhere gets no request at all. Bounded in
 * size and time, tried twice.
 */
import { FatalError, isRetryable, RetryableError } from "../../lib/errors";
import type { DeviceAddress, DeviceHttp, HttpReply } from "../../http/device-http";
import { hostNames } from "../../http/host-names";
import { isJpeg, isWholeJpeg } from "../../lib/jpeg";
import { say, type SentenceValue } from "../../lib/sentence";
import type { AnnouncedPicture, Picture } from "../types";
import { imageType } from "./picture-part";

export type PictureHttp = Pick<DeviceHttp, "address" | "request" | "close" | "tls">;

export interface PictureFetcherOptions {
  /** The conversation with the device. */
  readonly http: PictureHttp;
  /** Ports that were set up besides, for pictures. */
  readonly ports: readonly number[];
  /** Another one, with the same login, at one of them. */
  readonly sibling: (address: DeviceAddress) => PictureHttp;
  /** Addresses of a host name; injectable. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const TRIES = 2;
const TIMEOUT_MS = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Characters of a foreign address that the error shows. */
const MOST_SHOWN = 80;

export class PictureFetcher {
  readonly #options: PictureFetcherOptions;
  readonly #siblings = new Map<string, PictureHttp>();

  constructor(options: PictureFetcherOptions) {
    this.#options = options;
  }

  /** The picture at `announced.url`. Rejects: `forbidden` when it is not the device's, else as the request failed. */
  readonly fetch = async (announced: AnnouncedPicture, signal: AbortSignal): Promise<Picture> => {
    const { name, role, url = "" } = announced;
    const { http, path } = await this.#locate(url);
    const { body } = await this.#request(http, path, signal);
    const contentType = imageType(body);
    if (contentType === undefined)
      throw new RetryableError("protocol", say`The device answered with something that is no picture.`);
    return { name, contentType, data: body, ...(role !== undefined && { role }), url };
  };

  /** Closes the connections that were opened for pictures. */
  async close(): Promise<void> {
    const siblings = [...this.#siblings.values()];
    this.#siblings.clear();
    await Promise.all(siblings.map((http) => http.close()));
  }

  async #locate(url: string): Promise<{ http: PictureHttp; path: string }> {
    const { http, ports } = this.#options;
    if (url.startsWith("/") && !url.startsWith("//")) return { http, path: url };
    if (!URL.canParse(url)) throw foreign(say`an address that cannot be read`);
    const target = new URL(url);
    const path = target.pathname + target.search;
    if (target.protocol !== "http:" && target.protocol !== "https:")
      throw foreign(target.protocol.slice(0, MOST_SHOWN));
    if (!(await this.#isDevice(target.hostname))) throw foreign(target.hostname.slice(0, MOST_SHOWN));
    const protocol = target.protocol === "https:" ? "https" : "http";
    const port = target.port === "" ? (protocol === "https" ? 443 : 80) : Number(target.port);
    if (protocol === http.address.protocol && port === http.address.port) return { http, path };
    if (!ports.includes(port)) throw otherPort(protocol, port);
    // A certificate that is checked protects the password; plain HTTP would give it away.
    if (http.address.protocol === "https" && http.tls.mode !== "insecure" && protocol === "http") throw unprotected();
    return { http: this.#sibling({ protocol, host: http.address.host, port }), path };
  }

  async #isDevice(hostname: string): Promise<boolean> {
    const host = plainHost(hostname);
    const own = plainHost(this.#options.http.address.host);
    if (host === own) return true;
    const resolve = this.#options.resolve ?? addressesOf;
    // The device writes its address where the user wrote a name. Never the other way round: anybody can own a name.
    return (await resolve(own).catch((): readonly string[] => [])).includes(host);
  }

  #sibling(address: DeviceAddress): PictureHttp {
    const key = `${address.protocol}:${address.port}`;
    const known = this.#siblings.get(key);
    if (known) return known;
    const made = this.#options.sibling(address);
    this.#siblings.set(key, made);
    return made;
  }

  async #request(http: PictureHttp, path: string, signal: AbortSignal): Promise<HttpReply> {
    for (let attempt = 1; ; attempt++) {
      try {
        const reply = await http.request({
          method: "GET",
          path,
          lane: "background",
          signal,
          timeoutMs: TIMEOUT_MS,
          maxBytes: MOST_BYTES,
        });
        if (reply.statusCode !== 200) throw refused(reply.statusCode);
        if (isJpeg(reply.body) && !isWholeJpeg(reply.body)) throw cutOff();
        return reply;
      } catch (error) {
        if (attempt >= TRIES || signal.aborted || !isRetryable(error)) throw error;
      }
    }
  }
}

function refused(statusCode: number): Error {
  const detail = { statusCode };
  if (statusCode === 404) return new FatalError("notFound", say`The device no longer has this picture.`, detail);
  if (statusCode === 401 || statusCode === 403)
    return new FatalError("forbidden", say`The user may not read this picture from the device.`, detail);
  return new RetryableError("protocol", say`The device did not deliver this picture (HTTP ${statusCode}).`, detail);
}

/** Asked again it may be whole: busy devices cut pictures off, and say a length that fits. */
/** A picture without its end. */
export function cutOff(): RetryableError {
  return new RetryableError("protocol", say`The device sent only a part of this picture.`);
}

function foreign(where: SentenceValue): FatalError {
  return new FatalError("forbidden", say`This picture was not fetched: its address is not on the device (${where}).`);
}

function otherPort(protocol: string, port: number): FatalError {
  return new FatalError(
    "forbidden",
    say`This picture was not fetched: the device offers it at another port or protocol (${protocol}, port ${port}) than the one
      that was set up. If that is the device's own, enter the port under "Picture ports" in the device's settings.`,
  );
}

function unprotected(): FatalError {
  return new FatalError(
    "forbidden",
    say`This picture was not fetched: the device offers it over plain HTTP, where its certificate does not protect the password.`,
  );
}

function plainHost(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase();
}

async function addressesOf(host: string): Promise<readonly string[]> {
  return (await hostNames.addresses(host)).map(({ address }) => address);
}

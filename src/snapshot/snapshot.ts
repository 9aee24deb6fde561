/**
 * One picture of a channel, byte for byte as the device sent it. Knows the three families of paths: a camera's own; the
 * proxy of recorders that answer badXmlContent there (mezz64/pyHik#119); the one without /ISAPI of very old firmware.
 */
import type { Clock } from "../lib/clock";
import { FatalError, RetryableError, type DeviceIdentity } from "../lib/errors";
import type { Isapi } from "../isapi/isapi";
import { PathFallback } from "../isapi/path-fallback";
import { streamId } from "../isapi/channel-number";
import { fileName, nameStamp } from "../lib/file-name";
import { say, type Sentence } from "../lib/sentence";
import { isJpeg, isWholeJpeg } from "../lib/jpeg";

const FAMILIES = ["/ISAPI/Streaming", "/ISAPI/ContentMgmt/StreamingProxy", "/Streaming"] as const;
/** Begins a picture encrypted for Hik-Connect; a digest and AES follow (RenierM26/pyEzvizApi). */
const ENCRYPTED = Buffer.from("hikencodepicture");

export interface SnapshotOptions {
  /** From 1. */
  readonly channel: number;
  /** 1 main, 2 sub, 3 third. */
  readonly stream: number;
  /** Pixels, as a request: many devices offer few sizes or none. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly signal?: AbortSignal;
}

export class Snapshots {
  readonly #isapi: Pick<Isapi, "bytes" | "http">;
  readonly #families: PathFallback<string>;

  constructor(isapi: Pick<Isapi, "bytes" | "http">, clock: Pick<Clock, "elapsed">) {
    this.#isapi = isapi;
    this.#families = new PathFallback<string>(FAMILIES, clock);
  }

  /**
   * A JPEG. Repeated twice at most, while the device is busy or reports an internal error.
   * Throws `notSupported` when the picture is encrypted, `protocol` when the reply is no picture.
   */
  async take({ channel, stream, width, height, signal }: SnapshotOptions): Promise<Buffer> {
    const whole =
      stream === 1
        ? say`the snapshot of channel ${channel}`
        : say`the snapshot of channel ${channel}, stream ${stream}`;
    const any = say`any`;
    const purpose =
      width === undefined && height === undefined ? whole : say`${whole} (${width ?? any} × ${height ?? any})`;
    const query = new URLSearchParams({
      ...(width !== undefined && { videoResolutionWidth: String(width) }),
      ...(height !== undefined && { videoResolutionHeight: String(height) }),
    }).toString();
    const id = streamId(channel, stream);
    const resource = `channels/${id}/picture${query && `?${query}`}`;
    const { data } = await this.#families.ask({ of: String(channel), exactly: String(id) }, (family) =>
      this.#isapi.bytes(`${family}/${resource}`, {
        purpose,
        retryDeviceError: true,
        lane: "picture",
        ...(signal && { signal }),
      }),
    );
    return this.#checked(data, purpose);
  }

  #checked(data: Buffer, purpose: Sentence): Buffer {
    if (isWholeJpeg(data)) return data;
    const { identity } = this.#isapi.http;
    if (isJpeg(data))
      throw new RetryableError(
        "protocol",
        say`The device sent only a part of ${purpose}. Try again; if this goes on, choose a smaller size or the sub stream.`,
      ).at(identity);
    if (data.subarray(0, ENCRYPTED.length).equals(ENCRYPTED))
      throw new FatalError(
        "notSupported",
        say`The device encrypts its pictures, so ${purpose} cannot be shown. Switch the encryption off on the device's
          web page under Network, Platform Access (Hik-Connect), or in the Hik-Connect app.`,
      ).at(identity);
    throw new RetryableError(
      "protocol",
      say`What the device sent for ${purpose} is no picture. Try again; if this goes on, check the channel on the device's web page.`,
    ).at(identity);
  }
}

/** A name for the picture's file: device, channel and UTC time, "Yard_3_20260501-061530.jpg". */
export function snapshotFilename({ name }: Pick<DeviceIdentity, "name">, channel: number, time: Date): string {
  const values = { device: name, channel, time: nameStamp(time.getTime(), 0) };
  return fileName("{device}_{channel}_{time}", values, ".jpg");
}

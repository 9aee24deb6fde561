/** How devices push an alert to a listening host: one POST, multipart or raw, on a connection of its own. */
import http from "node:http";
import type { Alert } from "./alerts";
import type { VirtualDevice } from "./device";
import { hostAddresses } from "./services/http-hosts";
import type { Part } from "./wire";

export interface PushOptions {
  /** "raw": the first part alone, as cameras without pictures do. Default: multipart/form-data. */
  readonly shape?: "multipart" | "raw";
  readonly boundary?: string;
  /** The token is announced with dashes that it does not have in the body. */
  readonly dashed?: boolean;
  /** Cuts the body after so many bytes, and closes. */
  readonly cutAt?: number;
}

/** Posts an alert of `device` to `url`; the status of the answer. */
export function pushAlert(
  device: VirtualDevice,
  url: string,
  alert: Alert,
  options: PushOptions = {},
): Promise<number> {
  const parts = alert(device.source(false));
  const { shape = "multipart", boundary = "boundary", dashed = false, cutAt } = options;
  const [first] = parts;
  if (shape === "raw" && first) return post(url, first.contentType, bytesOf(first), cutAt);
  const type = `multipart/form-data; boundary=${dashed ? "--" : ""}${boundary}`;
  return post(url, type, formData(parts, boundary), cutAt);
}

/** Posts an alert to every host in the device's list; the statuses of the answers. */
export function pushToHosts(device: VirtualDevice, alert: Alert): Promise<number[]> {
  return Promise.all(hostAddresses(device).map((url) => pushAlert(device, url, alert)));
}

export function post(url: string, contentType: string, body: Buffer, cutAt?: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": contentType, "Content-Length": body.length, Connection: "close" };
    const request = http.request(url, { method: "POST", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    if (cutAt === undefined) request.end(body);
    else request.write(body.subarray(0, cutAt), () => request.destroy(new Error("cut")));
  });
}

function formData(parts: readonly Part[], boundary: string): Buffer {
  const chunks = parts.flatMap((part, index) => {
    const body = bytesOf(part);
    const name = index === 0 ? "Alert" : `Picture${index}`;
    const file = index === 0 ? "" : `; filename="${name}.jpg"`;
    const head =
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n` +
      `Content-Type: ${part.contentType}\r\nContent-Length: ${body.length}\r\n\r\n`;
    return [Buffer.from(head), body, Buffer.from("\r\n")];
  });
  return Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
}

function bytesOf({ body }: Part): Buffer {
  return typeof body === "string" ? Buffer.from(body) : body;
}

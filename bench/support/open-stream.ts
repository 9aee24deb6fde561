/** An alert stream with Basic authentication and bare undici, for what this package is compared with. */
import type { Readable } from "node:stream";
import { Client } from "undici";
import type { Address } from "./protocol";

const PATH = "/ISAPI/Event/notification/alertStream";

export async function openStream({ host, port, username, password }: Address): Promise<Readable> {
  const client = new Client(`http://${host}:${port}`, { bodyTimeout: 0 });
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const { statusCode, body } = await client.request({ method: "GET", path: PATH, headers: { authorization } });
  if (statusCode !== 200) throw new Error(`The device answered ${statusCode}.`);
  body.on("error", () => undefined);
  return body;
}

/** The HTTP banner of an unknown server: its `Server` header and page title, from one request for "/" without credentials. */
import type { Clock } from "../lib/clock";
import { AbortedError } from "../lib/errors";
import type { DeviceAddress } from "./address";
import { Connection } from "./connection";
import { readPrefix } from "../lib/read-prefix";
import { withLimit } from "../lib/signals";
import type { Tls } from "./tls";

export interface Banner {
  /** The `Server` header. */
  readonly server?: string;
  /** The page's title. */
  readonly title?: string;
}

const TIMEOUT_MS = 4_000;
const MAX_BYTES = 32 * 1024;
const MAX_CHARACTERS = 80;

/** Empty when it says nothing. Rejects only when stopped. */
export async function fetchBanner(
  address: DeviceAddress,
  tls: Tls,
  clock: Clock,
  signal: AbortSignal,
): Promise<Banner> {
  const connection = new Connection(address, tls, clock);
  const limit = { clock, ms: TIMEOUT_MS, signal, late: () => new AbortedError() };
  try {
    return await withLimit(limit, async (both) => {
      const reply = await connection.client.request({ method: "GET", path: "/", signal: both });
      const server = oneLine(String(reply.headers["server"] ?? ""));
      const page = (await readPrefix(reply.body, MAX_BYTES)).toString("utf8");
      const title = oneLine(/<title[^<>]*>([^<]*)</i.exec(page)?.[1] ?? "");
      return { ...(server !== "" && { server }), ...(title !== "" && { title }) };
    });
  } catch {
    if (signal.aborted) throw new AbortedError();
    return {};
  } finally {
    await connection.destroy();
  }
}

/** One line of printable text. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, MAX_CHARACTERS);
}

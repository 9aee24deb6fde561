/** What a web server says about itself to a stranger: one request for "/", without credentials whatever it asks for. */
import type { Clock } from "../lib/clock";
import { AbortedError } from "../lib/errors";
import type { DeviceAddress } from "./address";
import { Connection } from "./connection";
import { readPrefix } from "../lib/read-prefix";
import type { Tls } from "./tls";

export interface Banner {
  /** The `Server` header. */
  readonly server?: string;
  /** The page's title. */
  readonly title?: string;
}

const PATIENCE_MS = 4_000;
const MOST_BYTES = 32 * 1024;
const MOST_LETTERS = 80;

/** Empty when it says nothing. Rejects only when stopped. */
export async function fetchBanner(
  address: DeviceAddress,
  tls: Tls,
  clock: Clock,
  signal: AbortSignal,
): Promise<Banner> {
  const late = new AbortController();
  const timer = clock.after(PATIENCE_MS, () => late.abort());
  const connection = new Connection(address, tls, clock);
  try {
    const reply = await connection.client.request({
      method: "GET",
      path: "/",
      signal: AbortSignal.any([signal, late.signal]),
    });
    const server = short(String(reply.headers["server"] ?? ""));
    const page = (await readPrefix(reply.body, MOST_BYTES)).toString("utf8");
    const title = short(/<title[^>]*>([^<]*)</i.exec(page)?.[1] ?? "");
    return { ...(server !== "" && { server }), ...(title !== "" && { title }) };
  } catch {
    if (signal.aborted) throw new AbortedError();
    return {};
  } finally {
    timer.cancel();
    await connection.destroy();
  }
}

/** One line of printable text. */
function short(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, MOST_LETTERS);
}

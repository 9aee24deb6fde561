/**
 * Sends bytes to a device's serial port through its transparent channel:
 * `/ISAPI/System/Serial/ports/<port>/Transparent/channels/1` open, transData, close. Half duplex; what comes back is not read.
 */
import { FatalError } from "../lib/errors";
import { tooManyWaiting } from "../http/lanes";
import type { CallOptions, Isapi } from "../isapi/isapi";
import { text } from "../isapi/xml";
import { say } from "../lib/sentence";

const CHANNEL = 1;
/** Of one port. */
const MOST_WAITING = 50;

export class SerialPorts {
  readonly #isapi: Pick<Isapi, "get" | "put">;
  readonly #beforeClose: (task: Promise<unknown>) => void;
  /** The port's channel has one user at a time: messages go one after the other. */
  readonly #last = new Map<number, Promise<unknown>>();
  /** By port: messages that wait, and the one that is sent. */
  readonly #counts = new Map<number, number>();

  constructor(isapi: Pick<Isapi, "get" | "put">, beforeClose: (task: Promise<unknown>) => void) {
    this.#isapi = isapi;
    this.#beforeClose = beforeClose;
  }

  /**
   * Opens the channel, sends, closes it again, whatever happens. Throws `badRequest` when the port is set otherwise, `busy` where too
   * many messages wait.
   */
  async send(port: number, data: Buffer, signal: AbortSignal): Promise<void> {
    const count = this.#counts.get(port) ?? 0;
    if (count > MOST_WAITING) throw tooManyWaiting(MOST_WAITING);
    this.#counts.set(port, count + 1);
    const before = this.#last.get(port) ?? Promise.resolve();
    const result = before
      .then(() => this.#transmit(port, data, signal))
      .finally(() => this.#counts.set(port, (this.#counts.get(port) ?? 1) - 1));
    this.#last.set(
      port,
      result.catch(() => undefined),
    );
    return result;
  }

  async #transmit(port: number, data: Buffer, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const path = `/ISAPI/System/Serial/ports/${port}`;
    const channel = `${path}/Transparent/channels/${CHANNEL}`;
    const options: CallOptions = { retryBusy: true, purpose: say`serial port ${port}` };
    try {
      await this.#isapi.put(`${channel}/open`, undefined, { ...options, signal });
    } catch (error) {
      throw await this.#explain(error, path, port, signal);
    }
    try {
      // Sent once: the connected equipment might execute it twice.
      const bytes = { contentType: "application/octet-stream", retryBusy: false, signal };
      await this.#isapi.put(`${channel}/transData`, data, { ...options, ...bytes });
    } finally {
      const closed = this.#isapi.put(`${channel}/close`, undefined, { ...options, urgent: true });
      this.#beforeClose(closed);
      await closed.catch(() => undefined);
    }
  }

  /** A port in another mode does not open: the error names the mode. */
  async #explain(error: unknown, path: string, port: number, signal: AbortSignal): Promise<unknown> {
    try {
      const { value } = await this.#isapi.get(path, { signal, purpose: say`serial port ${port}` });
      const mode = text(value, "workMode");
      if (mode === undefined || /transparent/i.test(mode)) return error;
      return new FatalError(
        "badRequest",
        say`Serial port ${port} of the device works as "${mode.slice(0, 40)}". Set it to transparent on the device's web page.`,
      );
    } catch {
      return error;
    }
  }
}

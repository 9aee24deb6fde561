/** What a statistics form and a message ask for, and the message's part of the answer. */
import { channelNumber, defined, type Device, FatalError, type Interval, say } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import type { ValueReader } from "../shared/typed-values";

/** As the form saves it, without what a message may bring. */
export interface StatisticsForm {
  readonly kind: "people" | "heatmap";
  readonly interval: Interval;
}

export interface StatisticsAnswer {
  /** Rows, or a picture. */
  readonly payload: unknown;
  readonly statistics: Readonly<Record<string, unknown>>;
}

/** Throws what src/statistics throws. */
export async function readStatistics(
  { statistics }: Pick<Device, "statistics">,
  { kind, interval }: StatisticsForm,
  read: ValueReader,
  message: FlowMessage,
  signal: AbortSignal,
): Promise<StatisticsAnswer> {
  const channel = channelNumber(await read("channel", message));
  const range = { channel, start: await read("start", message), end: await read("end", message), signal };
  if (kind === "heatmap") {
    const { picture, start, end, max, min } = await statistics.heatMap(range);
    return { payload: picture, statistics: { kind, channel, start, end, ...defined({ max, min }) } };
  }
  const { rows, start, end, interval: given } = await statistics.people({ ...range, interval });
  return { payload: rows, statistics: { kind, channel, start, end, interval: given } };
}

/** Throws `badRequest` for what is none. */
export function statisticsAction(action: unknown): "read" | "reset" {
  if (action === "read" || action === "reset") return action;
  throw new FatalError("badRequest", say`What to do? Give msg.action "read" or "reset".`);
}

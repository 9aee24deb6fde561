/** Which moment a time in words is now, by the clock and on the day of the form's device. */
import { type Device, FatalError, localText, momentOfWord, say } from "../../src";
import { propertiesOf, textIn } from "../shared/unknown-values";

/** `{ at: "2026-05-01T07:30:00+02:00" }`. Throws `badRequest` for text that is none. */
export async function momentAnswer({ time }: Device, body: unknown, signal: AbortSignal): Promise<{ at: string }> {
  const { text, side } = propertiesOf(body);
  const now = await time.now(signal);
  const moment = momentOfWord(textIn(text) ?? "", now, time.zone, side === "later" ? "later" : "earlier");
  if (moment === undefined)
    throw new FatalError("badRequest", say`This is no time in words, such as "yesterday 07:30".`);
  return { at: localText(time.zone, moment) };
}

/** Which recordings a form and a message ask for. */
import { channelNumber, isRecordType, type Search } from "../../src";
import type { FlowMessage } from "../shared/on-input";
import { boundedNumber, type ValueReader } from "../shared/typed-values";
import { fields } from "./fields";

/** As the form of a recordings node saves it, without what a message may bring. */
export interface SearchForm {
  readonly recordType?: string;
  readonly clip?: boolean;
}

export interface RecordingRange {
  /** Undefined: all of them. */
  readonly channel: number | undefined;
  readonly start: unknown;
  readonly end: unknown;
}

/** Throws `badRequest` for one that is none. */
export async function channelOf(read: ValueReader, message: FlowMessage): Promise<number | undefined> {
  const channel = await read("channel", message);
  return channel === undefined ? undefined : channelNumber(channel);
}

/** Throws as {@link channelOf}. */
export async function rangeOf(read: ValueReader, message: FlowMessage): Promise<RecordingRange> {
  return {
    channel: await channelOf(read, message),
    start: await read("start", message),
    end: await read("end", message),
  };
}

/** {@link rangeOf}, and what narrows it. */
export async function searchOf(form: SearchForm, read: ValueReader, message: FlowMessage): Promise<Search> {
  return {
    ...(await rangeOf(read, message)),
    recordType: isRecordType(form.recordType) ? form.recordType : fields.recordType.value,
    newest: boundedNumber("newest", await read("newest", message), fields.newest.rule),
    clip: form.clip === true,
  };
}

/** What a history form and a message ask for, and the answer as a message carries it. */
import { channelNumber, type HistoryQuery, type HistoryResult, type HistoryRow, Sentence } from "../../src";
import { type Render, sentPicture } from "../shared/event-message";
import type { FlowMessage } from "../shared/on-input";
import { boundedNumber, type ValueReader } from "../shared/typed-values";
import { fields } from "./fields";

/** As the form saves it, without what a message may bring. */
export interface HistoryForm {
  readonly source: HistoryQuery["source"];
  readonly channels: readonly string[];
  readonly events: readonly string[];
  readonly targets: readonly string[];
  readonly pictures: boolean;
}

/** Throws `badRequest` for a channel or a number that is none. */
export async function historyQuery(form: HistoryForm, read: ValueReader, message: FlowMessage): Promise<HistoryQuery> {
  const { source, channels, events, targets, pictures } = form;
  return {
    source,
    channels: channels.map(channelNumber),
    events,
    targets,
    pictures,
    start: await read("start", message),
    end: await read("end", message),
    newest: boundedNumber("newest", await read("newest", message), fields.newest.rule),
  };
}

export interface HistoryAnswer {
  readonly payload: readonly object[];
  readonly history: { readonly complete: boolean; readonly reason?: string; readonly sources: readonly string[] };
}

export function historyAnswer({ rows, complete, reason, sources }: HistoryResult, render: Render): HistoryAnswer {
  return {
    payload: rows.map((row) => sent(row, render)),
    history: { complete, ...(reason && { reason: render(reason) }), sources },
  };
}

function sent(row: HistoryRow, render: Render): object {
  const { text, pictures } = row;
  return {
    ...row,
    ...(text instanceof Sentence && { text: render(text) }),
    ...(pictures && { pictures: pictures.map((picture) => sentPicture(picture, render)) }),
  };
}

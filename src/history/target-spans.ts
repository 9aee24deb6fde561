/**
 * When a person or a vehicle was recorded: `/ISAPI/ContentMgmt/SearchByTargetType` of recorders. Spans only, without picture or rule.
 * For a minute after an event its offset is not true ("+00:00" behind local digits), so that the digits alone count.
 */
import { randomUUID } from "node:crypto";
import { child, list, text, type XmlNode } from "../isapi/xml";
import { say, type Sentence } from "../lib/sentence";
import { digitsAt } from "./moments";
import { allPages, type Page } from "./pages";
import type { Found, FoundRow, Question, SearchIsapi } from "./types";

const PATH = "/ISAPI/ContentMgmt/SearchByTargetType?format=json";
const PAGE_SIZE = 100;
const TARGETS = ["human", "vehicle"] as const;
const LABELS = { human: "Person", vehicle: "Vehicle" } as const;

/** Throws what {@link Isapi.json} throws; the right that is missing is the one to set parameters, not playback. */
export async function searchTargets(isapi: SearchIsapi, question: Question): Promise<Found> {
  const rows: FoundRow[] = [];
  let cut: Sentence | undefined;
  const wanted = TARGETS.filter((target) => question.targets.length === 0 || question.targets.includes(target));
  for (const channel of question.channels) {
    for (const target of wanted) {
      const found = await searchTarget(isapi, question, channel, target);
      cut ??= found.cut;
      for (const row of found.rows) rows.push(row);
    }
  }
  return { rows, ...(cut && { cut }) };
}

async function searchTarget(
  isapi: SearchIsapi,
  { frame, range, signal, budget }: Question,
  channel: number,
  target: (typeof TARGETS)[number],
): Promise<Found> {
  const searchID = randomUUID().toUpperCase();
  const searchTime = { startTime: frame.local(range.startMs), endTime: frame.local(range.endMs - 1000) };
  const ask = async (position: number): Promise<Page<XmlNode>> => {
    const SearchDescription = {
      searchID,
      searchResultPosition: position,
      maxResults: PAGE_SIZE,
      SearchCondList: [{ channelID: channel, targetTypes: [target], searchTimeList: [{ searchTime }] }],
    };
    const options = {
      purpose: say`the search for people and vehicles in recordings`,
      retryBusy: true,
      lane: "read",
      ...(signal && { signal }),
    } as const;
    const answer = await isapi.json("POST", PATH, { SearchDescription }, options);
    const result = child(answer, "SearchResult") ?? answer;
    return {
      entries: list(result, "matchList", "RecordInfoList"),
      more: /^more/i.test(text(result, "responseStatusStrg") ?? ""),
    };
  };
  const { entries, cut } = await allPages(ask, budget);
  const rows = entries.flatMap((entry): readonly FoundRow[] => {
    const startMs = digitsAt(frame, text(entry, "RecordTime", "startTime"));
    if (startMs === undefined) return [];
    const endMs = digitsAt(frame, text(entry, "RecordTime", "endTime"), startMs);
    const ends = endMs !== undefined && endMs >= startMs;
    return [
      { startMs, ...(ends && { endMs }), type: target, label: LABELS[target], channel, targets: [target], raw: entry },
    ];
  });
  return { rows, ...(cut && { cut }) };
}

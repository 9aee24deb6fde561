/** What came out, held against what should have. Answers complaints in words; none: all right. */
import type { Notification } from "../../src/events/types";
import type { Expectation } from "./expectation";

/** For the expectations of a stream, in order. */
export function compare(expected: readonly Expectation[], actual: readonly Notification[]): string[] {
  const complaints: string[] = [];
  let at = 0;
  for (const one of expected) {
    const messages = actual.slice(at, at + one.messages);
    at += one.messages;
    complaints.push(...compareAlert(one, messages));
  }
  for (const extra of actual.slice(at))
    complaints.push(`one too many: ${extra.type} of channel ${String(extra.channel)}`);
  return complaints;
}

function compareAlert(expected: Expectation, messages: readonly Notification[]): string[] {
  const [first] = messages;
  if (!first || messages.length < expected.messages) {
    return [`lost: ${expected.type ?? "an alert"} (${messages.length} of ${expected.messages})`];
  }
  const complaints: string[] = [];
  const check = (what: string, sent: unknown, got: unknown): void => {
    if (JSON.stringify(sent) !== JSON.stringify(got)) {
      complaints.push(`${what}: sent ${JSON.stringify(sent)}, got ${JSON.stringify(got)}`);
    }
  };
  if (expected.heartbeat !== first.heartbeat) {
    complaints.push(expected.heartbeat ? "a heartbeat passed for an event" : "an event was taken for a heartbeat");
  }
  if (expected.type !== undefined) check("type", expected.type, first.type.toLowerCase());
  check("channel", expected.channel, first.channel);
  check("state", expected.active, first.active);
  complaints.push(...compareTime(expected.time, first.time));
  const targets = messages.flatMap((message) => message.targets);
  for (const word of expected.targets) if (!targets.includes(word)) complaints.push(`target: ${word} is missing`);
  for (const word of targets) if (!expected.mentions(word)) complaints.push(`target: ${word} was not sent`);
  const ids = messages.flatMap(({ regions }) => regions.flatMap(({ id }) => (id === "" ? [] : id)));
  check("regions", unique(expected.regions), unique(ids));
  complaints.push(...messages.flatMap((message) => compareOutlines(expected.coordinates, message)));
  if (expected.plate !== undefined) check("plate", expected.plate, first.anpr?.plate);
  if (expected.count !== undefined) check("count", expected.count, first.count);
  if (expected.channelName !== undefined) check("channel name", expected.channelName, first.channelName?.trim());
  if (expected.inputPort !== undefined) check("input", expected.inputPort, first.inputPort);
  if (expected.type === "duration") check("relation", expected.relation, first.continues?.toLowerCase());
  const { enter, exit, personCnt, densityLevel } = expected.people;
  if (expected.type === "peoplecounting")
    check("counting", [enter, exit], [first.counting?.enter, first.counting?.exit]);
  if (expected.type === "persondensitydetection") {
    if (personCnt !== undefined) check("people", personCnt, first.density?.people);
    check("density", densityLevel, first.density?.level);
  }
  return complaints;
}

/** A stamp with an offset stays to the letter; one without keeps its digits; no date gives none. */
function compareTime(sent: string | undefined, got: string | undefined): string[] {
  if (sent === undefined || Number.isNaN(Date.parse(sent))) return [];
  const isWhole = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(sent);
  const digits = (text: string): string => text.replace(/\D/g, "").slice(0, 12);
  const same = isWhole ? got === sent : got !== undefined && digits(got) === digits(sent);
  return same ? [] : [`time: sent ${sent}, got ${String(got)}`];
}

/** Every coordinate of an outline is one that was sent, in one of the scales. */
function compareOutlines(sent: readonly number[], { regions }: Notification): string[] {
  const got = regions.flatMap(({ polygon }) => polygon.flatMap(({ x, y }) => [x, y]));
  const fits = [1, 1000, 10_000].some((scale) =>
    got.every((value) => sent.some((one) => Math.abs(one / scale - value) < 1e-9)),
  );
  return fits || got.length === 0 || sent.length === 0 ? [] : [`outline: ${JSON.stringify(got)} was not sent`];
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)].sort();
}

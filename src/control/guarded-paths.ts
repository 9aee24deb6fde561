/** Calls that need a word of their own, and calls that never end. The list is the one of docs/contract.md. */
import { FatalError } from "../lib/errors";
import { say } from "../lib/sentence";
import type { CallPath } from "./call-path";

/** Every request of these counts; below them, those that write. "*" is any number of parts. */
const DESTRUCTIVE: readonly (readonly string[])[] = [
  ["system", "reboot"],
  ["system", "factoryreset"],
  ["system", "updatefirmware"],
  ["system", "configurationdata"],
  ["system", "onlineupgrade"],
  ["contentmgmt", "storage", "*", "format"],
];
/** DELETE takes away all that is below. */
const WHOLE_LISTS: ReadonlySet<string> = new Set([
  "presets",
  "patrols",
  "patterns",
  "ptzlimiteds",
  "timetasks",
  "licenseplateauditdata",
]);
const ENDLESS: ReadonlySet<string> = new Set(["alertstream", "subscribeevent", "audiodata", "httppreview"]);

/** May it take the device down, erase something or shut somebody out? `change` writes, too. */
export function needsConfirmation(method: string, { segments }: CallPath): boolean {
  const writes = method !== "GET";
  const [first = "", second = "", third] = segments;
  if (first === "security" && second === "users") return writes;
  if (first === "contentmgmt" && second === "flashstorage" && third === "remove") return true;
  if (method === "DELETE" && WHOLE_LISTS.has(segments.at(-1) ?? "")) return true;
  return DESTRUCTIVE.some((pattern) => {
    const matched = matchedLength(pattern, segments);
    return matched !== undefined && (writes || matched === segments.length);
  });
}

/** Is it the restart, whose answer may get lost with the connection? */
export function isReboot(method: string, { segments }: CallPath): boolean {
  return method !== "GET" && segments.length === 2 && segments[0] === "system" && segments[1] === "reboot";
}

/** Is it one trigger by its id? Devices say "busy" to one that they do not have. */
export function isEventTrigger({ segments }: CallPath): boolean {
  return segments.length === 3 && segments[0] === "event" && segments[1] === "triggers";
}

/** Throws `badRequest` for a path whose answer never ends. */
export function refuseEndless({ segments, shown }: CallPath): void {
  if (ENDLESS.has(segments.at(-1) ?? "")) throw endless(shown);
}

export function endless(shown: string): FatalError {
  return new FatalError(
    "badRequest",
    say`The answer to ${shown} never ends, so this node does not ask for it. Events come from event in, sound and pictures
      from audio, snapshot and playback url.`,
  );
}

/** How many parts a pattern takes from the beginning; undefined: it does not fit. */
function matchedLength(pattern: readonly string[], segments: readonly string[]): number | undefined {
  const any = pattern.indexOf("*");
  const fixed = any === -1 ? pattern : pattern.slice(0, any);
  if (!fixed.every((part, index) => segments[index] === part)) return undefined;
  if (any === -1) return fixed.length;
  const last = segments.indexOf(pattern[any + 1] ?? "", any);
  return last === -1 ? undefined : last + 1;
}

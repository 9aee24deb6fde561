/** What an event of the stream says of a call. Terminals report the bell as access control; `voiceTalkEvent` is known from the vendor's text alone. */
import { defined } from "../lib/defined";
import { table } from "../lib/table";
import { Fields } from "../events/decode/fields";
import type { Notification } from "../events/types";
import { type Caller, stationType } from "./call-words";

export interface CallSign {
  readonly says: "ring" | "answered" | "missed" | "ended";
  readonly caller?: Caller | undefined;
}

/** The types in which rings are reported. */
export const CALL_EVENTS: ReadonlySet<string> = new Set(["AccessControllerEvent", "voiceTalkEvent"]);

/** `cmdType`; the others are no news of the call itself. */
const COMMANDS = table<CallSign["says"]>({
  request: "ring",
  answer: "answered",
  cancel: "missed",
  bellTimeout: "missed",
  callTimeout: "missed",
  callFailed: "missed",
  reject: "ended",
  hangUp: "ended",
});

/** Undefined: nothing, or what has long been over. */
export function callSign({ type, access, active, replayed, raw }: Notification): CallSign | undefined {
  if (replayed || !active) return undefined;
  if (access?.kind === "doorbell") {
    const event = new Fields(raw).in("accesscontrollerevent");
    return { says: "ring", caller: someone({ name: event.text("devicename"), door: access.door }) };
  }
  if (type !== "voiceTalkEvent") return undefined;
  const event = new Fields(raw).in("voicetalkevent");
  const says = COMMANDS[event.word("cmdtype") ?? ""];
  if (says === undefined) return undefined;
  return says === "ring" ? { says, caller: sourceOf(event.in("src")) } : { says };
}

function sourceOf(src: Fields): Caller | undefined {
  return someone({
    type: stationType(src.known("unittype")),
    name: src.text("devicename"),
    model: src.text("model"),
    period: src.number("periodnumber"),
    building: src.number("buildingnumber"),
    unit: src.number("unitnumber"),
    floor: src.number("floornumber"),
    room: src.number("roomnumber"),
    number: src.number("devindex"),
  });
}

function someone(fields: { readonly [Name in keyof Caller]: Caller[Name] | undefined }): Caller | undefined {
  const caller: Caller = defined(fields);
  return Object.keys(caller).length > 0 ? caller : undefined;
}

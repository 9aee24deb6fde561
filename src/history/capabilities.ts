/** Which of its memories a device offers to be searched. A flag that is missing says nothing of old firmware. */
import type { Isapi } from "../isapi/isapi";
import { isUnreachable } from "../isapi/unavailable";
import { boolean, child, text, type XmlDocument } from "../isapi/xml";
import { say } from "../lib/sentence";

export interface HistoryCapabilities {
  /** Of eventRecordSearch, as the recorder spells them; empty: it does not tell any. */
  readonly eventTypes: readonly string[];
  readonly behaviors: readonly string[];
  readonly events: boolean;
  readonly targets: boolean;
  readonly pictures: boolean;
  readonly access: boolean;
}

/** What a recorder has that keeps its capabilities to itself: what others were asked for. */
const USUAL = ["linedetection", "fielddetection", "regionEntrance", "regionExiting"];

/** Throws only when the device cannot be talked to. */
export async function readHistoryCapabilities(isapi: Pick<Isapi, "get">): Promise<HistoryCapabilities> {
  const get = (path: string): Promise<XmlDocument | undefined> =>
    isapi.get(path, { purpose: say`what the device can do` }).catch((error: unknown) => {
      if (isUnreachable(error)) throw error;
      return undefined;
    });
  const [system, content, access] = await Promise.all([
    get("/ISAPI/System/capabilities"),
    get("/ISAPI/ContentMgmt/capabilities"),
    get("/ISAPI/AccessControl/capabilities"),
  ]);
  const racm = [child(system?.value, "RacmCap"), content?.value];
  const words = (...path: string[]): readonly string[] => {
    const found = racm.map((cap) => text(cap, ...path, "@_opt")).find((opt) => opt !== undefined);
    return (found ?? "").split(/[\s,]+/).filter((word) => word !== "");
  };
  const events = racm.some((cap) => child(cap, "eventRecordSearch") !== undefined);
  const eventTypes = words("eventRecordSearch", "eventType");
  const behaviors = words("eventRecordSearch", "behavior", "behaviorEventType");
  const none = eventTypes.length === 0 && behaviors.length === 0;
  return {
    eventTypes,
    behaviors: none ? USUAL : behaviors,
    events,
    targets: racm.some((cap) => boolean(cap, "isSupportRecordSearchByTargetType") === true),
    pictures: racm.some((cap) => child(cap, "pictureSearchType") !== undefined),
    access:
      boolean(access?.value, "isSupportAcsEvent") === true || (access !== undefined && (await listsEvents(isapi))),
  };
}

/** Door stations leave the flag out. */
async function listsEvents(isapi: Pick<Isapi, "get"> & Partial<Pick<Isapi, "reply">>): Promise<boolean> {
  if (!isapi.reply) return false;
  try {
    await isapi.reply("GET", "/ISAPI/AccessControl/AcsEvent/capabilities?format=json");
    return true;
  } catch (error) {
    if (isUnreachable(error)) throw error;
    return false;
  }
}

/**
 * What the device form asks about events that the device keeps to itself: what would change, the change, and taking it back.
 * What was written is remembered until Node-RED stops, to be put back byte for byte.
 */
import type { NodeAPI } from "node-red";
import {
  FatalError,
  type LinkageChange,
  type LinkageMemory,
  type LinkagePlan,
  LinkageRepair,
  say,
  systemClock,
} from "../../src";
import { deviceKey, formSettings, withDevice } from "./target-device";
import { propertiesOf, textIn } from "../shared/unknown-values";

/** More than a recorder with 32 cameras has of one kind; a person does not look through more. */
const MOST_TRIGGERS = 256;

type SendLine = (line: object) => void;
type ShownChange = Pick<LinkageChange, "id" | "type" | "channel" | "path" | "added" | "digest">;

/** What was written into devices, deployed or not. */
const written = new Map<string, LinkageMemory>();

/** Changes nothing. */
export async function planRepair(
  RED: NodeAPI,
  body: unknown,
  signal: AbortSignal,
): Promise<{ changes: readonly ShownChange[]; refused: LinkagePlan["refused"] }> {
  const ids = triggersIn(body).map(idOf);
  return withDevice(RED, "form", body, async ({ isapi }) => {
    const { changes, refused } = await new LinkageRepair(isapi, systemClock).plan(ids, signal);
    return {
      changes: changes.map(({ id, type, channel, path, added, digest }) => ({
        id,
        type,
        channel,
        path,
        added,
        digest,
      })),
      refused,
    };
  });
}

/** What was written into this device and not taken back yet. Asks the device nothing. */
export function writtenByRepair(
  RED: NodeAPI,
  body: unknown,
): { triggers: readonly Pick<LinkageChange, "id" | "type" | "channel">[] } {
  const memory = written.get(deviceKey(formSettings(RED, body).address)) ?? [];
  return { triggers: [...memory].map(([id, { type, channel }]) => ({ id, type, channel })) };
}

/** Writes what was shown, named by its marks; `sendLine` gets `{ result }` for each trigger. */
export async function applyRepair(
  RED: NodeAPI,
  body: unknown,
  signal: AbortSignal,
  sendLine: SendLine,
): Promise<object> {
  const shown = new Map(
    triggersIn(body).map((one) => [idOf(propertiesOf(one)["id"]), textIn(propertiesOf(one)["digest"]) ?? ""]),
  );
  const key = deviceKey(formSettings(RED, body).address);
  const memory = written.get(key) ?? (new Map() as LinkageMemory);
  written.set(key, memory);
  await withDevice(RED, "form", body, ({ isapi }) =>
    new LinkageRepair(isapi, systemClock).apply(shown, memory, (result) => sendLine({ result }), signal),
  );
  return {};
}

/** Puts back what was there; `sendLine` gets `{ result }` for each trigger. */
export async function undoRepair(
  RED: NodeAPI,
  body: unknown,
  signal: AbortSignal,
  sendLine: SendLine,
): Promise<object> {
  const ids = triggersIn(body).map(idOf);
  const memory = written.get(deviceKey(formSettings(RED, body).address)) ?? (new Map() as LinkageMemory);
  await withDevice(RED, "form", body, ({ isapi }) =>
    new LinkageRepair(isapi, systemClock).undo(ids, memory, (result) => sendLine({ result }), signal),
  );
  return {};
}

function triggersIn(body: unknown): readonly unknown[] {
  const { triggers } = propertiesOf(body);
  if (!Array.isArray(triggers) || triggers.length === 0 || triggers.length > MOST_TRIGGERS) {
    throw new FatalError("badRequest", say`Name between 1 and ${MOST_TRIGGERS} triggers of the device.`);
  }
  return triggers;
}

function idOf(value: unknown): string {
  const id = textIn(value);
  if (id === undefined || !/^[\w.-]{1,64}$/.test(id))
    throw new FatalError("badRequest", say`This is no id of a trigger.`);
  return id;
}

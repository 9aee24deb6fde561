/** What has to be written so that a list is as it is wanted: as little as possible, and nothing of the other list. */
import { FatalError, type HikvisionError } from "../lib/errors";
import { say } from "../lib/sentence";
import { isAs, keyOf, type ListName, merged, type PlateData, type StoredPlate } from "./entry";
import type { ChangedPlate } from "./list-store";

export interface ListPlan {
  readonly adds: readonly PlateData[];
  readonly changes: readonly ChangedPlate[];
  readonly removes: readonly StoredPlate[];
  readonly unchanged: readonly string[];
  readonly failed: readonly { readonly plate: string; readonly error: HikvisionError }[];
}

export function planOf(
  action: "add" | "remove" | "replace",
  list: ListName,
  wanted: readonly PlateData[],
  stored: readonly StoredPlate[],
): ListPlan {
  const byKey = new Map<string, StoredPlate[]>();
  for (const row of stored) {
    const key = keyOf(row.plate);
    const known = byKey.get(key);
    if (known) known.push(row);
    else byKey.set(key, [row]);
  }
  const plan = {
    adds: [] as PlateData[],
    changes: [] as ChangedPlate[],
    removes: [] as StoredPlate[],
    unchanged: [] as string[],
    failed: [] as { plate: string; error: HikvisionError }[],
  };
  const remove = (rows: readonly StoredPlate[]): void => {
    const own = rows.filter((row) => row.list === list);
    const [first] = own;
    if (!first) return;
    // Most cameras remove by plate, from all lists.
    if (own.length < rows.length) plan.failed.push({ plate: first.plate, error: onOtherList() });
    else plan.removes.push(...own);
  };
  if (action === "remove") {
    for (const { plate } of wanted) {
      const rows = byKey.get(plate) ?? [];
      if (rows.some((row) => row.list === list)) remove(rows);
      else plan.unchanged.push(plate);
    }
    return plan;
  }
  const keys = new Set<string>();
  for (const data of wanted) {
    keys.add(data.plate);
    const rows = byKey.get(data.plate) ?? [];
    const own = rows.filter((row) => row.list === list);
    const [present] = own.length > 0 ? own : rows;
    if (!present) plan.adds.push(data);
    else if (own.some((row) => isAs(row, data, list))) plan.unchanged.push(present.plate);
    else if (own.length === 0 && action === "replace") plan.failed.push({ plate: data.plate, error: onOtherList() });
    else plan.changes.push({ stored: present, data: merged(present, data) });
  }
  if (action === "replace") for (const [key, rows] of byKey) if (!keys.has(key)) remove(rows);
  return plan;
}

function onOtherList(): FatalError {
  return new FatalError(
    "badRequest",
    say`The plate is on another list of the device, which is not touched. Remove it there first.`,
  );
}

/**
 * One walk through a whole alert for what may stand anywhere in it: regions, targets, pictures, and whether it is history.
 * Firmware nests them in many objects (`CaptureResult`, `TargetInfo`, `AccessControllerEvent` …).
 */
import { isNode, leafText } from "./fields";
import { targetsIn } from "./targets";

/** A picture that some object of the alert refers to. */
export interface PictureReference {
  /** Name of the field that refers to it, as sent: `bkgUrl`, `contentID1`. */
  readonly field: string;
  readonly url?: string;
  /** Content-ID and part name. */
  readonly keys: readonly string[];
}

interface AlertWalk {
  /** Objects that are, or name, a region, in the order found. */
  readonly regions: Node[];
  /** Normalised, each once, in the order found. */
  readonly targets: string[];
  readonly pictures: PictureReference[];
  readonly current: boolean | undefined;
}

type Node = Readonly<Record<string, unknown>>;

const MAX_NODES = 10_000;
const REGIONS = new Set(["detectionregionentry", "detectionregion"]);
const REGION_FIELDS = new Set(["regionid", "regionsid"]);
const TARGET_FIELDS = new Set(["detectiontarget", "targettype", "recognitiontype"]);
/** Objects of a capture whose names are targets. */
const CAPTURED = new Set(["human", "vehicle", "face", "nonmotor", "nonmotorvehicle"]);
/** Read by the readers that know their structure. */
const KNOWN_STRUCTURES = new Set(["pictureinfolist"]);

export function walkAlert(alert: Node): AlertWalk {
  const regions = new Set<Node>();
  const targets = new Set<string>();
  const pictures: PictureReference[] = [];
  let current: boolean | undefined;
  let nodes = 0;

  const visit = (node: Node, kind: string, inCapture: boolean): void => {
    if (++nodes > MAX_NODES) return;
    if (REGIONS.has(kind)) regions.add(node);
    for (const field in node) {
      const value = node[field];
      const name = field.toLowerCase();
      if (REGION_FIELDS.has(name) && leafText(value) !== undefined) regions.add(node);
      if (typeof value === "object" && value !== null) {
        if (KNOWN_STRUCTURES.has(name)) continue;
        if (inCapture && CAPTURED.has(name)) add(name);
        if (TARGET_FIELDS.has(name)) add(leafText(value) ?? leafText((value as { name?: unknown }).name));
        descend(value, name, inCapture || name === "captureresult");
      } else if (TARGET_FIELDS.has(name)) {
        add(leafText(value));
      } else if (name === "currentevent") {
        const word = leafText(value)?.trim().toLowerCase();
        if (word === "true" || word === "false") current = word === "true";
      } else {
        const reference = pictureReference(node, field, name, value);
        if (reference) pictures.push(reference);
      }
    }
  };
  const descend = (value: unknown, kind: string, inCapture: boolean): void => {
    if (Array.isArray(value)) for (const item of value) descend(item, kind, inCapture);
    else if (isNode(value)) visit(value, kind, inCapture);
  };
  const add = (sent: string | undefined): void => {
    for (const target of targetsIn(sent)) targets.add(target);
  };

  visit(alert, "", false);
  return { regions: [...regions], targets: [...targets], pictures, current };
}

function pictureReference(node: Node, field: string, name: string, value: unknown): PictureReference | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  if (name.endsWith("url") || name.endsWith("uri") || name === "resourcescontent") {
    return name !== "requesturl" && /^\s*(?:https?:\/\/|\/)/i.test(value)
      ? { field, url: value.trim(), keys: [] }
      : undefined;
  }
  // `contentID1` is the Content-ID of a part, `pId1` beside it the name of the same part.
  if (name.startsWith("contentid")) {
    const partName = leafText(node[`pId${name.slice("contentid".length)}`]);
    return { field, keys: partName === undefined ? [value] : [value, partName] };
  }
  const numbered = /^pid(\d*)$/.exec(name);
  if (numbered && node[`contentID${numbered[1] ?? ""}`] === undefined) return { field, keys: [value] };
  return undefined;
}

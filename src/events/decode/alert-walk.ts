/**
 * One walk through a whole alert for what may stand anywhere in it: regions, targets, pictures, subtype, and whether it is history.
 * Firmware nests them in many objects (`CaptureResult`, `TargetInfo`, `AccessControllerEvent` …).
 */
import { isNode, leafText } from "./fields";
import { decimalOf } from "../../lib/decimal";
import { targetsIn } from "./targets";

/** A picture that some object of the alert refers to. */
export interface PictureReference {
  /** Name of the field that refers to it, as sent: `bkgUrl`, `contentID1`. */
  readonly field: string;
  readonly url?: string;
  /** Content-ID and part name. */
  readonly keys: readonly string[];
}

export interface AlertWalk {
  /** Objects that are, or name, a region, in the order found. */
  readonly regions: Node[];
  /** Normalised, each once, in the order found. */
  readonly targets: string[];
  readonly pictures: PictureReference[];
  /** `pictureInfo`s of all lists. */
  readonly pictureInfos: Node[];
  /** How many pictures it says that there are: the largest number, where several objects say it. */
  readonly pictureCount: number;
  /** It says that its pictures lie at URLs. */
  readonly picturesAtUrl: boolean;
  /** What the device tells apart within the type ("5/75" of access control, "trigger" of a density); "": nothing. */
  readonly subtype: string;
  readonly current: boolean | undefined;
}

type Node = Readonly<Record<string, unknown>>;

const MAX_NODES = 10_000;
/** More pictures than any device sends. */
const MAX_REFERENCES = 64;
const REGIONS = new Set(["detectionregionentry", "detectionregion"]);
const REGION_FIELDS = new Set(["regionid", "regionsid"]);
const TARGET_FIELDS = new Set(["detectiontarget", "targettype", "recognitiontype"]);
/** Objects of a capture whose names are targets. */
const CAPTURED = new Set(["human", "vehicle", "face", "nonmotor", "nonmotorvehicle"]);
const PICTURE_LIST = "pictureinfolist";
/** `picturesNumber`, `detectionPicturesNumber`, `picNum`, `pictureCount`, `numOfPic` … */
const PICTURE_COUNT =
  /^(?:detection|capture|captured|event|alarm|upload|uploaded|attached|total)?pic(?:ture)?s?_?(?:num|number|count|cnt)s?$|^(?:num|number|count)of_?pic(?:ture)?s?$/;
/** `detectionPictureTransType`, `pictureURLType` (binary, localURL, cloudStorageURL). */
const PICTURE_TRANSPORT = /^(?:detection)?pic(?:ture)?(?:trans|url)type$/;
const MAX_NAME_LENGTH = 40;
const SUBTYPES = new Set([
  "majoreventtype",
  "major",
  "subeventtype",
  "minoreventtype",
  "minor",
  "eventsubtype",
  "datasource",
]);
const MAX_SUBTYPE_LENGTH = 40;

export function walkAlert(alert: Node): AlertWalk {
  const regions = new Set<Node>();
  const targets = new Set<string>();
  const pictures: PictureReference[] = [];
  const pictureInfos: Node[] = [];
  let pictureCount = 0;
  let picturesAtUrl = false;
  let subtype = "";
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
        if (name === PICTURE_LIST) {
          pictureInfos.push(...infosIn(value));
          continue;
        }
        if (inCapture && CAPTURED.has(name)) add(name);
        if (TARGET_FIELDS.has(name)) add(leafText(value) ?? leafText((value as { name?: unknown }).name));
        descend(value, name, inCapture || name === "captureresult");
        if (Array.isArray(value)) for (const item of value) refer(node, field, name, item);
      } else if (TARGET_FIELDS.has(name)) {
        add(leafText(value));
      } else if (name === "currentevent") {
        const word = leafText(value)?.trim().toLowerCase();
        if (word === "true" || word === "false") current = word === "true";
      } else if (SUBTYPES.has(name)) {
        const word = leafText(value)?.trim() ?? "";
        if (subtype.length + word.length < MAX_SUBTYPE_LENGTH) subtype += subtype === "" ? word : `/${word}`;
      } else if (name.includes("pic") && name.length <= MAX_NAME_LENGTH && PICTURE_COUNT.test(name)) {
        pictureCount = Math.max(pictureCount, decimalOf(leafText(value) ?? "") ?? 0);
      } else {
        if (name.includes("pic") && name.length <= MAX_NAME_LENGTH && PICTURE_TRANSPORT.test(name)) {
          picturesAtUrl ||= /url$/i.test(leafText(value)?.trim() ?? "");
        }
        refer(node, field, name, value);
      }
    }
  };
  const descend = (value: unknown, kind: string, inCapture: boolean): void => {
    if (Array.isArray(value)) for (const item of value) descend(item, kind, inCapture);
    else if (isNode(value)) visit(value, kind, inCapture);
  };
  const refer = (node: Node, field: string, name: string, value: unknown): void => {
    if (pictures.length >= MAX_REFERENCES) return;
    const reference = pictureReference(node, field, name, value);
    if (reference) pictures.push(reference);
  };
  const add = (sent: string | undefined): void => {
    for (const target of targetsIn(sent)) targets.add(target);
  };

  visit(alert, "", false);
  return {
    regions: [...regions],
    targets: [...targets],
    pictures,
    pictureInfos,
    pictureCount,
    picturesAtUrl,
    subtype,
    current,
  };
}

function infosIn(list: object): Node[] {
  const lists = Array.isArray(list) ? list.filter(isNode) : [list as Node];
  return lists.flatMap((one) => {
    const name = Object.keys(one).find((key) => key.toLowerCase() === "pictureinfo");
    const infos = name === undefined ? undefined : one[name];
    return (Array.isArray(infos) ? infos : [infos]).filter(isNode);
  });
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

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
/** `picturesNumber`, `detectionPicturesNumber`, `picNum`, `pictureCount`, `imageNum`, `numOfPic`, `totalNumberOfPictures` … in lower case. */
const PICTURE_COUNT =
  /^(?:detection|capture|captured|event|alarm|upload|uploaded|attached|total|snap|background|face|human|plate|vehicle)?(?:pic(?:ture)?|image|img)s?_?(?:num|number|count|cnt|total|sum|quantity|amount)s?$|^(?:total_?)?(?:nums?|numbers?|count|cnt)_?of_?(?:pic(?:ture)?|image|img)s?$/;
/** The same behind any other word, as `faceContrastPicNum`, where capitals show that the word ends there. */
const OTHER_PICTURE_COUNT = /[a-z\d_](?:Pic(?:ture)?|Image|Img)s?_?(?:Num|Number|Count|Cnt)s?$/;
/** Of words before it: what is allowed or stored, not what is sent. */
const NOT_SENT = /max|min|limit|support|remain|left|free|lib|stor|total(?:image|pic)?size|interval|cap|model/i;
/** `detectionPictureTransType`, `pictureURLType` (binary, localURL, cloudStorageURL). */
const PICTURE_TRANSPORT = /^(?:detection)?pic(?:ture)?(?:trans|url)type$/;
const MAX_NAME_LENGTH = 40;
/** Names of fields that {@link pictureReference} looks at. */
const PICTURE_REFERENCE = /^contentid|^pid\d*$|^resourcescontent$|ur[li]$/;
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
  return new Walker().walk(alert);
}

/** What a field means, by its name; "reference": perhaps it refers to a picture. */
type Meaning =
  | "other"
  | "region"
  | "target"
  | "captured"
  | "pictureList"
  | "pictureCount"
  | "pictureTransport"
  | "reference"
  | "current"
  | "subtype";

/** A field's name in lower case, and what it means. */
interface FieldName {
  readonly lower: string;
  readonly meaning: Meaning;
}

/** More names than all devices have; those of a sender that makes up names without end are not remembered. */
const MOST_NAMES = 2_000;
const names = new Map<string, FieldName>();

function fieldName(name: string): FieldName {
  const known = names.get(name);
  if (known) return known;
  const lower = name.toLowerCase();
  const made = { lower, meaning: meaningOf(lower, name) };
  if (names.size < MOST_NAMES && name.length <= 2 * MAX_NAME_LENGTH) names.set(name, made);
  return made;
}

function meaningOf(name: string, sent: string): Meaning {
  if (REGION_FIELDS.has(name)) return "region";
  if (TARGET_FIELDS.has(name)) return "target";
  if (CAPTURED.has(name)) return "captured";
  if (name === PICTURE_LIST) return "pictureList";
  if (name === "currentevent") return "current";
  if (SUBTYPES.has(name)) return "subtype";
  if (name.length <= MAX_NAME_LENGTH && (name.includes("pic") || name.includes("im"))) {
    if (PICTURE_COUNT.test(name) || (OTHER_PICTURE_COUNT.test(sent) && !NOT_SENT.test(sent))) return "pictureCount";
    if (PICTURE_TRANSPORT.test(name)) return "pictureTransport";
  }
  return PICTURE_REFERENCE.test(name) ? "reference" : "other";
}

class Walker implements AlertWalk {
  regions: Node[] = [];
  readonly #targets = new Set<string>();
  pictures: PictureReference[] = [];
  pictureInfos: Node[] = [];
  pictureCount = 0;
  picturesAtUrl = false;
  subtype = "";
  current: boolean | undefined;
  #nodes = 0;

  get targets(): string[] {
    return this.#targets.size === 0 ? [] : [...this.#targets];
  }

  walk(alert: Node): this {
    this.#visit(alert, false, false);
    return this;
  }

  #visit(node: Node, isRegion: boolean, inCapture: boolean): void {
    if (++this.#nodes > MAX_NODES) return;
    if (isRegion) this.regions.push(node);
    let listed = isRegion;
    for (const field in node) {
      const value = node[field];
      const { lower, meaning } = fieldName(field);
      if (meaning === "region" && !listed && leafText(value) !== undefined) {
        listed = true;
        this.regions.push(node);
      }
      if (typeof value === "object" && value !== null) this.#inside(node, field, lower, meaning, value, inCapture);
      else if (meaning !== "other") this.#leaf(node, field, lower, meaning, value);
    }
  }

  #inside(node: Node, field: string, lower: string, meaning: Meaning, value: object, inCapture: boolean): void {
    if (meaning === "pictureList") {
      this.pictureInfos.push(...infosIn(value));
      return;
    }
    // With an attribute, or several times.
    if (meaning === "pictureCount") this.#leaf(node, field, lower, meaning, value);
    if (inCapture && meaning === "captured") this.#addTargets(lower);
    if (meaning === "target") this.#addTargets(leafText(value) ?? leafText((value as { name?: unknown }).name));
    this.#descend(value, REGIONS.has(lower), inCapture || lower === "captureresult");
    if (meaning !== "reference" || !Array.isArray(value)) return;
    for (const item of value) this.#refer(node, field, lower, item);
  }

  #descend(value: unknown, isRegion: boolean, inCapture: boolean): void {
    if (Array.isArray(value)) for (const item of value) this.#descend(item, isRegion, inCapture);
    else if (isNode(value)) this.#visit(value, isRegion, inCapture);
  }

  #leaf(node: Node, field: string, lower: string, meaning: Meaning, value: unknown): void {
    switch (meaning) {
      case "target":
        this.#addTargets(leafText(value));
        break;
      case "current": {
        const word = leafText(value)?.trim().toLowerCase();
        if (word === "true" || word === "false") this.current = word === "true";
        break;
      }
      case "subtype": {
        const word = leafText(value)?.trim() ?? "";
        if (this.subtype.length + word.length < MAX_SUBTYPE_LENGTH)
          this.subtype += this.subtype === "" ? word : `/${word}`;
        break;
      }
      case "pictureCount":
        this.pictureCount = Math.max(this.pictureCount, decimalOf(leafText(value) ?? "") ?? 0);
        break;
      case "pictureTransport":
        this.picturesAtUrl ||= /url$/i.test(leafText(value)?.trim() ?? "");
        break;
      case "reference":
        this.#refer(node, field, lower, value);
        break;
      case "other":
      case "region":
      case "captured":
      case "pictureList":
        break;
    }
  }

  #refer(node: Node, field: string, name: string, value: unknown): void {
    if (this.pictures.length >= MAX_REFERENCES) return;
    const reference = pictureReference(node, field, name, value);
    if (reference) this.pictures.push(reference);
  }

  #addTargets(sent: string | undefined): void {
    for (const target of targetsIn(sent)) this.#targets.add(target);
  }
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

/**
 * Faces: captured (`faceCapture`), compared with the device's libraries (`alarmResult`), or in front of a terminal (`FaceRect` of access
 * control). From a capture of a faceCapture alert, what two projects read of captured alarmResults, and captures of a DS-K1T342. What a
 * device says of a face stands in `{ value }`, or bare.
 */
import type { Fields } from "./fields";
import { readBox, type Box } from "./regions";

export interface Face {
  /** Of the person that it was taken for: the most similar of the libraries. */
  name?: string;
  /** 0…100. */
  similarity?: number;
  age?: number;
  gender?: string;
  /** As the device spelled it: `yes`, `no`, `sunglasses`. */
  glasses?: string;
  mask?: boolean;
  /** How good the picture of it is, 0…100. */
  score?: number;
  box?: Box;
}

/** More than stand in any picture. */
const MOST_FACES = 100;

/** One item with all faces; none when the alert tells of none. */
export function readFaces(alert: Fields): readonly { detail: Face[] }[] {
  const captures = alert.all("facecapture", "alarmresult");
  const terminal = alert.in("accesscontrollerevent").in("facerect");
  if (captures.length === 0 && terminal.isEmpty) return NONE;
  const faces = captures.flatMap((capture) => capture.all("faces")).slice(0, MOST_FACES);
  const detail = faces.map(faceOf).filter((face) => Object.keys(face).length > 0);
  const box = detail.length === 0 ? readBox(terminal) : undefined;
  if (box) detail.push({ box });
  return detail.length === 0 ? NONE : [{ detail }];
}

const NONE: readonly { detail: Face[] }[] = [];

function faceOf(sent: Fields): Face {
  const face: Face = {};
  const candidate = mostSimilar(sent);
  set(face, "name", candidate?.in("reserve_field").text("name"));
  set(face, "similarity", percent(candidate?.number("similarity")));
  const age = Number(said(sent, "age"));
  if (age > 0 && age < 150) face.age = age;
  set(face, "gender", said(sent, "gender")?.toLowerCase());
  set(face, "glasses", said(sent, "glass")?.toLowerCase());
  set(face, "mask", yesOrNo(said(sent, "mask")));
  set(face, "score", sent.number("facescore"));
  set(face, "box", readBox(sent.in("facerect")));
  return face;
}

function mostSimilar(face: Fields): Fields | undefined {
  const candidates = face.all("identify").flatMap((library) => library.all("candidate"));
  let best: Fields | undefined;
  for (const one of candidates)
    if (!best || (one.number("similarity") ?? 0) > (best.number("similarity") ?? 0)) best = one;
  return best;
}

/** Devices send a fraction of 1. */
function percent(value: number | undefined): number | undefined {
  if (value === undefined || value < 0) return undefined;
  return value > 1 ? value : Math.round(value * 1_000) / 10;
}

function said(face: Fields, name: string): string | undefined {
  return face.in(name).known("value") ?? face.known(name);
}

function yesOrNo(word: string | undefined): boolean | undefined {
  return word === "yes" ? true : word === "no" ? false : undefined;
}

function set<T, K extends keyof T>(to: T, name: K, value: T[K] | undefined): void {
  if (value !== undefined) to[name] = value;
}

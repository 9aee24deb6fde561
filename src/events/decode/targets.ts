/** What was seen, in few words: the many spellings of firmware → "human", "vehicle", "animal" … */
import { table } from "../../lib/table";

const WORDS = table<string>({
  human: "human",
  humans: "human",
  person: "human",
  people: "human",
  pedestrian: "human",
  humanbody: "human",
  vehicle: "vehicle",
  vehicles: "vehicle",
  car: "vehicle",
  motorvehicle: "vehicle",
  nonmotor: "nonMotorVehicle",
  nonmotorvehicle: "nonMotorVehicle",
  nonvehicle: "nonMotorVehicle",
  twowheelvehicle: "nonMotorVehicle",
  bicycle: "nonMotorVehicle",
  animal: "animal",
  pet: "animal",
  face: "face",
  ship: "ship",
  ships: "ship",
  other: "other",
  others: "other",
});
const NOTHING = new Set(["", "0", "none", "unknown", "invalid", "null", "reserve", "reserved"]);
/** Longer text names no targets. */
const MAX_LENGTH = 1_024;

/** Texts met before, and what they name: devices send the same few. */
const MOST_KNOWN = 500;
const MAX_KNOWN_LENGTH = 64;
const NONE: readonly string[] = [];
const known = new Map<string, readonly string[]>();

/** The targets that a text names: `human`, `Vehicle`, `human,vehicle`. An unknown one in lower case, "unknown" not at all. */
export function targetsIn(sent: string | undefined): readonly string[] {
  if (sent === undefined || sent.length > MAX_LENGTH) return NONE;
  const before = known.get(sent);
  if (before) return before;
  const isKept = known.size < MOST_KNOWN && sent.length <= MAX_KNOWN_LENGTH;
  // As it came it is a part of its alert, which would all stay in memory.
  const text = isKept ? Buffer.from(sent).toString() : sent;
  const targets = text.split(/[\s,;|/]+/).flatMap((word) => {
    const lower = word.toLowerCase();
    return NOTHING.has(lower) ? [] : [WORDS[lower.replace(/[-_]/g, "")] ?? lower];
  });
  if (isKept) known.set(text, targets);
  return targets;
}

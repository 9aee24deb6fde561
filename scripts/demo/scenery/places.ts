/** Which place a camera looks at. */
import type { Place } from "./ground";
import { driveway, frontDoor, garden, gate } from "./home-places";
import { loadingBay, lobby, parking, roof } from "./work-places";

const PLACES: readonly (readonly [names: RegExp, place: Place])[] = [
  [/gate|street|entrance/i, gate],
  [/drive/i, driveway],
  [/door/i, frontDoor],
  [/garden/i, garden],
  [/park|yard/i, parking],
  [/bay|store/i, loadingBay],
  [/lobby|shop|till/i, lobby],
  [/roof/i, roof],
];

/** The one that the channel's name speaks of; else one by its number. */
export function placeOf(name: string, channel: number): Place {
  const named = PLACES.find(([names]) => names.test(name))?.[1];
  return named ?? PLACES[(Math.max(1, channel) - 1) % PLACES.length]?.[1] ?? gate;
}

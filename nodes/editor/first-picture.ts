/** What a video showed when it was played up to its first picture, in words. */
import { propertiesOf } from "../shared/unknown-values";
import { factList } from "./format";
import { textOf } from "./settings";
import { t } from "./translate";

/** A recorder looks for the recording first. */
export const VIDEO_TIMEOUT_MS = 40_000;

/** Facts, then notices. `more`: facts between them. */
export function showFirstPicture(
  place: JQuery,
  answer: unknown,
  more: readonly (readonly [string, string])[] = [],
): void {
  const { codec, width, height, seconds, sound, duration, notices } = propertiesOf(answer);
  const size = Number(width) > 0 ? `, ${Number(width)} × ${Number(height)}` : "";
  const came = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 }).format(Number(seconds));
  const facts: (readonly [string, string])[] = [
    [t("try.codec"), textOf(codec) + size],
    [t("try.firstPicture"), t("try.after", { seconds: came })],
    [t("try.sound"), textOf(sound) || t("try.noSound")],
    ...more,
  ];
  if (Number(duration) > 0) facts.push([t("label.duration"), `${Math.round(Number(duration))} s`]);
  place.append(factList(facts));
  for (const notice of Array.isArray(notices) ? notices.map(textOf) : [])
    place.append($("<div>", { class: "hikflow-warn" }).text(notice));
}

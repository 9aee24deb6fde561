/** What the forms find as `hikflow`. This script stands in the device form's html, which the editor loads first. */
import { eventsInWords } from "./event-ticks";
import { audio, audioValuesValid } from "../audio/form";
import { device } from "../device/form";
import { diagnose } from "../diagnose/form";
import { eventIn } from "../event-in/form";
import { plateIn } from "../plate-in/form";
import { ptz, ptzValuesValid } from "../ptz/form";
import { download } from "../download/form";
import { output } from "../output/form";
import { playbackUrl } from "../playback-url/form";
import { record } from "../record/form";
import { recordings } from "../recordings/form";
import { snapshot } from "../snapshot/form";
import { isTyped, place, setting } from "./labels";
import { t } from "./translate";
import * as validate from "./validate";

const forms = {
  device,
  eventIn,
  plateIn,
  snapshot,
  ptz,
  output,
  playbackUrl,
  recordings,
  download,
  record,
  audio,
  diagnose,
};
const api = {
  ...forms,
  t,
  label: { eventsInWords, isTyped, place, setting },
  validate: { ...validate, ptzValues: ptzValuesValid, audioValues: audioValuesValid },
};

declare global {
  interface Window {
    hikflow: typeof api;
  }
}

window.hikflow = api;

/** What the forms find as `hikflow`. This script stands in the device form's html, which the editor loads first. */
import { eventsInWords } from "./event-ticks";
import { audio, audioValuesValid } from "./forms/audio";
import { device } from "./forms/device";
import { diagnose } from "./forms/diagnose";
import { eventIn } from "./forms/event-in";
import { plateIn } from "./forms/plate-in";
import { ptz, ptzValuesValid } from "./forms/ptz";
import { download, output, playbackUrl, record, recordings, snapshot } from "./forms/simple";
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

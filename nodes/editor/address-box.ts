/**
 * "Show the address": the URL that the node would make, without the password; once shown it follows the form. "Play it": what the device
 * sends there, up to the first picture.
 */
import { showFirstPicture, VIDEO_TIMEOUT_MS } from "./first-picture";
import { propertiesOf } from "../shared/unknown-values";
import type { OpenForm } from "./form";
import { red } from "./red";
import { tryButton } from "./try-button";
import { t } from "./translate";
import { settingOf, textOf } from "./settings";

/** So long nobody types. */
const PAUSE_MS = 600;
const USES: Readonly<Record<string, readonly string[]>> = {
  live: ["kind", "channel", "stream", "transport"],
  time: ["kind", "channel", "start", "end"],
  recording: ["kind", "recording"],
};

/** Fills `#hikflow-try`. */
export function addressBox(dialog: OpenForm): void {
  const { node, field, life } = dialog;
  const withPassword = (): boolean => settingOf(node, "withCredentials") === true;
  const kind = (): string => textOf(settingOf(node, "kind"));
  const uses = (): readonly string[] => USES[kind()] ?? [];
  const place = $("#hikflow-try");
  const button = tryButton(dialog, {
    question: "playback-url",
    place,
    icon: "fa-link",
    label: "try.address",
    uses,
    show: (place, answer) => {
      const { url, notices } = propertiesOf(answer);
      const address = $("<code>", { class: "hikflow-address" }).text(textOf(url));
      const copy = $("<button>", {
        type: "button",
        class: "red-ui-button",
        title: t("push.copy"),
        "aria-label": t("push.copy"),
      }).append($("<i>", { class: "fa fa-clipboard" }));
      copy.on("click", () => red().clipboard.copyText(textOf(url), copy, "clipboard.copyMessageValue"));
      place.append($("<div>", { class: "hikflow-line" }).append(address, copy));
      if (withPassword()) place.append($("<div>", { class: "hikflow-note" }).text(t("try.credentials")));
      for (const notice of Array.isArray(notices) ? notices.map(textOf) : [])
        place.append($("<div>", { class: "hikflow-warn" }).text(notice));
    },
  });
  const played = tryButton(dialog, {
    question: "playback",
    place,
    icon: "fa-film",
    label: "try.play",
    timeout: VIDEO_TIMEOUT_MS,
    uses,
    show: (place, answer) => {
      showFirstPicture(place, answer);
      if (kind() === "live" && settingOf(node, "transport") === "multicast")
        place.append($("<div>", { class: "hikflow-note" }).text(t("try.unicast")));
    },
  });

  let pause: ReturnType<typeof setTimeout> | undefined;
  field("name")
    .closest(".hikflow")
    .on("change keyup", "input, select", ({ target }) => {
      // An old answer would look like one to what the form holds now.
      if (target !== field("name").get(0)) played.clear();
      if (!button.shown || target === field("name").get(0) || target === field("device").get(0)) return;
      clearTimeout(pause);
      pause = setTimeout(() => button.run(), PAUSE_MS);
    });
  life.addEventListener("abort", () => clearTimeout(pause), { once: true });
}

/** "Show the address": the URL that the node would make, without the password; once shown it follows the form. */

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
  const button = tryButton(dialog, {
    question: "playback-url",
    place: $("#hikflow-try"),
    icon: "fa-link",
    label: "try.address",
    uses: () => USES[textOf(settingOf(node, "kind"))] ?? [],
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

  let pause: ReturnType<typeof setTimeout> | undefined;
  field("name")
    .closest(".hikflow")
    .on("change keyup", "input, select", ({ target }) => {
      if (!button.shown || target === field("name").get(0) || target === field("device").get(0)) return;
      clearTimeout(pause);
      pause = setTimeout(() => button.run(), PAUSE_MS);
    });
  life.addEventListener("abort", () => clearTimeout(pause), { once: true });
}

/** hikvision-device's dialog: address, login, TLS, and a test of what was entered, saved or not. */
import { ask, inWords } from "../ask";
import { certificateBox } from "../certificate";
import { showReport } from "../report";
import { connectionOfDialog } from "../connection";
import { follow, form, type OpenForm } from "../form";
import { pushBox } from "../push";
import { t } from "../translate";

const PORTS: Readonly<Record<string, string>> = { http: "80", https: "443" };

export const device = form({ open }, "node-config-input");

function open(dialog: OpenForm): void {
  const { field } = dialog;
  // Node-RED sets autocomplete="off" on every input, which browsers ignore for passwords.
  field("username").attr("autocomplete", "username");
  field("password").attr("autocomplete", "new-password");

  const protocol = field("protocol");
  const tls = field("tls");
  if ((protocol.val() ?? "") === "") protocol.val("http");
  const arrange = (): void => {
    const secure = protocol.val() === "https";
    field("port").attr("placeholder", PORTS[secure ? "https" : "http"] ?? "");
    $(".hikflow-https").toggle(secure);
    $(".hikflow-pinned").toggle(secure && tls.val() === "pinned");
    $(".hikflow-insecure").toggle(secure && tls.val() === "insecure");
    $(".hikflow-http").toggle(!secure);
  };
  follow(protocol, arrange);
  follow(tls, arrange);

  certificateBox(dialog, (fingerprint) => {
    tls.val("pinned").trigger("change");
    field("fingerprint").val(fingerprint).trigger("change");
  });
  testButton(dialog);
  pushBox(dialog);
}

function testButton(dialog: OpenForm): void {
  const button = $("#hikflow-test");
  const place = $("#hikflow-test-report");
  let running: AbortController | undefined;
  dialog.life.addEventListener("abort", () => running?.abort(), { once: true });

  button.on("click", () => {
    running?.abort();
    const attempt = new AbortController();
    running = attempt;
    button.prop("disabled", true).attr("aria-busy", "true");
    place.empty().append($("<i>", { class: "fa fa-spinner fa-spin" }), $("<span>").text(t("test.running")));
    ask("form/test", { scope: "form", connection: connectionOfDialog(dialog.node) }, attempt.signal).then(
      (report) => done(() => showReport(place.empty(), report)),
      (failure: unknown) =>
        done(() => place.empty().append($("<div>", { class: "hikflow-bad" }).text(inWords(failure)))),
    );
    const done = (show: () => void): void => {
      if (attempt.signal.aborted) return;
      button.prop("disabled", false).removeAttr("aria-busy");
      show();
    };
  });
}

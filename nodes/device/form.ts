/** hikvision-device's dialog: address or a search for it, login, TLS, and a test of what was entered, saved or not. */
import { certificateBox } from "../editor/certificate";
import { testButton } from "../editor/connection-test";
import { findButton } from "../editor/find-devices";
import { follow, form as nodeForm, type OpenForm } from "../editor/form";
import { takeApart } from "../editor/pasted-address";
import { pushBox } from "../editor/push";
import { textOf } from "../editor/settings";
import { DEFAULT_PORTS, fields } from "./fields";

export const form = nodeForm("hikvision-device", {
  fields,
  label: (node) => textOf(node["host"]) || node._("hikvision-device.label.unnamed"),
  open,
});

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
    field("port").attr("placeholder", String(DEFAULT_PORTS[secure ? "https" : "http"]));
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
  takeApart(dialog);
  findButton(dialog);
  testButton(dialog);
  pushBox(dialog);
}

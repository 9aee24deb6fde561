/** "Fetch the certificate, look at it, trust it": fills the fingerprint of the device dialog. */
import { propertiesOf, textIn } from "../shared/unknown-values";
import { ask, failureText } from "./ask";
import { connectionOfDialog } from "./connection";
import type { OpenForm } from "./form";
import { t } from "./translate";

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly validFrom: string;
  readonly validTo: string;
  readonly fingerprint: string;
}

const ROWS = ["subject", "issuer", "validFrom", "validTo", "fingerprint"] as const;

export function certificateBox(dialog: OpenForm, trust: (fingerprint: string) => void): void {
  const button = $("#hikflow-certificate");
  const place = $("#hikflow-certificate-shown");
  button.on("click", () => {
    button.prop("disabled", true);
    place.empty().append($("<i>", { class: "fa fa-spinner fa-spin" }), $("<span>").text(t("certificate.fetching")));
    ask("form/certificate", { scope: "form", connection: connectionOfDialog(dialog.node) }, dialog.life)
      .then((answer) => show(place.empty(), certificateOf(answer), trust))
      .catch((failure: unknown) =>
        place.empty().append($("<div>", { class: "hikflow-bad" }).text(failureText(failure))),
      )
      .finally(() => button.prop("disabled", false));
  });
}

function show(place: JQuery, certificate: Certificate, trust: (fingerprint: string) => void): void {
  const table = $("<dl>", { class: "hikflow-facts" });
  for (const row of ROWS) {
    const value = row.startsWith("valid") ? day(certificate[row]) : certificate[row];
    table.append($("<dt>").text(t(`certificate.${row}`)), $("<dd>").text(value));
  }
  place.append(table);
  if (Date.parse(certificate.validTo) < Date.now()) {
    place.append($("<div>", { class: "hikflow-warn" }).text(t("certificate.expired")));
  }
  const button = $("<button>", { type: "button", class: "red-ui-button", id: "hikflow-trust" }).text(
    t("certificate.trust"),
  );
  button.on("click", () => {
    trust(certificate.fingerprint);
    place.empty().append($("<div>", { class: "hikflow-good" }).text(t("certificate.trusted")));
  });
  place.append(button);
}

function day(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toLocaleDateString(undefined, { dateStyle: "long" });
}

function certificateOf(answer: unknown): Certificate {
  const sent = propertiesOf(answer);
  const text = (name: string): string => textIn(sent[name]) ?? "";
  return {
    subject: text("subject"),
    issuer: text("issuer"),
    validFrom: text("validFrom"),
    validTo: text("validTo"),
    fingerprint: text("fingerprint"),
  };
}

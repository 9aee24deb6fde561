/** "HTTP listening" in the device dialog: makes the secret address, shows it, writes it into the device and takes it out again. */
import { PORT_NUMBER } from "../shared/fields";
import { listOf, propertiesOf } from "../shared/unknown-values";
import { ask, failureText } from "./ask";
import { connectionOfDialog, STORED } from "./connection";
import { follow, type OpenForm } from "./form";
import { red } from "./red";
import { t } from "./translate";
import { textOf } from "./settings";
import { numberCheck } from "./validate";

interface Root {
  /** Where Node-RED takes pushes; the token follows. */
  readonly path: string;
  /** Of the computer that Node-RED runs on. */
  readonly addresses: readonly string[];
  readonly obstacle: string | undefined;
}

interface Place {
  readonly id: string;
  readonly address: string | undefined;
}

const TOKEN_BYTES = 16;

export function pushBox(dialog: OpenForm): void {
  const { field, life } = dialog;
  const source = field("eventSource");
  const token = field("pushToken");
  const saved = textOf(token.val());
  const part = (name: string): JQuery => $(`#hikflow-push-${name}`);
  const report = part("report");
  let root: Root | undefined;

  const request = (): object => ({
    scope: "form",
    connection: connectionOfDialog(dialog.node),
    push: {
      protocol: textOf(part("protocol").val()),
      host: textOf(part("host").val()).trim(),
      port: textOf(part("port").val()).trim(),
      ...(token.val() !== STORED && { token: textOf(token.val()) }),
    },
  });

  const show = (): void => {
    const stored = token.val() === STORED;
    const base = `${textOf(part("protocol").val())}://${textOf(part("host").val()).trim()}:${textOf(part("port").val()).trim()}`;
    const secret = stored ? "…" : textOf(token.val());
    part("address").text(root ? base + root.path + secret : "");
    part("copy").toggle(!stored);
    part("note").text(t(stored ? "push.stored" : token.val() === saved ? "push.enter" : "push.deploy"));
    part("loopback").toggle(isLoopback(textOf(part("host").val())));
    $("#hikflow-push-write, #hikflow-push-remove").prop("disabled", root === undefined || root.obstacle !== undefined);
    report.empty();
  };

  const arrange = (): void => {
    const push = source.val() === "push";
    $(".hikflow-push").toggle(push);
    if (push && textOf(token.val()) === "") token.val(newToken());
    // A secret that nothing needs is not saved.
    if (!push && token.val() !== saved) token.val(saved);
    if (push && !root) askRoot();
    show();
  };

  const askRoot = (): void => {
    ask("form/push", {}, life).then(
      (answer) => {
        root = rootOf(answer);
        const [first] = root.addresses;
        if (first !== undefined && isLoopback(textOf(part("host").val()))) part("host").val(first);
        part("obstacle").text(root.obstacle ?? "");
        show();
      },
      (failure: unknown) => part("obstacle").text(failureText(failure)),
    );
  };

  /** One question at a time; a failure is said in the report's place. */
  const run = (question: string, more: object, then: (answer: unknown) => void): void => {
    const buttons = $("#hikflow-push-new, #hikflow-push-write, #hikflow-push-remove").prop("disabled", true);
    report.empty().append($("<i>", { class: "fa fa-spinner fa-spin" }), $("<span>").text(t("push.asking")));
    ask(`form/push/${question}`, { ...request(), ...more }, life)
      .then((answer) => {
        report.empty();
        then(answer);
      })
      .catch((failure: unknown) => showNote("hikflow-bad", failureText(failure)))
      .finally(() => buttons.prop("disabled", false));
  };
  const showNote = (style: string, sentence: string): void => {
    report.empty().append($("<div>", { class: style }).text(sentence));
  };

  const offer = (answer: unknown): void => {
    const { places, place, changes } = planOf(answer);
    const list = $("<dl>", { class: "hikflow-facts" });
    for (const { id, address } of places) {
      const now = address ?? t("push.free");
      const then = id === place && changes ? `${now} → ${part("address").text()}` : now;
      list.append($("<dt>").text(t("push.place", { place: id })), $("<dd>").text(then));
    }
    if (!changes) {
      showNote("hikflow-good", t("push.there"));
      report.append(list);
      return;
    }
    const button = $("<button>", { type: "button", class: "red-ui-button", id: "hikflow-push-confirm" });
    button.text(t("push.confirm", { place })).on("click", () => {
      run("write", { place }, () => showNote("hikflow-good", t("push.written", { place })));
    });
    report.append($("<div>").text(t("push.would")), list, button);
  };

  part("protocol").val(location.protocol === "https:" ? "https" : "http");
  part("host").val(location.hostname);
  part("port").val(location.port === "" ? (location.protocol === "https:" ? "443" : "80") : location.port);
  part("port").on("input", () => {
    const wrong = numberCheck(PORT_NUMBER)(textOf(part("port").val()));
    part("port").attr("aria-invalid", String(wrong !== undefined));
  });
  $("#hikflow-push-protocol, #hikflow-push-host, #hikflow-push-port").on("input change", show);
  part("copy").on("click", () => {
    red().clipboard.copyText(part("address").text(), part("copy"), "clipboard.copyMessageValue");
  });
  part("new").on("click", () => {
    token.val(newToken()).trigger("change");
    show();
  });
  part("write").on("click", () => run("plan", {}, offer));
  part("remove").on("click", () => {
    run("remove", {}, (answer) => {
      showNote("hikflow-good", t(flagOf(answer, "removed") ? "push.removed" : "push.notThere"));
    });
  });
  if (source.val() === "push") source.closest("details").prop("open", true);
  follow(source, arrange);
}

function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isLoopback(host: string): boolean {
  return /^\s*(localhost|127\.[\d.]+|\[?::1\]?)\s*$/i.test(host);
}

function rootOf(answer: unknown): Root {
  const { path, addresses, obstacle } = propertiesOf(answer);
  return {
    path: textOf(path),
    addresses: Array.isArray(addresses) ? addresses.map(textOf) : [],
    obstacle: typeof obstacle === "string" ? obstacle : undefined,
  };
}

function planOf(answer: unknown): { places: readonly Place[]; place: string; changes: boolean } {
  const { places, place } = propertiesOf(answer);
  return {
    places: listOf(places).map(({ id, address }) => ({
      id: textOf(id),
      address: typeof address === "string" ? address : undefined,
    })),
    place: textOf(place),
    changes: flagOf(answer, "changes"),
  };
}

function flagOf(answer: unknown, name: string): boolean {
  return propertiesOf(answer)[name] === true;
}

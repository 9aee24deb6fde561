/** "Find devices" of the device dialog: what answers in the network, as it answers; a click fills the form. */
import { failureText } from "./ask";
import { askLines } from "./ask-lines";
import { STORED } from "./connection";
import { foundDeviceOf, type FoundDevice } from "./found-device";
import type { OpenForm } from "./form";
import { red, type EditorNode } from "./red";
import { t } from "./translate";
import { textOf } from "./settings";

export function findButton(dialog: OpenForm): void {
  const { node, life, field } = dialog;
  const button = $("#hikflow-find");
  const [offer, list] = [$("<div>"), $("<ul>", { class: "hikflow-results", "aria-label": t("find.list") })];
  const note = $("<div>", { class: "hikflow-note", "aria-live": "polite" });
  $("#hikflow-found").append(note, offer, list);
  let search: AbortController | undefined;
  let count = 0;

  const showNote = (...parts: JQuery[]): void => void note.empty().append(...parts);
  const sentence = (style: string, text: string): JQuery => $("<span>", { class: style }).text(text);
  const show = (): void => {
    button
      .attr("aria-pressed", String(search !== undefined))
      .empty()
      .append(
        $("<i>", { class: search ? "fa fa-stop" : "fa fa-search" }),
        " ",
        $("<span>").text(t(search ? "find.stop" : "find.run")),
      );
  };
  const stop = (): void => {
    search?.abort();
    search = undefined;
    show();
  };
  const searching = (): void => {
    const words = count === 0 ? t("find.searching") : t("find.soFar", { count });
    showNote($("<i>", { class: "fa fa-spinner fa-spin" }), sentence("", words));
  };

  const take = (found: FoundDevice): void => {
    stop();
    const before = textOf(field("host").val()).trim();
    const { protocol, port } = access(found, textOf(field("protocol").val()));
    field("host").val(found.address).trigger("change");
    field("protocol").val(protocol).trigger("change");
    field("port").val(port).trigger("change");
    if (textOf(field("name").val()).trim() === "" && found.model !== undefined) field("name").val(found.model);
    offer.empty();
    list.empty();
    const stored = field("password").val() === STORED;
    showNote(sentence("hikflow-good", t("find.filled", { address: found.address })));
    if (!stored) note.append(sentence("", t("find.login")));
    if (found.activated === false) note.append(sentence("hikflow-warn", t("find.activate")));
    // The stored password is for another address; better told now than by a refused test.
    if (stored && before !== found.address) note.append(sentence("hikflow-warn", t("find.password")));
    field(textOf(field("username").val()) === "" ? "username" : "password").trigger("focus");
  };

  const addLine = (line: unknown): void => {
    const found = foundDeviceOf(line);
    if (!found) return;
    count += 1;
    searching();
    const was = found.setUp.find(({ id, moved }) => id === node.id && moved)?.was;
    if (was === undefined) list.append(row(found, node, take));
    else offer.append(moveOffer(found, was, take));
  };

  const start = (): void => {
    const mine = new AbortController();
    search = mine;
    count = 0;
    offer.empty();
    list.empty();
    show();
    searching();
    let asked: readonly string[] = [];
    const listen = (line: unknown): void => {
      asked = askedOf(line) ?? asked;
      addLine(line);
    };
    askLines("find", {}, listen, mine.signal).then(
      () => {
        if (search !== mine) return;
        stop();
        if (count > 0) showNote(sentence("", t("find.done", { count })));
        else showNote(sentence("hikflow-warn", t("find.none", { networks: asked.join(", ") })), ...reasons());
      },
      (failure: unknown) => {
        if (search !== mine) return;
        stop();
        showNote(sentence("hikflow-bad", failureText(failure)));
      },
    );
  };

  button.on("click", () => {
    if (!search) start();
    else {
      stop();
      showNote(sentence("", t("find.done", { count })));
    }
  });
  life.addEventListener("abort", stop, { once: true });
  show();
}

/** Why a device that is there does not answer. */
function reasons(): JQuery[] {
  const all = $("<ul>", { class: "hikflow-why" });
  for (const key of ["subnet", "container", "firewall", "off"]) all.append($("<li>").text(t(`find.why.${key}`)));
  return [all];
}

/** How to reach it: HTTPS where it has nothing else, or where the form says so. A usual port need not be entered. */
function access({ httpPort, httpsPort }: FoundDevice, protocol: string): { protocol: string; port: string } {
  const secure = protocol === "https" || (httpPort === undefined && httpsPort !== undefined);
  const port = secure ? httpsPort : httpPort;
  const usual = port === undefined || port === (secure ? 443 : 80);
  return { protocol: secure ? "https" : "http", port: usual ? "" : String(port) };
}

/** "VC-2CD4B-V  192.0.2.20 · V5.7.15 · not activated · already set up as Yard", from texts. */
function row(found: FoundDevice, node: EditorNode, take: (found: FoundDevice) => void): JQuery {
  const details = [found.address, found.firmware, found.model === undefined ? found.macAddress : undefined];
  const button = $("<button>", { type: "button", title: t("find.take") })
    .append($("<span>").text(found.model ?? t("find.device")))
    .append($("<span>", { class: "hikflow-detail" }).text(details.filter((text) => text !== undefined).join(" · ")))
    .on("click", () => take(found));
  if (found.activated === false) button.append($("<span>", { class: "hikflow-warn" }).text(t("find.notActivated")));
  const names = ownersOf(found, node);
  if (names !== undefined) button.append($("<span>", { class: "hikflow-good" }).text(names));
  return $("<li>").append(button);
}

/** Which nodes are this device: the deployed ones that Node-RED knows, and those here that are not deployed yet. */
function ownersOf({ address, setUp }: FoundDevice, { id: self }: EditorNode): string | undefined {
  if (setUp.some(({ id }) => id === self)) return t("find.this");
  const nodes = red().nodes.filterNodes({ type: "hikvision-device" });
  const waiting = nodes.filter(({ id, changed, host }) => id !== self && changed === true && host === address);
  const names = new Map(setUp.map(({ id, name }) => [id, name]));
  for (const { id, name, host } of waiting) names.set(id, name || textOf(host));
  return names.size === 0 ? undefined : t("find.setUpAs", { name: [...names.values()].join(", ") });
}

function moveOffer(found: FoundDevice, was: string, take: (found: FoundDevice) => void): JQuery {
  const { address } = found;
  const button = $("<button>", { type: "button", class: "red-ui-button", id: "hikflow-move" });
  button.text(t("find.move", { address })).on("click", () => take(found));
  return $("<div>", { class: "hikflow-moved", role: "status" }).append(
    $("<div>").text(t("find.moved", { address, was })),
    button,
  );
}

/** The last line. */
function askedOf(line: unknown): readonly string[] | undefined {
  const { asked } = (line ?? {}) as { asked?: unknown };
  return Array.isArray(asked) ? asked.map(String) : undefined;
}

/** A whole address in the host field, http://user@host:port/…: taken apart into the fields of the device's form. */
import type { OpenForm } from "./form";
import { textOf } from "./settings";
import { t } from "./translate";

export interface AddressParts {
  readonly protocol?: "http" | "https";
  readonly host: string;
  /** Empty: the protocol's own. */
  readonly port: string;
  readonly username?: string;
  readonly password?: string;
}

/** Undefined: no address of more than a host, or none that can be read. */
export function addressParts(text: string): AddressParts | undefined {
  const pasted = text.trim();
  const scheme = /^(https?):\/\//i.exec(pasted)?.[1]?.toLowerCase();
  const alone = /^(?:[^\s/@]+@)?(?:[^\s:/@]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/\S*)?$/i.test(pasted);
  if (scheme === undefined && !(alone && /[@/]|:\d+$/.test(pasted))) return undefined;
  let url: URL;
  try {
    url = new URL(scheme === undefined ? `http://${pasted}` : pasted);
  } catch {
    return undefined;
  }
  const { hostname, port, username, password } = url;
  return {
    ...(scheme !== undefined && { protocol: scheme === "https" ? "https" : "http" }),
    host: hostname.replace(/^\[|\]$/g, ""),
    port,
    ...(username !== "" && { username: decoded(username) }),
    ...(password !== "" && { password: decoded(password) }),
  };
}

/** Takes apart what is pasted into the host field, or stands in it when it is left. */
export function takeApart({ field }: OpenForm): void {
  const host = field("host");
  const note = $("<div>", { class: "hikflow-note", role: "status" }).appendTo(host.closest(".hikflow-field"));
  const put = (property: string, value: string | undefined): void => {
    if (value !== undefined) field(property).val(value).trigger("change");
  };
  const take = (): void => {
    const parts = addressParts(textOf(host.val()));
    if (!parts) return;
    put("host", parts.host);
    put("protocol", parts.protocol);
    put("port", parts.port);
    put("username", parts.username);
    put("password", parts.password);
    note.text(t("host.takenApart"));
  };
  host.on("change", take).on("paste", () => void setTimeout(take));
  host.on("input", () => note.text(""));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

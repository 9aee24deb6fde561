/** What the editor knows about a device: enough for the endpoints to reach it, before and after the first deploy. */
import { red, type EditorNode } from "./red";

/** As the device form says it; texts as typed, `${ENV}` included. A password that was not typed anew is absent. */
export interface Connection {
  readonly id: string;
  readonly host: string;
  readonly port: string;
  readonly protocol: string;
  readonly tls: string;
  readonly fingerprint: string;
  readonly basic: boolean;
  readonly http: string;
  readonly timeZone: string;
  readonly username?: string;
  readonly password?: string;
}

/** How to ask about a device: by what is deployed, or by what a form holds. */
export type Target =
  { readonly scope: "deployed"; readonly id: string } | { readonly scope: "form"; readonly connection: Connection };

/** What the editor shows for a password that is stored. */
export const STORED = "__PWRD__";

/** The device that a node's form points to; undefined while none is chosen. */
export function targetOf(deviceId: string): Target | undefined {
  const node = deviceId === "" || deviceId === "_ADD_" ? null : red().nodes.node(deviceId);
  if (node?.type !== "hikvision-device") return undefined;
  if (node.changed !== true) return { scope: "deployed", id: node.id };
  return { scope: "form", connection: connectionOfNode(node) };
}

/** The device dialog as it stands, unsaved. */
export function connectionOfDialog(node: EditorNode): Connection {
  return {
    id: node.id,
    host: dialogText("host"),
    port: dialogText("port"),
    protocol: dialogText("protocol"),
    tls: dialogText("tls"),
    fingerprint: dialogText("fingerprint"),
    basic: $("#node-config-input-basic").prop("checked") === true,
    http: dialogText("http"),
    timeZone: dialogText("timeZone"),
    username: dialogText("username"),
    ...typed("password", dialogText("password")),
  };
}

function connectionOfNode(node: EditorNode): Connection {
  return {
    id: node.id,
    host: text(node["host"]),
    port: text(node["port"]),
    protocol: text(node["protocol"]),
    tls: text(node["tls"]),
    fingerprint: text(node["fingerprint"]),
    basic: node["basic"] === true,
    http: text(node["http"]),
    timeZone: text(node["timeZone"]),
    ...typed("username", node.credentials?.["username"]),
    ...typed("password", node.credentials?.["password"]),
  };
}

function typed(name: "username" | "password", value: unknown): Partial<Record<typeof name, string>> {
  return typeof value === "string" && value !== STORED ? { [name]: value } : {};
}

function dialogText(property: string): string {
  const value = text($(`#node-config-input-${property}`).val());
  return property === "password" ? value : value.trim();
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Who may ask at all, besides the permission of each question. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NodeAPI } from "node-red";
import { say } from "../../src";
import { jsonIn } from "../shared/render";
import { propertiesOf } from "../shared/unknown-values";

/**
 * Refuses whatever is not sent as JSON: a page of another site can make a browser post a form, or plain text, to a Node-RED without
 * logins, but asks for leave first when it posts JSON, which Node-RED does not give.
 */
export function requireJson(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (/^application\/json(?:;|$)/i.test(request.headers["content-type"] ?? "")) {
    next();
    return;
  }
  const error = say`Questions to this address have to be sent as application/json.`;
  response.writeHead(415, { "Content-Type": "application/json", Connection: "close" });
  response.end(jsonIn("en-US", { error, code: "badRequest" }));
}

/** Filling in `${NAME}` shows what it holds, in an error or on the way: for whoever may read the flows that use it. */
export function guardVariables(RED: NodeAPI): ReturnType<NodeAPI["auth"]["needsPermission"]> {
  const readFlows = RED.auth.needsPermission("flows.read");
  return (request, response, next) => {
    if (namesVariable(request.body)) readFlows(request, response, next);
    else next();
  };
}

function namesVariable(body: unknown): boolean {
  const connection = propertiesOf(propertiesOf(body)["connection"]);
  return Object.values(connection).some((value) => typeof value === "string" && value.includes("${"));
}

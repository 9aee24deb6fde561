/** Security/users and Security/UserPermission: who may do what. An administrator sees all users, the others only themselves. */
import type { Exchange } from "../exchange";
import { perDevice } from "../per-device";
import { route, type Route } from "../router";
import { element, leaf } from "../xml";
import { rootAttributes } from "./system";

export interface User {
  readonly id: number;
  readonly name: string;
  level: "Administrator" | "Operator" | "Viewer";
  /** "Notify Surveillance Center / Trigger Alarm Output". */
  mayReceiveEvents: boolean;
}

/** For tests to change; the first is the one whose password the device knows. */
export const usersOf = perDevice(({ username }): User[] => [
  { id: 1, name: username, level: "Administrator", mayReceiveEvents: true },
  { id: 2, name: "guest", level: "Viewer", mayReceiveEvents: false },
]);

function listUsers(exchange: Exchange): void {
  const { device } = exchange;
  const [self, ...others] = usersOf(device);
  const shown = self?.level === "Administrator" ? [self, ...others] : self ? [self] : [];
  const all = shown.map(({ id, name, level }) =>
    element("User", leaf("id", id) + leaf("userName", name) + leaf("userLevel", level)),
  );
  exchange.xml(element("UserList", all.join(""), rootAttributes(device)));
}

function showRights(exchange: Exchange): void {
  const { device } = exchange;
  const user = usersOf(device).find(({ id }) => String(id) === exchange.param("id"));
  if (!user) {
    exchange.status("badParameters");
    return;
  }
  const { id, level, mayReceiveEvents } = user;
  const rights = leaf("preview", true) + leaf("parameterConfig", false) + leaf("alarmOutOrUpload", mayReceiveEvents);
  exchange.xml(
    element(
      "UserPermission",
      leaf("id", id) + leaf("userID", id) + leaf("userType", level.toLowerCase()) + element("remotePermission", rights),
      rootAttributes(device),
    ),
  );
}

export const users: readonly Route[] = [
  route("GET", "/ISAPI/Security/users", listUsers),
  route("GET", "/ISAPI/Security/UserPermission/:id", showRights),
];

/**
 * May the user receive events? `/ISAPI/Security/users` has the level; a user who is not an administrator sees only himself;
 * `/ISAPI/Security/UserPermission/<id>` the rights: `remotePermission/alarmOutOrUpload` is "Notify Surveillance Center /
 * Trigger Alarm Output". Sources: trs56/HubitatPublic (camera driver), and the ISAPI guide's "Manage User Permissions".
 */
import type { Isapi } from "../isapi/isapi";
import { isUnavailable } from "../isapi/unavailable";
import { boolean, list, text } from "../isapi/xml";
import { say } from "../lib/sentence";
import { faulty, failed, passed, undetermined, type Check } from "./check";

const USERS = "/ISAPI/Security/users";
const PERMISSION = "/ISAPI/Security/UserPermission";
const RIGHT = say`Remote: Notify Surveillance Center / Trigger Alarm Output`;

export async function checkRights(isapi: Pick<Isapi, "get">, username: string, signal: AbortSignal): Promise<Check> {
  try {
    const may = await mayReceive(isapi, username, signal);
    if (may === "administrator") return passed("rights", say`The user is an administrator, who may receive events.`);
    if (may === true) return passed("rights", say`The user has the right to receive events.`);
    if (may === false) {
      const remedy = say`On the device's page, under User Management, give the user the right "${RIGHT}".`;
      return faulty("rights", say`The user lacks the right to receive events.`, remedy, { code: "forbidden" });
    }
  } catch (error) {
    if (!isUnavailable(error)) return failed("rights", error);
  }
  return undetermined(
    "rights",
    say`The device does not tell whether the user may receive events.`,
    say`If none come, see on the device's page, under User Management, that the user has the right "${RIGHT}".`,
  );
}

async function mayReceive(
  isapi: Pick<Isapi, "get">,
  username: string,
  signal: AbortSignal,
): Promise<"administrator" | boolean | undefined> {
  const { value } = await isapi.get(USERS, { purpose: say`its users`, signal });
  const user = list(value, "User").find((one) => text(one, "userName") === username);
  if (!user) return undefined;
  if (/^administrator$/i.test(text(user, "userLevel") ?? "")) return "administrator";
  const id = text(user, "id");
  if (id === undefined || !/^\d{1,5}$/.test(id)) return undefined;
  const rights = await isapi.get(`${PERMISSION}/${id}`, { purpose: say`the user's rights`, signal });
  return boolean(rights.value, "remotePermission", "alarmOutOrUpload");
}

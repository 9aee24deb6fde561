/** All routes of the device. A new service is a file beside this one and a line in this list. */
import type { Route } from "../router";
import { accessLists } from "./access-lists";
import { alertStream } from "./alert-stream";
import { audio } from "./audio";
import { barriers } from "./barriers";
import { calls } from "./calls";
import { channels } from "./channels";
import { counting } from "./counting";
import { detection } from "./detection";
import { deterrent } from "./deterrent";
import { doors } from "./doors";
import { download } from "./download";
import { eventPictures } from "./event-pictures";
import { httpHosts } from "./http-hosts";
import { io } from "./io";
import { manualRecord } from "./manual-record";
import { oneTouch } from "./one-touch";
import { overlays } from "./overlays";
import { plates } from "./plates";
import { past } from "./past";
import { platformAccess } from "./platform-access";
import { ptz } from "./ptz";
import { recordings } from "./recordings";
import { schedules } from "./schedules";
import { security } from "./security";
import { serial } from "./serial";
import { snapshot } from "./snapshot";
import { status } from "./status";
import { storage } from "./storage";
import { system } from "./system";
import { triggers } from "./triggers";
import { users } from "./users";

export const routes: readonly Route[] = [
  ...system,
  ...status,
  ...security,
  ...users,
  ...platformAccess,
  ...channels,
  ...triggers,
  ...schedules,
  ...overlays,
  ...deterrent,
  ...oneTouch,
  ...storage,
  ...alertStream,
  ...audio,
  ...eventPictures,
  ...httpHosts,
  ...snapshot,
  ...io,
  ...doors,
  ...barriers,
  ...counting,
  ...calls,
  ...ptz,
  ...serial,
  ...manualRecord,
  ...plates,
  ...accessLists,
  ...recordings,
  ...past,
  ...download,
  // Takes any name in its place.
  ...detection,
];

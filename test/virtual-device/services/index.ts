/** All routes of the device. A new service is a file beside this one and a line in this list. */
import type { Route } from "../router";
import { events } from "./events";
import { snapshot } from "./snapshot";
import { system } from "./system";

export const routes: readonly Route[] = [...system, ...events, ...snapshot];

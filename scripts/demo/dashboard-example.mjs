/** Makes examples/16-dashboard.json of its parts in dashboard/; a test compares them. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { dashboardFlow } from "./dashboard/flow.mjs";
import { root } from "../lib/project.mjs";

const file = path.join(root, "examples/16-dashboard.json");
writeFileSync(file, await format(JSON.stringify(dashboardFlow(), null, 2), { parser: "json", printWidth: 120 }));

// The list of this flow: kept in the flow's context, which is gone after a restart unless Node-RED saves it.
// Spaces and hyphens make no difference.
const bare = (text) => text.replace(/[\s\u2010-\u2015.·-]/g, "").toUpperCase();
const plate = bare(String(msg.plate ?? ""));
let allowed = flow.get("allowed") ?? [];
if (plate && msg.topic === "allow") allowed = [...new Set([...allowed, plate])].sort();
if (plate && msg.topic === "deny") allowed = allowed.filter((other) => bare(other) !== plate);
flow.set("allowed", allowed);
return { topic: "allowed", payload: allowed };

// The list of this flow: kept in the flow's context, which is gone after a restart unless Node-RED saves it.
const plate = String(msg.plate ?? "")
  .trim()
  .toUpperCase();
let allowed = flow.get("allowed") ?? [];
if (plate && msg.topic === "allow") allowed = [...new Set([...allowed, plate])].sort();
if (plate && msg.topic === "deny") allowed = allowed.filter((other) => other !== plate);
flow.set("allowed", allowed);
return { topic: "allowed", payload: allowed };

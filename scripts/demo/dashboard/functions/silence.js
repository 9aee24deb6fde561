// A switch that stays as it is when nobody looks. Output 1: to the page. Output 2: to the light and the siren.
if (msg.topic === "silence") flow.set("silent", msg.payload === true);
const silent = flow.get("silent") === true;
const told = { topic: "silent", payload: silent };
if (msg.topic === "silence") return [told, silent ? { topic: "deter", action: "stop" } : null];
if (msg.topic === "deter") return [told, silent ? null : { topic: "deter", action: msg.action }];
return [{ ...told, _client: msg._client }, null];

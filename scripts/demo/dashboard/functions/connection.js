// Remembers whether the device is there, for pages that are opened later.
if (msg.topic === "connection") {
  flow.set("connection", msg.payload);
  return msg;
}
return { topic: "connection", payload: flow.get("connection"), _client: msg._client };

// Asks for a picture of each camera, as often as pages that somebody looks at want them: a slow or dead camera is
// not asked again before it has answered, and several browsers share one picture.
const cameras = flow.get("cameras") ?? [];
const asked = context.get("asked") ?? {};
const now = Date.now();

if (msg.picture !== undefined || msg.error) {
  // One has come, or the reason why not.
  const { at } = asked[msg.channel] ?? { at: now };
  if (msg.topic === "picture") context.set("asked", { ...asked, [msg.channel]: { at, answered: true } });
  return null;
}
switch (msg.topic) {
  case "hello":
    return [null, { topic: "cameras", payload: cameras, _client: msg._client }, null];
  case "large":
    return [{ topic: "large", channel: msg.channel, stream: "main", _client: msg._client }, null, null];
  case "live":
    return [null, null, { topic: "live", channel: msg.channel, _client: msg._client }];
  case "watching": {
    const due = cameras.filter(({ channel }) => {
      const { at, answered } = asked[channel] ?? { at: 0, answered: true };
      return now - at > (answered ? 2000 : 30000);
    });
    for (const { channel } of due) asked[channel] = { at: now, answered: false };
    context.set("asked", asked);
    return [due.map(({ channel }) => ({ topic: "picture", channel })), null, null];
  }
}

// What the timeline shows of an event; its picture goes to the shelf.
const { type, label, state, channel, channelName, time, targets, count, reason, pictures = [], device } = msg.payload;
const connection = type === "connection";
// Of several pictures, such as plate and scene, the one that shows most.
const [largest] = pictures
  .map(({ data }) => data)
  .filter(Boolean)
  .sort((a, b) => b.length - a.length);
const entry = {
  id: msg._msgid,
  type,
  label: connection ? "Connection" : label,
  state,
  channel,
  channelName: channelName ?? (channel === null ? device.name : `Channel ${channel}`),
  time,
  targets: targets ?? [],
  text: reason ?? (count > 1 ? `${count} times` : ""),
};
const shelf = { topic: "new", page: "events", entry, picture: largest };
return [shelf, connection ? { topic: "connection", payload: { state, time, reason } } : null];

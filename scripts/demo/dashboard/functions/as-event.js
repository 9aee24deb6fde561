// What the timeline shows of an event: one row from its start to its end. Its picture goes to the shelf.
const { type, label, state, channel, channelName, time, targets, reason, pictures = [], device } = msg.payload;
const { inputPort, outputPort, anpr, counting, density, access } = msg.payload;
const connection = type === "connection";
// Of several pictures, such as plate and scene, the one that shows most.
const [largest] = pictures
  .map(({ data }) => data)
  .filter(Boolean)
  .sort((a, b) => b.length - a.length);

const people = density?.people ?? density?.frames;
const numbers = [
  anpr && (anpr.plate || "not read"),
  counting?.enter !== undefined && `${counting.enter} entered`,
  counting?.exit !== undefined && `${counting.exit} left`,
  people !== undefined && (people === 1 ? "1 person" : `${people} people`),
  access?.person?.name,
  inputPort !== undefined && `input ${inputPort}`,
  outputPort !== undefined && `output ${outputPort}`,
  reason,
];
const entry = {
  id: msg._msgid,
  // A start and its end have it in common.
  key: [type, channel, inputPort ?? outputPort ?? ""].join("/"),
  type,
  label: connection ? (state === "online" ? "Device is back" : "Device is not reachable") : label,
  state,
  channel,
  channelName: channelName ?? (channel === null ? device.name : `Channel ${channel}`),
  time,
  targets: targets ?? [],
  text: numbers.filter(Boolean).join(" · "),
};
const shelf = { topic: "new", page: "events", entry, picture: largest };
return [shelf, connection ? { topic: "connection", payload: { state, time, reason } } : null];

// How it stands, and what is not as wanted, with the reason.
if (msg.error) return { topic: "arm", error: { message: msg.error.message } };
const { armed, items } = msg.payload;
const on = items.filter((item) => item.after).length;
const text = armed === true ? "All armed" : armed === false ? "All disarmed" : "Armed in part";
const cameras = new Map((flow.get("cameras") ?? []).map(({ channel, name }) => [channel, name]));
const labels = { VMD: "Motion", fielddetection: "Intrusion", linedetection: "Line crossing" };
const place = ({ channel, type }) => `${labels[type] ?? type} on ${cameras.get(channel) ?? `channel ${channel}`}`;
const trouble = items
  .filter((item) => item.error || item.blind)
  .map((item) => `${place(item)}: ${item.error ? item.error.message : item.blind}`);
return { topic: "arm", payload: { armed, text: `${text}: ${on} of ${items.length}`, trouble } };

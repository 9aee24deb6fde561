// What the log shows of a plate, and the verdict: the device's own lists first, then the list of this flow.
const { id, plate, unread, confidence, direction, list, vehicle, channel, time, backfilled, pictures } = msg.payload;
const mine = (flow.get("allowed") ?? []).includes(plate);

let verdict = "Denied";
if (unread) verdict = "Not read";
else if (list !== "block" && (list === "allow" || mine)) verdict = "Allowed";

const { data } = pictures.find(({ role, name, data }) => data && /plate/i.test(role ?? name)) ?? {};
const scene = pictures.find(({ data: other }) => other && other !== data)?.data;
const entry = { id, plate, confidence, direction, list, channel, time, verdict, backfilled: backfilled === true };
entry.vehicle = [vehicle?.color, vehicle?.type].filter(Boolean).join(" ");
return { topic: "new", page: "plates", entry, picture: data ?? scene };

// What the log shows of a plate, and the verdict. The device's block list comes first, then its allow list, then the
// list of this flow, where spaces and hyphens make no difference: "AB-12 CD" is "AB12CD".
const { id, plate, unread, confidence, direction, list, vehicle, channel, time, backfilled, pictures } = msg.payload;
const bare = (text) => text.replace(/[\s\u2010-\u2015.·-]/g, "").toUpperCase();
const mine = (flow.get("allowed") ?? []).some((allowed) => bare(allowed) === bare(plate));

let [verdict, why] = ["Denied", "on no list"];
if (unread) [verdict, why] = ["Not read", ""];
else if (list === "block") why = "on the device's block list";
else if (list === "allow") [verdict, why] = ["Allowed", "on the device's allow list"];
else if (mine) [verdict, why] = ["Allowed", "on the list of this flow"];

// The vendor's words for vehicles; one that is not here is left out.
const KINDS = {
  vehicle: "car",
  smallCar: "car",
  largeBus: "bus",
  bus: "bus",
  van: "van",
  minitruck: "pickup",
  pickupTruck: "pickup",
  truck: "truck",
  SUVMPV: "SUV",
  SUV: "SUV",
  MPV: "minivan",
  motorcycle: "motorcycle",
  twoWheelVehicle: "two-wheeler",
  threeWheelVehicle: "three-wheeler",
};
const color = /^[a-z]{3,}$/.test(vehicle?.color ?? "") && vehicle.color !== "unknown" ? vehicle.color : undefined;

const { data } = pictures.find(({ role, name, data }) => data && /plate/i.test(role ?? name)) ?? {};
const scene = pictures.find(({ data: other }) => other && other !== data)?.data;
const entry = { id, plate, confidence, direction, channel, time, verdict, why, backfilled: backfilled === true };
entry.vehicle = [color, KINDS[vehicle?.type]].filter(Boolean).join(" ");
return { topic: "new", page: "plates", entry, picture: data ?? scene };

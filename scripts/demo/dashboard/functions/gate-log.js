// What happened at the gate: the last hundred, for pages that are opened later. globalThis is this node's own memory, gone with a
// restart.
const MOST = 100;
globalThis.gate ??= { log: [], count: 0 };
const { gate } = globalThis;
const { topic, payload, error, plates } = msg;
const failed = error?.message ?? payload?.failed?.[0]?.error.message;

if (topic === "hello") return { topic: "log", payload: gate.log, _client: msg._client };
if (topic === "list") return { topic: "list", payload: failed ? [] : payload, failed, _client: msg._client };

const entry = entryOf();
gate.log.unshift({ id: ++gate.count, ...entry });
gate.log.length = Math.min(gate.log.length, MOST);
return { topic: "log", payload: gate.log };

function entryOf() {
  const time = new Date().toISOString();
  if (topic === "open")
    return { time, what: "Opened by hand", note: failed ?? payload.notice ?? `gate: ${payload.state}`, bad: !!failed };
  if (topic === "add" || topic === "remove") {
    const what = topic === "add" ? "Put on the list" : "Taken off the list";
    const unchanged = payload?.unchanged?.length > 0 ? "it was so already" : "";
    return { time, what, plate: plates.plate, note: failed ?? unchanged, bad: !!failed };
  }
  const { plate, list, backfilled } = payload;
  const lists = { allow: "on the allow list", block: "on the block list" };
  const what = backfilled ? "Passed, told afterwards" : "Passed";
  return {
    time: payload.time,
    what,
    plate: plate || "not read",
    note: lists[list] ?? "on no list",
    bad: list === "block",
  };
}

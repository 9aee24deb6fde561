// Keeps the last events and plates for pages that are opened later, and their pictures for those who scroll to them.
// globalThis is this node's own memory: other than context it is never written to a disk.
const MOST = 100;
const PICTURES = 40;
globalThis.shelf ??= { events: [], plates: [] };
const kept = globalThis.shelf[msg.page];

switch (msg.topic) {
  case "new": {
    const { page, entry, picture } = msg;
    // The end of what is there already: the same row, now with its duration. The picture is that of the start.
    const open = kept.find(({ entry: other }) => other.key && other.key === entry.key && other.state === "start");
    if (entry.state === "end" && open) {
      Object.assign(open.entry, { state: "end", end: entry.time, text: open.entry.text || entry.text });
      open.picture ??= picture;
      open.entry.hasPicture = open.picture !== undefined;
      return { topic: "new", page, payload: open.entry };
    }
    entry.hasPicture = picture !== undefined;
    kept.unshift({ entry, picture });
    if (kept.length > PICTURES) {
      kept[PICTURES].picture = undefined;
      kept[PICTURES].entry.hasPicture = false;
    }
    kept.length = Math.min(kept.length, MOST);
    return { topic: "new", page, payload: entry };
  }
  case "history":
    return { ...msg, payload: kept.map(({ entry }) => entry) };
  case "picture": {
    const picture = kept.find(({ entry }) => entry.id === msg.id)?.picture;
    return { ...msg, picture: picture && `data:image/jpeg;base64,${picture.toString("base64")}` };
  }
}

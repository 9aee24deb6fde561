// Keeps the last events and plates for pages that are opened later, and their pictures for those who scroll to them.
// globalThis is this node's own memory: other than context it is never written to a disk.
const MOST = 100;
const PICTURES = 40;
globalThis.shelf ??= { events: [], plates: [] };
const kept = globalThis.shelf[msg.page];

switch (msg.topic) {
  case "new": {
    const { page, entry, picture } = msg;
    entry.hasPicture = picture !== undefined;
    kept.unshift({ entry, picture });
    if (kept.length > PICTURES) kept[PICTURES].picture = undefined;
    kept.length = Math.min(kept.length, MOST);
    return [{ topic: "new", page, payload: entry }, null];
  }
  case "history":
    return [{ ...msg, payload: kept.map(({ entry }) => entry) }, null];
  case "picture":
    return [null, { ...msg, payload: kept.find(({ entry }) => entry.id === msg.id)?.picture }];
}

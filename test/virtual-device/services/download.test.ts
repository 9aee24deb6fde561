import assert from "node:assert/strict";
import { archiveOf, filmOf, startVirtualDevice, type VirtualDevice } from "..";
import { login, type Reply } from "../testing/raw-client";
import { leaf } from "../xml";

function fetch(device: VirtualDevice, uri: string): Promise<Reply> {
  const body = `<?xml version="1.0"?><downloadRequest version="1.0">${leaf("playbackURI", uri)}</downloadRequest>`;
  return login(device, "/ISAPI/ContentMgmt/download", { body, headers: { "content-length": String(body.length) } });
}

describe("virtual device: downloads", () => {
  it("send a film as it is made, as many bytes as were announced", async () => {
    await using device = await startVirtualDevice({ model: "nvr" });
    const startMs = Date.parse("2026-05-01T08:00:00Z");
    const endMs = startMs + 4_000;
    const media = filmOf({ seed: 2, title: "Driveway", zone: device.time.zone, startMs, endMs });
    const uri = archiveOf(device).uri(archiveOf(device).add({ channel: 2, startMs, endMs, media }));
    const { status, headers, body } = await fetch(device, uri);
    assert.equal(status, 200);
    assert.match(uri, new RegExp(`&size=${body.length}$`));
    assert.equal(headers["content-length"], String(body.length));
    assert.ok(body.equals(media.read(0, media.bytes)));
  });
});

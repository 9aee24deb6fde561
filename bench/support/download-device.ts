/** A virtual device with one large recording, in a process of its own. */
import { archiveOf, IMKH, startVirtualDevice } from "../../test/virtual-device";
import { serve } from "./child";
import type { DownloadDevice } from "./protocol";

const device = startVirtualDevice();

serve({
  async recording(bytes) {
    const { host, port, username, password } = await device;
    const archive = archiveOf(await device);
    const startMs = Date.parse("2026-05-01T08:00:00Z");
    const stored = archive.add({ startMs, endMs: startMs + 60_000, media: { bytes, head: IMKH } });
    return { host, port, username, password, playbackUri: archive.uri(stored) };
  },
} satisfies DownloadDevice);

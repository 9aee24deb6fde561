/** Downloads as the node does, without Node-RED around it, and tells what it cost this process. */
import { Device } from "../../src/device";
import { serve } from "./child";
import type { DownloadClient } from "./protocol";

serve({
  async download({ host, port, username, password, playbackUri }, directory) {
    const device = new Device(
      {
        identity: { id: "bench", name: "bench", host },
        address: { protocol: "http", host, port },
        credentials: { username, password },
        tls: { mode: "verify" },
        basic: false,
        eventSource: "stream",
        heartbeatTimeout: 30,
        timeZone: "utc",
      },
      {
        wantsPictures: () => false,
        notification: () => undefined,
        event: () => undefined,
        state: () => undefined,
        warn: () => undefined,
      },
    );
    const signal = new AbortController().signal;
    const recording = await device.downloads.resolver.one(playbackUri, undefined, signal);
    // The digest's first round, the code's first run: curl has none of that to wait for either.
    const began = { at: performance.now(), cpu: process.cpuUsage() };
    let peak = 0;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
    await device.downloads.run({
      items: [{ recording }],
      directory,
      filename: "ours",
      existing: "overwrite",
      deliverAs: "file",
      signal,
      onFile: (_, outcome) => {
        if ("error" in outcome) throw outcome.error;
      },
      onProgress: () => undefined,
    });
    clearInterval(watch);
    const { user, system } = process.cpuUsage(began.cpu);
    const seconds = (performance.now() - began.at) / 1000;
    await device.close();
    return { seconds, cpuSeconds: (user + system) / 1e6, peakMb: peak / 1e6 };
  },
} satisfies DownloadClient);

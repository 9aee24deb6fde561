/** Loaded into the Node-RED of the soak test before anything else: writes what the process holds, a line every few seconds. */
const { appendFileSync, readdirSync } = require("node:fs");
const { performance } = require("node:perf_hooks");
const process = require("node:process");
const { setInterval } = require("node:timers");
const v8 = require("node:v8");
const vm = require("node:vm");

const file = process.env.SOAK_SAMPLES;
const EVERY_MS = 2_000;

if (file) {
  v8.setFlagsFromString("--expose_gc");
  const gc = vm.runInNewContext("gc");
  const count = (kind) => process.getActiveResourcesInfo().filter((name) => name.startsWith(kind)).length;
  const began = performance.now();
  setInterval(() => {
    gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    const sample = {
      seconds: (performance.now() - began) / 1000,
      heapMB: heapUsed / 2 ** 20,
      externalMB: external / 2 ** 20,
      rssMB: rss / 2 ** 20,
      sockets: count("TCPSocketWrap") + count("TCPWRAP"),
      timers: count("Timeout"),
      listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
      handles: readdirSync("/proc/self/fd").length,
    };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  }, EVERY_MS).unref();
}

/**
 * `npm start`: a virtual NVR and a Node-RED that listens to it, in this one process, so that nothing can be left behind.
 * `-- --port N` asks for a port (default 1880; the next free one is taken), `--folder DIR` for another place than .demo.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { startVirtualNvr } from "./demo/device.mjs";
import { prepareUserDir } from "./demo/user-dir.mjs";
import { startNodeRed } from "./demo/node-red.mjs";
import { buildIfNeeded } from "./lib/build.mjs";
import { installIfNeeded } from "./lib/install.mjs";
import { root } from "./lib/project.mjs";

const STOP_WITHIN_MS = 5000;

const { values } = parseArgs({
  options: { port: { type: "string", default: "1880" }, folder: { type: "string", default: path.join(root, ".demo") } },
});

await installIfNeeded();
await buildIfNeeded();
const device = await startVirtualNvr();
const userDir = path.resolve(values.folder);
const { kept, credentialSecret } = prepareUserDir(userDir, device);
const nodeRed = await startNodeRed({ userDir, credentialSecret, port: Number(values.port) });

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, stop);

console.log(`
  Dashboard  ${nodeRed.url}dashboard
  Editor     ${nodeRed.url}
  Device     ${device.url}  user ${device.username}, password ${device.password}
             (a virtual recorder with eight cameras; something happens every few seconds)

  Try        in the dashboard, also on a phone's width: click a camera, hold an arrow on the PTZ page,
             allow a plate, open the gate, download a recording. Garden goes offline now and then, somebody covers the Roof.
             Somebody rings at the front door, too, and people come in.
             In the editor: the tab "Dashboard" is the flow behind it; open the debug sidebar (the bug icon)
             and watch the events arrive, double-click "All events" to choose types and channels, press Deploy.
  Stop       Ctrl-C
${kept ? `\n  Your changed flow was kept. For the original delete ${userDir} and start again.\n` : ""}`);

async function stop() {
  console.log("Stopping …");
  // A second Ctrl-C, or a node that does not close, must not hold the terminal.
  process.once("SIGINT", () => process.exit(1));
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await nodeRed.stop();
  await device.close();
  process.exit(0);
}

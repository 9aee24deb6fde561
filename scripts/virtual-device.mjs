/** `npm run virtual-device`: the fake device of the tests, to try things on without owning a camera. */
import { parseArgs } from "node:util";
import { require as requireTypeScript } from "tsx/cjs/api";

const HELP = `
  npm run virtual-device -- [options]

    --port N          default 8000
    --model NAME      camera, nvr (8 channels) or dvr (4 analogue and 2 IP channels); default nvr
    --user NAME       default admin
    --password TEXT   default "correct horse 7"
    --name TEXT       the device's name
    --dump FILE       answers as a recorded device did: a dump of hikvision_next's diagnostics (.json)
    --tls             HTTPS with a self-signed certificate
    --slots N         alert streams at once; default 4
    --heartbeat S     seconds between heartbeats, 0 for none; default 10
    --sadp ADDRESS    answer searches for devices on the interface with this address; default: do not
    --scenario NAME   demo (default) or none
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8000" },
    model: { type: "string" },
    user: { type: "string", default: "admin" },
    password: { type: "string", default: "correct horse 7" },
    name: { type: "string" },
    dump: { type: "string" },
    tls: { type: "boolean", default: false },
    slots: { type: "string", default: "4" },
    heartbeat: { type: "string", default: "10" },
    sadp: { type: "string" },
    scenario: { type: "string", default: "demo" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else if (!["camera", "nvr", "dvr", undefined].includes(values.model) || !["demo", "none"].includes(values.scenario)) {
  console.error(HELP);
  process.exitCode = 1;
} else {
  await run();
}

async function run() {
  const { startVirtualDevice } = requireTypeScript("../test/virtual-device/index.ts", import.meta.url);
  const { drawnPictures, playDemo } = requireTypeScript("./demo/index.ts", import.meta.url);
  const seconds = Number(values.heartbeat);
  const device = await startVirtualDevice({
    port: Number(values.port),
    pictures: drawnPictures,
    username: values.user,
    password: values.password,
    tls: values.tls,
    slots: Number(values.slots),
    heartbeat: seconds > 0 ? { ms: seconds * 1000 } : null,
    ...(values.name !== undefined && { name: values.name }),
    // A recorded device knows what it is.
    ...(values.dump !== undefined ? { dump: values.dump } : { model: values.model ?? "nvr" }),
    ...(values.sadp !== undefined && { host: values.sadp, sadp: { interface: values.sadp } }),
  });
  if (values.scenario === "demo") playDemo(device);
  console.log(`
  Device   ${device.url}  (${device.profile.deviceType}, ${device.profile.channels.length} channels)
  User     ${device.username}, password ${device.password}
  Try      curl --digest -u ${device.username} ${device.secure ? "-k " : ""}${device.url}/ISAPI/Event/notification/alertStream
  Stop     Ctrl-C
`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void device.close());
}

/** An entrance camera: plates pass, and its barrier is waited for. */
import { barriersOf, passPlate, startVirtualDevice, type VirtualDevice } from "../../test/virtual-device";
import { serve } from "./child";
import type { GateDevice } from "./protocol";

const COMMAND = "/ISAPI/Parking/channels/1/barrierGate";
const PAUSE_MS = 100;
const LONGEST_MS = 5_000;

let camera: VirtualDevice | undefined;

const gate: GateDevice = {
  async device() {
    camera = await startVirtualDevice();
    barriersOf(camera).fit();
    const { host, port, username, password } = camera;
    return { host, port, username, password };
  },

  isListened: () => Promise.resolve((camera?.streams ?? 0) > 0),

  async pass(plates) {
    const delays: number[] = [];
    for (let index = 0; index < plates && camera; index++) {
      const before = commands(camera).length;
      const sent = await passPlate(camera, { plate: `BE${1000 + index}` });
      const until = performance.now() + LONGEST_MS;
      while (commands(camera).length === before && performance.now() < until) await sleep(1);
      const [command] = commands(camera).slice(before);
      delays.push(command && sent ? command.at - sent.startedAt : NaN);
      await sleep(PAUSE_MS);
    }
    return delays;
  },
};

/** With a login that was accepted: the request that asks for a challenge moves nothing. */
function commands({ requests }: VirtualDevice): VirtualDevice["requests"] {
  return requests.filter(({ method, path, authorized }) => method === "PUT" && path === COMMAND && authorized);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

serve(gate);

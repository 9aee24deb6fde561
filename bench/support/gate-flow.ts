/** Node-RED with the flow of a gate: every plate that the camera reads opens its barrier. */
import { serve } from "./child";
import type { GateFlow } from "./protocol";
import { startNodeRed } from "./start-node-red";

const flow: GateFlow = {
  async deploy({ host, port, username, password }) {
    const RED = await startNodeRed(() => undefined);
    const flows = [
      { id: "tab", type: "tab", label: "Bench" },
      { id: "camera", type: "hikvision-device", name: "", host, port, protocol: "http" },
      {
        id: "plates",
        type: "hikvision-plate-in",
        z: "tab",
        x: 100,
        y: 100,
        device: "camera",
        pictures: false,
        wires: [["barrier"], []],
      },
      {
        id: "barrier",
        type: "hikvision-door",
        z: "tab",
        x: 300,
        y: 100,
        device: "camera",
        kind: "barrier",
        wires: [[]],
      },
    ];
    const credentials = { camera: { username, password } };
    await RED.runtime.flows.setFlows({ flows: { flows, credentials }, deploymentType: "full" });
  },
};

serve(flow);

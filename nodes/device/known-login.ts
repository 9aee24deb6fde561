/**
 * Whether a device node's device has logged in with SHA-256, remembered over redeploys, and over restarts where a context store is
 * kept on disk: so that a weaker login is noticed (docs/contract.md, "Security").
 */
import type { Node, NodeAPI } from "node-red";
import type { Device } from "../../src";
import { NodeState } from "../shared/node-state";
import { propertiesOf } from "../shared/unknown-values";

export function rememberLogin(RED: NodeAPI, node: Node, { http, clock }: Device): void {
  const address = `${http.address.host.toLowerCase()}:${http.address.port}`;
  const state = new NodeState(RED, node, "login");
  const { schemes } = http.login;
  const stored = state.load().then((saved) => {
    const { address: of, strong } = propertiesOf(saved);
    return of === address && strong === true;
  });
  schemes.restore(stored, clock);
  node.on(
    "close",
    schemes.onChange((strong) => state.save({ address, strong })),
  );
}

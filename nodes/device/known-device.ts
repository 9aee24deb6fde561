/**
 * Who a device node's device was when it last said so, remembered over redeploys, and over restarts where a context store is kept
 * on disk: so that it is known again at another address. Serial number and MAC are no secrets, but leave by a search only.
 */
import type { Node, NodeAPI } from "node-red";
import { defined, type DeviceAddress, type Identity, namesOf } from "../../src";
import { propertiesOf, textIn } from "../shared/unknown-values";
import { NodeState } from "../shared/node-state";

export class KnownDevice {
  readonly #address: string;
  readonly #state: NodeState;
  #known: Identity = {};

  /** @param address what is remembered is forgotten with it: somebody has chosen another device */
  constructor(RED: NodeAPI, node: Node, { protocol, host, port }: DeviceAddress) {
    this.#address = `${protocol}://${host.toLowerCase()}:${port}`;
    this.#state = new NodeState(RED, node, "identity");
    void this.#state.load().then((saved) => {
      const { address, serialNumber, macAddress } = propertiesOf(saved);
      if (address !== this.#address || namesOf(this.#known).length > 0) return;
      this.#known = defined({ serialNumber: textIn(serialNumber), macAddress: textIn(macAddress) });
    });
  }

  /** Empty: not known. */
  get known(): Identity {
    return this.#known;
  }

  /** The device at the address has said who it is. */
  learn({ serialNumber, macAddress }: Identity): void {
    const said = defined({ serialNumber, macAddress });
    if (namesOf(said).length === 0 || namesOf(said).join() === namesOf(this.#known).join()) return;
    this.#known = said;
    this.#state.save({ address: this.#address, ...said });
  }
}

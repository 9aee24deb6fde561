/** Networks without sockets: what is sent is kept, answers are given by hand. */
import type { SearchSocket, NetworkInterface, Network } from "../../src/discovery/network";

export interface Sent {
  readonly at: string;
  readonly from: number;
  readonly host: string;
  readonly text: string;
}

export class FakeNetwork implements Network {
  readonly sent: Sent[] = [];
  /** Ports that another program holds. */
  readonly taken = new Set<number>();
  /** Interfaces by name that nothing can leave. */
  readonly dead = new Set<string>();
  readonly #interfaces: readonly NetworkInterface[];
  readonly #ears = new Set<{ at: NetworkInterface; heard: (bytes: Buffer, sender: string) => void }>();

  constructor(...interfaces: readonly NetworkInterface[]) {
    this.#interfaces = interfaces;
  }

  interfaces(): readonly NetworkInterface[] {
    return this.#interfaces;
  }

  open(at: NetworkInterface, port: number, heard: (bytes: Buffer, sender: string) => void): Promise<SearchSocket> {
    if (this.taken.has(port)) return Promise.reject(new Error("bind EADDRINUSE"));
    const ear = { at, heard };
    this.#ears.add(ear);
    return Promise.resolve({
      send: (bytes: Buffer, _port: number, host: string) => {
        if (this.dead.has(at.name)) return Promise.resolve(false);
        this.sent.push({ at: at.name, from: port, host, text: bytes.toString() });
        return Promise.resolve(true);
      },
      close: () => void this.#ears.delete(ear),
    });
  }

  /** Sockets open now. */
  get ears(): number {
    return this.#ears.size;
  }

  /** The identifier of the search that was sent last. */
  get uuid(): string {
    return /<Uuid>(.*)<\/Uuid>/.exec(this.sent.at(-1)?.text ?? "")?.[1] ?? "";
  }

  /** Every socket hears it, as the answers to a group are heard. */
  answer(inner: string, sender = "192.0.2.99", uuid = this.uuid): void {
    const bytes = Buffer.from(`<ProbeMatch><Uuid>${uuid}</Uuid>${inner}</ProbeMatch>`);
    for (const { heard } of [...this.#ears]) heard(bytes, sender);
  }
}

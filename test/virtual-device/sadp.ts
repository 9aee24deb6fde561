/** Answers SADP inquiries, as a device's search protocol does. Its own reading of the protocol: owes nothing to src/. */
import { createSocket, type Socket } from "node:dgram";
import type { VirtualDevice } from "./device";

export interface SadpOptions {
  /** The address of the interface it listens on; default 127.0.0.1. One in 127.0.0.0/8 is a network of its own. */
  readonly interface?: string;
  /** Default 37020. */
  readonly port?: number;
  /** To whom: the group, as most firmware does, or who asked; default "group". */
  readonly to?: "group" | "asker";
  /** What it says instead; null leaves an element out. */
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly misbehave?: "twice" | "garbage" | "otherUuid" | "late";
}

const PORT = 37_020;
const GROUP = "239.255.255.250";
const LATE_MS = 1_000;

export class SadpResponder {
  /** Inquiries received. */
  inquiries = 0;
  /** Off the network. */
  away = false;
  readonly #device: VirtualDevice;
  readonly #options: SadpOptions;
  readonly #socket: Socket;

  private constructor(device: VirtualDevice, options: SadpOptions, socket: Socket) {
    this.#device = device;
    this.#options = options;
    this.#socket = socket;
    socket.on("message", (bytes, { address, port }) => {
      this.#receive(bytes.toString(), address, port);
    });
  }

  static open(device: VirtualDevice, options: SadpOptions): Promise<SadpResponder> {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(options.port ?? PORT, () => {
        socket.off("error", reject).on("error", () => undefined);
        const at = options.interface ?? "127.0.0.1";
        socket.setMulticastInterface(at);
        socket.addMembership(GROUP, at);
        resolve(new SadpResponder(device, options, socket));
      });
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(sent: string, address: string, port: number): void {
    const at = this.#options.interface ?? "127.0.0.1";
    // All of 127.0.0.0/8 is one interface; other tests on this machine search there too.
    if (this.away || (at.startsWith("127.") && address !== at)) return;
    const uuid =
      /^<\?xml version="1\.0" encoding="utf-8"\?><Probe><Uuid>([0-9A-F-]{36})<\/Uuid><Types>inquiry<\/Types><\/Probe>$/.exec(
        sent,
      )?.[1];
    if (uuid === undefined) return;
    this.inquiries += 1;
    void this.#answer(uuid, this.#options.to === "asker" ? { host: address, port } : { host: GROUP, port: PORT });
  }

  async #answer(asked: string, to: { host: string; port: number }): Promise<void> {
    const { misbehave } = this.#options;
    if (misbehave === "late") await this.#device.pause(LATE_MS);
    if (this.#device.closed) return;
    const answer = probeMatch(
      this.#device,
      misbehave === "otherUuid" ? asked.replace(/.$/, "G") : asked,
      this.#options,
    );
    const port = this.#options.to === "asker" ? to.port : (this.#options.port ?? to.port);
    const send = (bytes: Buffer): void => this.#socket.send(bytes, port, to.host);
    if (misbehave === "garbage") {
      send(Buffer.from([0x20, 0x02, 0xff, 0x00, 0x10]));
      send(answer.subarray(0, answer.length / 2));
    }
    send(answer);
    if (misbehave === "twice") send(answer);
  }
}

/** CRLF and the order of elements as a DS-2CD2320D-I sends them. */
export function probeMatch(device: VirtualDevice, uuid: string, { fields = {} }: SadpOptions = {}): Buffer {
  const { profile, host, port, secure, activated } = device;
  const own: Record<string, string | null> = {
    Uuid: uuid,
    Types: "inquiry",
    DeviceType: "142378",
    DeviceDescription: profile.modelName,
    DeviceSN: profile.serial,
    CommandPort: "8000",
    HttpPort: secure ? "0" : String(port),
    HttpsPort: secure ? String(port) : null,
    MAC: profile.macAddress.replace(/:/g, "-"),
    IPv4Address: host,
    IPv4SubnetMask: "255.255.255.0",
    IPv4Gateway: "0.0.0.0",
    IPv6Address: "::",
    IPv6Gateway: "::",
    IPv6MaskLen: "64",
    DHCP: "true",
    AnalogChannelNum: "0",
    DigitalChannelNum: String(profile.channels.length),
    SoftwareVersion: `${profile.firmware}build 260101`,
    Activated: String(activated),
    ...fields,
  };
  const elements = Object.entries(own).flatMap(([name, value]) =>
    value === null ? [] : [`<${name}>${value.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</${name}>`],
  );
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\r\n<ProbeMatch>${elements.join("\r\n")}\r\n</ProbeMatch>\r\n`,
  );
}

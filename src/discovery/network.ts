/** This computer's IPv4 networks, and the UDP sockets for a search in them. */
import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import os from "node:os";
import { SADP_GROUP } from "./sadp";

/** One IPv4 address of this computer. */
export interface NetworkInterface {
  readonly name: string;
  readonly address: string;
}

export interface SearchSocket {
  /** False: not sent, because the interface is gone or a firewall forbids it. */
  send(bytes: Buffer, port: number, host: string): Promise<boolean>;
  /** Repeatable. */
  close(): void;
}

/** What tests replace. */
export interface Network {
  /** Without internal ones. */
  interfaces(): readonly NetworkInterface[];
  /**
   * `port` 0: any free one, of this interface alone. Rejects when that is not possible; other interfaces may do.
   * `onMessage` must not throw.
   */
  open(at: NetworkInterface, port: number, onMessage: (bytes: Buffer, sender: string) => void): Promise<SearchSocket>;
}

export const systemNetwork: Network = {
  interfaces: () =>
    Object.entries(os.networkInterfaces()).flatMap(([name, addresses]) =>
      (addresses ?? []).flatMap(({ address, internal }) => (!internal && isIPv4(address) ? [{ name, address }] : [])),
    ),
  open,
};

function open(
  at: NetworkInterface,
  port: number,
  onMessage: (bytes: Buffer, sender: string) => void,
): Promise<SearchSocket> {
  return new Promise((resolve, reject) => {
    // Reused, because the vendor's own programs on this computer may hold the port too.
    const socket = createSocket({ type: "udp4", reuseAddr: port !== 0 });
    let closed = false;
    const close = (): void => {
      if (!closed) socket.close();
      closed = true;
    };
    const fail = (error: Error): void => {
      close();
      reject(error);
    };
    socket.on("error", fail);
    socket.on("message", (bytes, { address }) => onMessage(bytes, address));
    const ready = (): void => {
      try {
        socket.setBroadcast(true);
        socket.setMulticastTTL(1);
        socket.setMulticastInterface(at.address);
        // What is sent to the group reaches no socket on Linux and macOS that is bound to one address.
        if (port !== 0) socket.addMembership(SADP_GROUP, at.address);
      } catch (error) {
        fail(error as Error);
        return;
      }
      // Later errors are reported by `send`; the other sockets go on.
      socket.off("error", fail).on("error", () => undefined);
      resolve({
        send: (bytes, to, host) =>
          new Promise((sent) => {
            if (closed) sent(false);
            else socket.send(bytes, to, host, (error) => sent(error === null));
          }),
        close,
      });
    };
    socket.bind({ port, ...(port === 0 && { address: at.address }), exclusive: true }, ready);
  });
}

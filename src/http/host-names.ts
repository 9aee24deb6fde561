/**
 * The addresses behind the names of devices. Node.js asks the system for them (getaddrinfo), which nobody can interrupt, and lets two such
 * questions run at a time in the whole process (libuv); a DNS server that is gone takes 10 s and more for each. A few devices whose
 * names get no answer, tried again and again, would let every other name in Node-RED wait, that of the MQTT broker too, and ever
 * longer: six tries of two names held another one up for 28 s. So there is one question for a name however many ask, and one at a time
 * for all names; the other place is everybody else's.
 */
import { ADDRCONFIG, type LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { systemClock, type Clock } from "../lib/clock";
import { Lru } from "../lib/lru";
import { Semaphore, type Lane } from "../lib/semaphore";

export interface HostNamesOptions {
  /** Rejects with an error of Node.js's, as ENOTFOUND. */
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>;
  readonly clock: Clock;
}

/** An answer is good for so long: who has asked may have given up when it comes. */
const KEEP_MS = 60_000;
/** Less than a connection may take to open, so that the error tells of the name. */
const WAIT_MS = 8_000;
/** A question that gets no answer at all holds the others up no longer than that. */
const TURN_MS = 60_000;
const MOST_KEPT = 2_000;
/** Names that wait for their turn. */
const LANE: Lane = { order: 0, longest: 2_000, full: noAnswer };

export class HostNames {
  readonly #options: HostNamesOptions;
  readonly #turns = new Semaphore(1);
  readonly #asked = new Map<string, Promise<readonly LookupAddress[]>>();
  readonly #kept = new Lru<string, { readonly addresses: readonly LookupAddress[]; readonly until: number }>(MOST_KEPT);

  constructor(options: HostNamesOptions) {
    this.#options = options;
  }

  /** One or more (of an address itself), or rejects as {@link HostNamesOptions.resolve} does; with EAI_AGAIN when no answer comes in time. */
  async addresses(host: string): Promise<readonly LookupAddress[]> {
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    const kept = this.#kept.get(host);
    if (kept && this.#options.clock.elapsed() < kept.until) return kept.addresses;
    const asked = this.#asked.get(host) ?? this.#ask(host);
    return this.#within(WAIT_MS, asked);
  }

  /** The next one who asks wants a new answer: nothing was found at that address. */
  forget(host: string): void {
    this.#kept.delete(host);
  }

  /** For sockets. */
  readonly lookup: LookupFunction = (host, { all }, done) => {
    this.addresses(host).then(
      (addresses) => {
        const [first] = addresses;
        if (!first) done(noAnswer(), "");
        else if (all === true) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
      (error: unknown) => done(error as NodeJS.ErrnoException, ""),
    );
  };

  #ask(host: string): Promise<readonly LookupAddress[]> {
    const { clock, resolve } = this.#options;
    const asked = this.#turns
      .run(() => this.#within(TURN_MS, resolve(host)), undefined, LANE)
      .then((addresses) => {
        this.#kept.set(host, { addresses, until: clock.elapsed() + KEEP_MS });
        return addresses;
      })
      .finally(() => this.#asked.delete(host));
    this.#asked.set(host, asked);
    return asked;
  }

  #within<T>(ms: number, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(ms, () => reject(noAnswer()));
      answer.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}

/** As the system says it when a DNS server does not answer. */
function noAnswer(): NodeJS.ErrnoException {
  return Object.assign(new Error("The name is not answered."), { code: "EAI_AGAIN" });
}

/** One for the process, as the limit is. The hints are those of Node.js's own sockets. */
export const hostNames = new HostNames({
  resolve: (host) => lookup(host, { all: true, hints: ADDRCONFIG }),
  clock: systemClock,
});

/**
 * An event's way from a part to the sink: heartbeat cache or decoder → deduplicator → assembler. One per device; outlives
 * connections.
 */
import type { Clock } from "../lib/clock";
import { Assembler, type FetchPicture } from "./pictures/assembler";
import { picturesOfAlerts } from "./pictures/body-pictures";
import { ConfidenceScale } from "./decode/confidence-scale";
import { decode, type DecodeContext } from "./decode/decode";
import { KnownAlerts } from "./decode/known-alerts";
import { skimAlert } from "./decode/skim";
import { eventType } from "./event-types";
import type { AlertSink } from "./event-source";
import type { AlertSummary } from "./decode/heartbeat";
import { HeartbeatCache } from "./stream/heartbeat-cache";
import type { Notification } from "./types";
import type { Part } from "../multipart/part-reader";
import { isPicture } from "./pictures/picture-part";
import { Deduplicator } from "./deduplicator";

export interface EventPipelineOptions {
  readonly sink: AlertSink;
  readonly context: DecodeContext;
  readonly clock: Clock;
  /** For pictures that an event gives as URLs. */
  readonly fetchPicture?: FetchPicture;
  /** What the device's clock is ahead of this computer's, ms, as far as it is known: for a device without heartbeats. */
  readonly driftMs?: () => number | undefined;
}

/** What may be a heartbeat, and what prolongs events of other types. */
const CONCERNS_OTHERS: ReadonlySet<string> = new Set(["videoloss", "heartBeat", "other", "duration"]);

export class EventPipeline {
  readonly #sink: AlertSink;
  readonly #context: DecodeContext;
  readonly #clock: Clock;
  readonly #deduplicator: Deduplicator;
  readonly #heartbeatCache = new HeartbeatCache();
  readonly #knownAlerts = new KnownAlerts();
  readonly #assembler: Assembler;

  constructor({ sink, context, clock, fetchPicture, driftMs }: EventPipelineOptions) {
    this.#sink = sink;
    this.#context = { confidences: new ConfidenceScale(), ...context };
    this.#clock = clock;
    this.#deduplicator = new Deduplicator(clock, driftMs);
    this.#assembler = new Assembler({
      clock,
      onEvent: (event) => sink.event(event),
      ...(fetchPicture && { fetchPicture }),
    });
  }

  /** A connection has begun. `isArriving`: are the bytes of a picture coming in at this moment? */
  connected(isArriving: () => boolean = () => false): void {
    this.#deduplicator.connected();
    this.#assembler.connected(isArriving);
  }

  /** Would nobody keep this part? True for a picture only that no node wants and no event waits for; ask before {@link part}. */
  isUnwantedPicture(part: Part): boolean {
    return !this.#sink.wantsPictures() && !this.#assembler.expectsPart && isPicture(part);
  }

  /** One part of a stream. Answers how many heartbeats were in it. */
  part(part: Part): number {
    const heartbeat = this.#heartbeatCache.recognize(part.body, this.#context);
    if (heartbeat) {
      this.#heartbeat(heartbeat);
      return 1;
    }
    const known = this.#knownAlerts.recognize(part, this.#context);
    if (known ? !this.#wants(known.type, known.channel ?? undefined) : this.#isUnwanted(part)) {
      this.#assembler.ignore();
      return 0;
    }
    if (known) return this.#handle([known.notification()]);
    const notifications = decode(part, this.#context);
    this.#knownAlerts.store(part, notifications);
    const [first] = notifications;
    if (first?.heartbeat === true && notifications.length === 1) this.#heartbeatCache.store(part.body, first);
    if (notifications.length === 0) this.#assembler.picture(part);
    return this.#handle(notifications);
  }

  /** The parts of a body that was read to its end. Answers how many of them were alerts. */
  body(parts: readonly Part[]): number {
    const receivedAt = this.#clock.now();
    const items = parts.map((part) => (isPicture(part) ? { picture: part } : this.#alert(part)));
    const alerts = items.flatMap((item) => ("messages" in item ? item : []));
    const events = items.filter((item) => "picture" in item || item.messages.length > 0);
    const pictures = picturesOfAlerts(events);
    for (const { messages } of events.flatMap((item) => ("messages" in item ? item : []))) {
      const own = pictures.shift() ?? [];
      const wanted = messages.filter((message) => this.#announce(message, receivedAt));
      if (this.#sink.wantsPictures()) this.#assembler.complete(wanted, receivedAt, own);
    }
    return alerts.filter(({ isAlert }) => isAlert).length;
  }

  /** No more parts will come on this connection. */
  flush(): void {
    this.#assembler.flush();
  }

  /** Drops the events that wait for pictures. */
  close(): void {
    this.#assembler.close();
  }

  /** An alert of which it is certain, without reading it, that nobody wants it. */
  #isUnwanted(part: Part): boolean {
    if (!this.#sink.wants) return false;
    const skimmed = skimAlert(part);
    if (skimmed === undefined) return false;
    const { type } = eventType(skimmed.type);
    if (CONCERNS_OTHERS.has(type)) return false;
    const { channels = (sent: number) => sent } = this.#context;
    return !this.#wants(type, skimmed.channel === undefined ? undefined : channels(skimmed.channel));
  }

  #wants(type: string, channel: number | undefined): boolean {
    return this.#sink.wants?.(type, channel) ?? true;
  }

  /** What a part of a body says, without heartbeats. */
  #alert(part: Part): { isAlert: boolean; messages: Notification[]; announced: Notification["announced"] } {
    const notifications = decode(part, this.#context);
    const messages = notifications.filter(({ heartbeat }) => !heartbeat);
    for (const notification of notifications) if (notification.heartbeat) this.#heartbeat(notification);
    return { isAlert: notifications.length > 0, messages, announced: messages[0]?.announced ?? [] };
  }

  /** Answers how many heartbeats were among them. */
  #handle(notifications: readonly Notification[]): number {
    const receivedAt = this.#clock.now();
    let heartbeats = 0;
    for (const notification of notifications) {
      if (notification.heartbeat) {
        heartbeats += 1;
        this.#heartbeat(notification);
      } else if (this.#announce(notification, receivedAt) && this.#sink.wantsPictures()) {
        this.#assembler.notification(notification, receivedAt);
      } else this.#assembler.ignore();
    }
    return heartbeats;
  }

  #heartbeat({ time }: Pick<AlertSummary, "time">): void {
    if (time !== undefined) this.#deduplicator.deviceTime(time);
  }

  /** Tells the sink, before its pictures are there. False: it is known already. */
  #announce(notification: Notification, receivedAt: number): boolean {
    const novelty = this.#deduplicator.classify(notification);
    if (novelty === "known") {
      this.#sink.history?.();
      return false;
    }
    if (novelty === "replayed") notification.replayed = true;
    this.#sink.notification(notification, receivedAt);
    return true;
  }
}

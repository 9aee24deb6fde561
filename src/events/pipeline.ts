/**
 * An event's way from a part to the sink: heartbeat cache or decoder → deduplicator → assembler. One per device; outlives
 * connections.
 */
import type { Clock } from "../lib/clock";
import { Assembler, type FetchPicture } from "./pictures/assembler";
import { decode, type DecodeContext } from "./decode/decode";
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
}

export class EventPipeline {
  readonly #sink: AlertSink;
  readonly #context: DecodeContext;
  readonly #clock: Clock;
  readonly #deduplicator: Deduplicator;
  readonly #heartbeatCache = new HeartbeatCache();
  readonly #assembler: Assembler;

  constructor({ sink, context, clock, fetchPicture }: EventPipelineOptions) {
    this.#sink = sink;
    this.#context = context;
    this.#clock = clock;
    this.#deduplicator = new Deduplicator(clock);
    this.#assembler = new Assembler({
      clock,
      onEvent: (event) => sink.event(event),
      ...(fetchPicture && { fetchPicture }),
    });
  }

  /** A connection has begun: what comes now may be history. */
  connected(): void {
    this.#deduplicator.connected();
  }

  /** One part of a stream. Answers how many heartbeats were in it. */
  part(part: Part): number {
    const heartbeat = this.#heartbeatCache.recognize(part.body, this.#context);
    if (heartbeat) {
      this.#heartbeat(heartbeat);
      return 1;
    }
    const notifications = decode(part, this.#context);
    const [first, ...others] = notifications;
    if (first?.heartbeat === true && others.length === 0) this.#heartbeatCache.store(part.body, first);
    if (notifications.length === 0) this.#assembler.picture(part);
    return this.#handle(notifications, 0);
  }

  /** The parts of a body that is read to its end. Answers how many of them were alerts. */
  body(parts: readonly Part[]): number {
    let alerts = 0;
    let pictures = parts.filter(isPicture).length;
    for (const part of parts) {
      if (isPicture(part)) {
        pictures -= 1;
        this.#assembler.picture(part);
      } else {
        const notifications = decode(part, this.#context);
        if (notifications.length > 0) alerts += 1;
        this.#handle(notifications, pictures);
      }
    }
    this.#assembler.flush();
    return alerts;
  }

  /** No more parts will come on this connection. */
  flush(): void {
    this.#assembler.flush();
  }

  /** Drops the events that wait for pictures. */
  close(): void {
    this.#assembler.close();
  }

  #handle(notifications: readonly Notification[], following: number): number {
    const receivedAt = this.#clock.now();
    let heartbeats = 0;
    for (const notification of notifications) {
      if (notification.heartbeat) {
        heartbeats += 1;
        this.#heartbeat(notification);
      } else this.#deliver(notification, receivedAt, following);
    }
    return heartbeats;
  }

  #heartbeat({ time }: Pick<AlertSummary, "time">): void {
    if (time !== undefined) this.#deduplicator.deviceTime(time);
  }

  #deliver(notification: Notification, receivedAt: number, following: number): void {
    const novelty = this.#deduplicator.classify(notification);
    if (novelty === "known") return;
    if (novelty === "replayed") notification.replayed = true;
    this.#sink.notification(notification, receivedAt);
    if (this.#sink.wantsPictures()) this.#assembler.notification(notification, receivedAt, following);
  }
}

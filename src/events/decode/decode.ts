/**
 * Turns a part of the alert stream, or of a push body, into notifications. Tolerant of missing, empty, misspelt and re-ordered
 * elements; what it does not know stays in `raw`. Never throws.
 */
import { readAnnouncedPictures } from "./announced-pictures";
import { readChannel, type ChannelMap } from "./alert-channel";
import { readDetails, type MessageDetails } from "./details";
import { deviceTimestamp, type MinutesAt } from "./timestamp";
import { readAlerts } from "./documents";
import { eventType, isKnownEventType } from "../event-types";
import type { Fields } from "./fields";
import { isHeartbeat, type VideoLosses } from "./heartbeat";
import type { ConfidenceScale } from "./confidence-scale";
import { copyNotification } from "../notification";
import type { Notification } from "../types";
import type { Part } from "../../multipart/part-reader";
import { readPorts } from "./ports";
import { readRegions } from "./regions";
import { walkAlert } from "./alert-walk";

/** What is known of the device beside its alerts. One per device; functions, because more becomes known later. */
export interface DecodeContext {
  /** Which video losses are open: tells their end from a heartbeat. Outlives a connection. */
  readonly videoLosses: VideoLosses;
  /** The device's offset from UTC, for stamps without one. Default: that of this machine. */
  readonly minutesAt?: MinutesAt;
  /** For recorders that number IP cameras from 33. Default: as sent. */
  readonly channels?: ChannelMap;
  /** The name that the device gives a channel, for alerts that do not say it. */
  readonly channelName?: (channel: number) => string | undefined;
  /** How the device writes confidences. Outlives a connection. Default: 0…100. */
  readonly confidences?: ConfidenceScale;
}

/** Messages of one alert: no device is known to send more targets or plates at once. */
const MAX_MESSAGES = 32;
/** Each message has a copy of the whole alert: so many bytes of alerts in all. */
const MAX_COPIED_BYTES = 2 << 20;
/** A longer name is no type; of what claims to be one, this much is kept. */
const MAX_TYPE_LENGTH = 100;

/** In the order sent, heartbeats among them; none when the part is no alert. */
export function decode(part: Part, context: DecodeContext): Notification[] {
  try {
    const alerts = readAlerts(part);
    const [alert] = alerts;
    if (alert && alerts.length === 1) return notificationsOf(alert, part, context);
    return alerts.flatMap((one) => notificationsOf(one, part, context));
  } catch {
    return []; // no alert of the corpus, nor random bytes, come here; a bug must not take the stream down
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Built property by property: spreading what may be missing takes longer than reading the alert. */
function notificationsOf(alert: Fields, part: Part, context: DecodeContext): Notification[] {
  const sentType = (alert.word("eventtype") ?? typeByContent(alert, part))?.slice(0, MAX_TYPE_LENGTH);
  if (sentType === undefined) return [];
  const { type, label, lasts } = eventType(sentType);
  const raw = alert.node;
  const walked = walkAlert(raw);
  const details = readDetails(alert);
  const channel = readChannel(alert, context.channels);
  const channelName = alert.text("channelname") ?? (channel === null ? undefined : context.channelName?.(channel));
  const time = deviceTimestamp(alert.text("datetime", "triggertime", "time"), context.minutesAt);
  const count = alert.number("activepostcount");
  const description = alert.text("eventdescription");
  const continues = type === "duration" ? relatedEvent(alert) : undefined;
  const shared: Mutable<Notification> = {
    type,
    active: !ENDED.test(alert.word("eventstate") ?? ""),
    channel,
    label,
    targets: walked.targets,
    regions: readRegions(alert, walked.regions),
    raw,
    heartbeat: false,
    reports: !lasts || details.reports,
    retransmitted: alert.flag("isdataretransmission") ?? false,
    announced: readAnnouncedPictures(alert, walked),
  };
  if (count !== undefined) shared.count = count;
  if (description !== undefined) shared.description = description;
  if (time !== undefined) shared.time = time;
  if (channelName !== undefined) shared.channelName = channelName;
  readPorts(alert, shared);
  if (details.shared) Object.assign(shared, details.shared);
  if (continues !== undefined) shared.continues = continues;
  if (walked.current !== undefined) shared.current = walked.current;
  if (walked.subtype !== "") shared.subtype = walked.subtype;
  shared.heartbeat = isHeartbeat(shared, context.videoLosses);
  if (details.separate.length === 0) return [shared];
  const most = Math.max(1, Math.min(MAX_MESSAGES, Math.floor(MAX_COPIED_BYTES / part.body.length)));
  const messages = messagesOf(shared, details.separate.slice(0, most));
  for (const message of messages) {
    if (message.anpr && context.confidences) message.anpr = context.confidences.inPercent(message.anpr);
  }
  return messages;
}

/** Siblings share nothing but `announced`, by which their pictures find all of them. */
function messagesOf(shared: Notification, separate: readonly MessageDetails[]): Notification[] {
  return separate.map((details, index) => {
    const own = index === 0 ? shared : { ...copyNotification(shared), announced: shared.announced };
    return { ...own, ...details };
  });
}

const ENDED = /^(?:inactive|stop|stopped|end|ended|off|false|0)$/i;

/** Of an alert without eventType: by the name of its part (push), or by what is in it. */
function typeByContent(alert: Fields, part: Part): string | undefined {
  const partName = /\bname="?([^";]+)/i.exec(part.headers["content-disposition"] ?? "")?.[1]?.trim();
  if (partName !== undefined && isKnownEventType(partName)) return partName;
  for (const name of alert.names()) if (name.length > 2 && isKnownEventType(name)) return name;
  return alert.isEmpty ? undefined : "other";
}

/** `DurationList/Duration/relationEvent`: may be absent; then it is not known what goes on. */
function relatedEvent(alert: Fields): string | undefined {
  const durations = alert.in("durationlist").all("duration");
  const related = [...durations, alert]
    .map((holder) => holder.word("relationevent"))
    .find((name) => name !== undefined);
  return related === undefined ? undefined : eventType(related).type;
}

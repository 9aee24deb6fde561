/**
 * A part of the alert stream, or of a push body → what happened. Tolerant of missing, empty, misspelt and re-ordered
 * elements; what it does not know stays in `raw`. Never throws. Pictures and states come later.
 */
import { readAnnouncedPictures } from "./announced-pictures";
import { readPlates } from "./anpr";
import { readChannel, type ChannelMap } from "./alert-channel";
import { readCounting } from "./counting";
import { readDensity } from "./density";
import { deviceTimestamp, type MinutesAt } from "./timestamp";
import { readAlerts, type Alert } from "./documents";
import { eventType, isKnownEventType } from "../event-types";
import { Fields } from "./fields";
import { isHeartbeat, type VideoLosses } from "./heartbeat";
import { copyNotification, type Density, type Notification, type PlateReading, type Region } from "../notification";
import type { Part } from "../../multipart/part-reader";
import { readPorts } from "./ports";
import { readRegions } from "./regions";
import { walkAlert } from "./alert-walk";

/** What is known of the device beside its alerts. One per device; functions, because knowledge grows. */
export interface DecodeContext {
  /** Which video losses are open: tells their end from a heartbeat. Outlives a connection. */
  readonly videoLosses: VideoLosses;
  /** The device's clock, for stamps without an offset. Default: the zone of this machine. */
  readonly zone?: MinutesAt;
  /** For recorders that number IP cameras from 33. Default: as sent. */
  readonly channels?: ChannelMap;
  /** The name that the device gives a channel, for alerts that do not say it. */
  readonly channelName?: (channel: number) => string | undefined;
}

/** In the order sent, heartbeats among them; none when the part is no alert. */
export function decode(part: Part, context: DecodeContext): Notification[] {
  try {
    return readAlerts(part).flatMap((alert) => notificationsOf(alert, part, context));
  } catch {
    return []; // no alert of the corpus, nor random bytes, come here; a bug must not take the stream down
  }
}

function notificationsOf(raw: Alert, part: Part, context: DecodeContext): Notification[] {
  const alert = new Fields(raw);
  const sentType = alert.word("eventtype") ?? typeByContent(alert, part);
  if (sentType === undefined) return [];
  const { type, label, lasts } = eventType(sentType);
  const survey = walkAlert(raw);
  const plates = readPlates(alert);
  const densities = readDensity(alert);
  const counting = readCounting(alert);
  const regions = readRegions(alert, survey.regions);
  const channel = readChannel(alert, context.channels);
  const channelName = alert.text("channelname") ?? (channel === null ? undefined : context.channelName?.(channel));
  const time = deviceTimestamp(alert.text("datetime", "triggertime", "time"), context.zone);
  const count = alert.number("activepostcount");
  const description = alert.text("eventdescription");
  const active = !ENDED.test(alert.word("eventstate") ?? "");
  const sign = {
    type,
    active,
    channel,
    ...(count !== undefined && { count }),
    ...(description !== undefined && { description }),
    ...(time !== undefined && { time }),
  };
  const continues = type === "duration" ? relationOf(alert) : undefined;
  const shared: Notification = {
    ...sign,
    label,
    ...(channelName !== undefined && { channelName }),
    targets: survey.targets,
    regions,
    ...readPorts(alert),
    ...(counting && { counting }),
    raw,
    heartbeat: isHeartbeat(sign, context.videoLosses),
    reports: !lasts || plates.length > 0 || densities.length > 0 || counting !== undefined,
    ...(continues !== undefined && { continues }),
    ...(survey.current !== undefined && { current: survey.current }),
    retransmitted: alert.flag("isdataretransmission") ?? false,
    announced: readAnnouncedPictures(alert, survey.pictures),
  };
  return separate(shared, [
    ...plates.map((anpr) => ({ anpr })),
    ...densities.map(({ density, region }) => ({ density, regions: region ? [region] : regions })),
  ]);
}

/** What a message of its own differs by from its siblings in one alert. */
interface Difference {
  readonly anpr?: PlateReading;
  readonly density?: Density;
  readonly regions?: Region[];
}

/** One notification per plate and density target. Siblings share nothing but `announced`, by which their pictures find all of them. */
function separate(shared: Notification, differences: readonly Difference[]): Notification[] {
  if (differences.length === 0) return [shared];
  return differences.map((difference, index) => {
    const own = index === 0 ? shared : { ...copyNotification(shared), announced: shared.announced };
    return { ...own, ...difference };
  });
}

const ENDED = /^(?:inactive|stop|stopped|end|ended|off|false|0)$/i;

/** An alert without a type still tells it: by the name of its part (push), or by what is in it. */
function typeByContent(alert: Fields, part: Part): string | undefined {
  const partName = /\bname="?([^";]+)/i.exec(part.headers["content-disposition"] ?? "")?.[1]?.trim();
  if (partName !== undefined && isKnownEventType(partName)) return partName;
  for (const name of alert.names()) if (name.length > 2 && isKnownEventType(name)) return name;
  return alert.isEmpty ? undefined : "other";
}

/** `DurationList/Duration/relationEvent`: may be absent, and then nobody knows what goes on. */
function relationOf(alert: Fields): string | undefined {
  const durations = alert.in("durationlist").all("duration");
  const related = [...durations, alert]
    .map((holder) => holder.word("relationevent"))
    .find((name) => name !== undefined);
  return related === undefined ? undefined : eventType(related).type;
}

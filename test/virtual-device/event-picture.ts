/** Pictures that travel with an alert: as parts of the stream, or as addresses to fetch them from. */
import type { AlertSource } from "./alert-xml";
import { leaf } from "./xml";
import type { Part } from "./wire";

export interface EventPicture {
  /** Content-Disposition's name, e.g. "lineCrossImage", "licensePlatePicture.jpg". */
  readonly name: string;
  readonly data: Buffer;
  readonly filename?: string;
  /** Some firmware says application/octet-stream, or image/pjpeg. Default image/jpeg. */
  readonly contentType?: string;
  readonly contentId?: string;
}

export interface PictureFields {
  /** Sent as parts behind the alert. */
  readonly pictures?: readonly EventPicture[];
  /** detectionPicturesNumber as announced; default: as many as there are. */
  readonly announced?: number;
  /** bkgUrl; starting with "/": at this device. */
  readonly pictureUrl?: string;
  /** URLCertificationType; default digest. */
  readonly urlCertification?: "digest" | "none";
}

export function pictureLeaves(source: AlertSource, fields: PictureFields): string {
  if (fields.pictureUrl !== undefined) {
    return (
      leaf("detectionPictureTransType", "url") +
      leaf("detectionPicturesNumber", fields.announced ?? 1) +
      leaf("bkgUrl", absolute(source, fields.pictureUrl)) +
      leaf("URLCertificationType", fields.urlCertification ?? "digest")
    );
  }
  const count = fields.announced ?? fields.pictures?.length ?? 0;
  if (count === 0) return "";
  return leaf("detectionPictureTransType", "binary") + leaf("detectionPicturesNumber", count);
}

export function pictureParts(pictures: readonly EventPicture[] = []): Part[] {
  return pictures.map(({ name, filename, contentType, contentId, data }) => ({
    contentType: contentType ?? "image/jpeg",
    headers: [
      ["Content-Disposition", `form-data; name="${name}"; filename="${filename ?? name}"`],
      ...(contentId === undefined ? [] : ([["Content-ID", contentId]] as const)),
    ],
    body: data,
  }));
}

/** The camera's view at that moment. */
export function eventScene(
  source: AlertSource,
  name: string,
  options: { channel: number; stamp: string; target?: string },
): EventPicture {
  const target = options.target === "vehicle" || options.target === "human" ? options.target : undefined;
  const data = source.pictures.scene({
    width: 480,
    height: 270,
    channel: options.channel,
    channelName: channelName(source, options.channel),
    stamp: options.stamp,
    ...(target && { target }),
  });
  return { name, filename: `${name}.jpg`, data };
}

/** On the vehicle, near the middle of the scene. */
const CLOSE_UP = { pan: 0, tilt: -2.5, zoom: 1.7 };

/** Plate, vehicle and whole scene, under the names that ANPR cameras use. */
export function eventPlatePictures(
  source: AlertSource,
  options: { channel: number; stamp: string; plate: string; vehicleColor?: string },
): EventPicture[] {
  const { channel, stamp, vehicleColor } = options;
  // ANPR cameras report an unread plate as "unknown".
  const plate = options.plate === "unknown" ? "" : options.plate;
  const scene = {
    channel,
    stamp,
    channelName: channelName(source, channel),
    plate,
    target: "vehicle",
    ...(vehicleColor !== undefined && { vehicleColor }),
  } as const;
  return [
    { name: "licensePlatePicture.jpg", data: source.pictures.plate(plate) },
    { name: "vehiclePicture.jpg", data: source.pictures.scene({ ...scene, width: 320, height: 180, view: CLOSE_UP }) },
    { name: "detectionPicture.jpg", data: source.pictures.scene({ ...scene, width: 640, height: 360 }) },
  ];
}

function channelName({ profile }: AlertSource, channel: number): string {
  return profile.channels.find(({ number }) => number === channel)?.name ?? "";
}

function absolute(source: AlertSource, url: string): string {
  return url.startsWith("/") ? `${source.secure ? "https" : "http"}://${source.host}:${source.port}${url}` : url;
}

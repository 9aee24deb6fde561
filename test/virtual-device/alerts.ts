/** Alerts a device can send, ready for `device.emit`. Shapes follow captures of real devices; the texts are our own. */
import { alertParts, type Alert, type AlertFields } from "./alert-xml";
import { element, leaf } from "./xml";
import type { Part } from "./wire";

export type { Alert, AlertFields, AlertSource } from "./alert-xml";
export type { EventPicture } from "./event-picture";
export * from "./smart-alerts";

/** Motion. Newer cameras name what moved: targetType "human", "vehicle", or both with a comma. */
export function motion(fields: AlertFields & { readonly targets?: readonly string[] } = {}): Alert {
  const inner = fields.targets ? leaf("targetType", fields.targets.join(",")) : "";
  return (source) => alertParts(source, "VMD", fields, "Motion alarm", inner);
}

/** A covered or turned camera. */
export function tampering(fields: AlertFields = {}): Alert {
  return (source) => alertParts(source, "shelteralarm", fields, "shelteralarm alarm");
}

/** A real loss of video: like a heartbeat, but active, or with a count. */
export function videoLoss(fields: AlertFields = {}): Alert {
  return (source) => alertParts(source, "videoloss", fields, "videoloss alarm");
}

/** An alarm input. `port` counts from 1; an NVR's remote inputs are e.g. 901. */
export function alarmInput(fields: AlertFields & { readonly port: number }): Alert {
  const tag = fields.port > 100 ? "dynInputIOPortID" : "inputIOPortID";
  return (source) => alertParts(source, "IO", fields, "IO alarm", leaf(tag, fields.port));
}

/** Something is wrong with the device itself: "diskfull", "diskerror", "illaccess", "ipconflict", "nicbroken" … */
export function deviceException(type: string, fields: AlertFields & { readonly disk?: number } = {}): Alert {
  const { disk } = fields;
  const inner =
    disk === undefined ? "" : element("HDDList", element("HDD", leaf("id", disk) + leaf("diskNumber", disk)));
  return (source) => alertParts(source, type, { channel: null, ...fields }, `${type} alarm`, inner);
}

/** "That event is still going on." `relationEvent` undefined: the list is there, and empty. */
export function duration(relationEvent: string | undefined, fields: AlertFields = {}): Alert {
  const entry = element("Duration", relationEvent === undefined ? "" : leaf("relationEvent", relationEvent));
  return (source) => alertParts(source, "duration", fields, "duration alarm", element("DurationList", entry));
}

/** An event that has nothing but its type. */
export function plain(type: string, fields: AlertFields = {}): Alert {
  return (source) => alertParts(source, type, fields, `${type} alarm`);
}

/** Several alerts as one emission, written in one go. */
export function together(...alerts: readonly Alert[]): Alert {
  return (source) => alerts.flatMap((alert) => alert(source));
}

/** The same alert with its text changed: an element emptied, misspelt, moved. */
export function altered(alert: Alert, change: (text: string) => string): Alert {
  return (source) =>
    alert(source).map((part) => (typeof part.body === "string" ? { ...part, body: change(part.body) } : part));
}

/** Finished parts, for what no builder makes. */
export function parts(...list: readonly Part[]): Alert {
  return () => list;
}

export type HeartbeatShape = "videoloss" | "empty" | "doorbell" | "heartBeat";

/** The sign of life. "videoloss": cameras, recorders; "empty": an NVR that names no channel; "doorbell": intercoms. */
export function heartbeat(shape: HeartbeatShape = "videoloss"): Alert {
  return (source) => {
    switch (shape) {
      case "videoloss":
        return alertParts(source, "videoloss", { count: 0, state: "inactive", channelName: "" }, "videoloss alarm");
      case "empty":
        return alertParts(source, "videoloss", { count: 0, state: "inactive", channel: null }, "videoloss alarm");
      case "doorbell":
        return altered(plain("other", { count: 0, state: "inactive", description: "Heartbeat" }), (text) =>
          text.replace(/<(channelID|channelName)>.*\n/g, ""),
        )(source);
      case "heartBeat":
        return alertParts(source, "heartBeat", { count: 0, state: "active", channelName: "" }, "heartBeat");
    }
  };
}

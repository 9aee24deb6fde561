/** ResponseStatus: how a Hikvision device says that it did, or did not, do something. */
import { PROLOG, element, leaf } from "./xml";

interface Meaning {
  readonly http: number;
  readonly code: number;
  readonly text: string;
}

const invalidOperation = { http: 403, code: 4, text: "Invalid Operation" };
const invalidContent = { http: 400, code: 6, text: "Invalid Content" };
const busy = { http: 503, code: 2, text: "Device Busy" };

/** subStatusCode → what goes with it. The pairs are those seen on devices: 403/4, 400/6, 503/2, 500/3. */
const MEANINGS = {
  ok: { http: 200, code: 1, text: "OK" },
  rebootRequired: { http: 200, code: 7, text: "Reboot Required" },
  deviceBusy: busy,
  deployExceedMax: busy,
  serviceUnavailable: busy,
  deviceError: { http: 500, code: 3, text: "Device Error" },
  notSupport: invalidOperation,
  invalidOperation,
  audioIsPlayingPleaseWait: invalidOperation,
  methodNotAllowed: invalidOperation,
  lowPrivilege: invalidOperation,
  overLimit: invalidOperation,
  notActivated: invalidOperation,
  badXmlFormat: { http: 400, code: 5, text: "Invalid XML Format" },
  badXmlContent: invalidContent,
  badParameters: invalidContent,
  MessageParametersLack: invalidContent,
} as const satisfies Record<string, Meaning>;

export type SubStatus = keyof typeof MEANINGS;

export interface StatusReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `json` for requests that asked with ?format=json. */
export function statusReply(sub: SubStatus, requestUrl: string, json = false): StatusReply {
  const { http, code, text } = MEANINGS[sub];
  if (json) {
    const body = { requestURL: requestUrl, statusCode: code, statusString: text, subStatusCode: sub };
    return { status: http, contentType: "application/json", body: JSON.stringify(body, null, "\t") };
  }
  const inner =
    leaf("requestURL", requestUrl) + leaf("statusCode", code) + leaf("statusString", text) + leaf("subStatusCode", sub);
  const attributes = 'version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"';
  return {
    status: http,
    contentType: "application/xml",
    body: PROLOG + element("ResponseStatus", inner, attributes),
  };
}

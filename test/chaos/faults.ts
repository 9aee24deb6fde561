/** The rows of the fault matrix: what goes wrong between a node and its device, and at which moment. */

/** What the proxy does to the connection from that moment on. */
export type Act =
  | "refused"
  | "reset"
  | "end"
  | "silence"
  | "drip"
  | "junk"
  | "oversized"
  | "longer than announced"
  | "shorter than announced";

export interface Reply {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Fault =
  | { readonly moment: "connect" | "before headers" | "in headers" | "in body" | "after"; readonly act: Act }
  /** Another answer than the device's. */
  | { readonly moment: "answer"; readonly name: string; readonly reply: Reply | string }
  /** The right answer, its type replaced. */
  | { readonly moment: "wrong type"; readonly type: string }
  | { readonly moment: "reboot"; readonly changed: "nonce" | "clock" | "address" };

const TRANSPORT: readonly (readonly [Extract<Fault, { act: Act }>["moment"], readonly Act[]])[] = [
  ["connect", ["refused", "reset", "end", "silence", "junk", "drip"]],
  ["before headers", ["reset", "end", "silence", "junk", "drip"]],
  ["in headers", ["reset", "end", "silence", "junk", "drip", "oversized"]],
  [
    "in body",
    ["reset", "end", "silence", "junk", "drip", "oversized", "longer than announced", "shorter than announced"],
  ],
  ["after", ["reset", "end", "silence", "junk"]],
];

const HTML = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Error &nbsp;</h1><br></body></html>";

function responseStatus(code: number, text: string, sub: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ResponseStatus version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">' +
    `<requestURL>/</requestURL><statusCode>${code}</statusCode><statusString>${text}</statusString>` +
    `<subStatusCode>${sub}</subStatusCode></ResponseStatus>`
  );
}

const xml = (status: number, code: number, text: string, sub: string): Reply => ({
  status,
  type: "application/xml",
  body: responseStatus(code, text, sub),
});

/** Answers by name. A text is sent as it is. */
const ANSWERS: Readonly<Record<string, Reply | string>> = {
  "401 bare": { status: 401 },
  "401 with body": xml(401, 4, "Invalid Operation", "notSupport"),
  "403 bare": { status: 403 },
  "403 with body": xml(403, 4, "Invalid Operation", "lowPrivilege"),
  "404 bare": { status: 404 },
  "404 with body": { status: 404, type: "text/html", body: HTML },
  "500 bare": { status: 500 },
  "500 with body": xml(500, 3, "Device Error", "deviceError"),
  "503 bare": { status: 503 },
  "503 with body": xml(503, 2, "Device Busy", "deviceBusy"),
  "slots gone": xml(503, 2, "Device Busy", "maxConnectNum"),
  redirect: { status: 302, headers: { Location: "http://192.0.2.1/elsewhere" }, type: "text/html", body: HTML },
  HTML: { status: 200, type: "text/html", body: HTML },
  "empty 200": { status: 200 },
  "200 of zeros": { status: 200, type: "application/octet-stream", body: "\0".repeat(500) },
  "malformed status line": "HTTP/one.one OK yes\r\nContent-Length: 0\r\n\r\n",
  "malformed header": "HTTP/1.1 200 OK\r\nContent-Length: twelve\r\nno colon here\r\n\r\n",
  "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
};

export const FAULTS: readonly Fault[] = [
  ...TRANSPORT.flatMap(([moment, acts]) => acts.map((act) => ({ moment, act }))),
  ...Object.entries(ANSWERS).map(([name, reply]) => ({ moment: "answer", name, reply }) as const),
  { moment: "wrong type", type: "video/quicktime" },
  { moment: "reboot", changed: "nonce" },
  { moment: "reboot", changed: "clock" },
  { moment: "reboot", changed: "address" },
];

export function nameOf(fault: Fault): string {
  switch (fault.moment) {
    case "answer":
      return fault.name;
    case "wrong type":
      return "wrong type";
    case "reboot":
      return `reboot, ${fault.changed} changed`;
    default:
      return `${fault.moment}: ${fault.act}`;
  }
}

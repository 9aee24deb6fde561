/** The ways in which devices put alerts on the wire: one alert alone becomes a stream in each of them. */
import type { Payload } from "./captures";

export interface Dialect {
  readonly name: string;
  /** Content-Type of the response or request. */
  readonly contentType: string;
  readonly stream: (alerts: readonly Payload[]) => Buffer;
}

const CRLF = "\r\n";

interface Frame {
  readonly before?: string;
  readonly boundary?: string;
  readonly newline?: string;
  readonly headers?: (alert: Payload, index: number) => readonly string[];
  /** Line end that belongs to the body, counted in its length. */
  readonly tail?: string;
  /** Line end between body and delimiter, not counted. */
  readonly gap?: string;
  /** undefined: no Content-Length. */
  readonly length?: ((bytes: number) => number) | undefined;
  readonly close?: string;
}

const mime = ({ kind }: Payload): string =>
  kind === "xml" ? 'application/xml; charset="UTF-8"' : 'application/json; charset="UTF-8"';

function framed(frame: Frame): Dialect["stream"] {
  const { before = "", boundary = "boundary", newline = CRLF, tail = "", gap = "", close = "" } = frame;
  const length = "length" in frame ? frame.length : (bytes: number): number => bytes;
  return (alerts) => {
    const parts = alerts.map((alert, index) => {
      const body = Buffer.concat([alert.bytes, Buffer.from(tail)]);
      const headers = frame.headers?.(alert, index) ?? [`Content-Type: ${mime(alert)}`];
      const lengthLine = length ? [`Content-Length: ${length(body.length)}`] : [];
      const head = [`--${boundary}`, ...headers, ...lengthLine, "", ""].join(newline);
      return Buffer.concat([Buffer.from(head), body, Buffer.from(gap)]);
    });
    return Buffer.concat([Buffer.from(before), ...parts, Buffer.from(close)]);
  };
}

const mixed = (boundary: string): string => `multipart/mixed; boundary=${boundary}`;

export const DIALECTS: readonly Dialect[] = [
  { name: "camera: length includes the line end", contentType: mixed("boundary"), stream: framed({ tail: CRLF }) },
  { name: "recorder: LF only", contentType: mixed("boundary"), stream: framed({ newline: "\n", tail: "\n" }) },
  { name: "line end outside the length", contentType: mixed("boundary"), stream: framed({ gap: CRLF }) },
  { name: "no line end before the delimiter", contentType: mixed("boundary"), stream: framed({}) },
  { name: "no length", contentType: mixed("boundary"), stream: framed({ gap: CRLF, length: undefined }) },
  { name: "length too short", contentType: mixed("boundary"), stream: framed({ gap: CRLF, length: (n) => n - 20 }) },
  { name: "length too long", contentType: mixed("boundary"), stream: framed({ gap: CRLF, length: (n) => n + 40 }) },
  { name: "announced another token", contentType: mixed("<frontier>"), stream: framed({ tail: CRLF }) },
  {
    name: "intercom: MIME_boundary, called JSON",
    contentType: mixed("MIME_boundary"),
    stream: framed({
      boundary: "MIME_boundary",
      gap: CRLF,
      headers: () => ['Content-Type: application/json; charset="UTF-8"'],
    }),
  },
  {
    name: "push: form-data",
    contentType: "multipart/form-data; boundary=boundary",
    stream: framed({
      gap: CRLF,
      headers: (alert, index) => [
        `Content-Disposition: form-data; name="part${index}"`,
        `Content-Type: ${mime(alert)}`,
      ],
      close: `--boundary--${CRLF}`,
    }),
  },
  {
    name: "closing delimiter in mid-stream",
    contentType: mixed("boundary"),
    stream: (alerts) =>
      Buffer.concat(alerts.map((alert) => framed({ gap: CRLF, close: `--boundary--${CRLF}` })([alert]))),
  },
  {
    name: "stray line in front",
    contentType: mixed("boundary"),
    stream: framed({ before: `Content-Length: 314${CRLF}${CRLF}`, gap: CRLF }),
  },
  {
    name: "several in one part",
    contentType: mixed("boundary"),
    stream: (alerts) => {
      const bodies = Buffer.concat(alerts.flatMap(({ bytes }) => [bytes, Buffer.from(CRLF)]));
      return Buffer.concat([
        Buffer.from(
          `--boundary${CRLF}Content-Type: application/xml${CRLF}Content-Length: ${bodies.length}${CRLF}${CRLF}`,
        ),
        bodies,
      ]);
    },
  },
];

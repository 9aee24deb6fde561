/** Changes good input at random, again in the same way from the same seed. */

export type Random = () => number;

/** mulberry32: in [0, 1). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What has a meaning to some reader, so that it stands in every wrong place once. */
const WORDS = [
  "\r\n--boundary\r\n",
  "--boundary--",
  "\r\n\r\n",
  "\n\n",
  "Content-Length: 99999999999\r\n",
  "Content-Length: -1\r\n",
  "Content-Type: image/jpeg\r\n",
  "<EventNotificationAlert>",
  "</EventNotificationAlert>",
  "<channelID>",
  "<![CDATA[",
  "]]>",
  "<!--",
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  "&b;&#0;&#x110000;",
  "__proto__",
  "constructor",
  "toString",
  '{"',
  "}",
  "[[[[",
  "null",
  "1e999",
  "-0",
  "NaN",
  "2026-02-30T25:61:61Z",
  "T00:00:00+99:99",
  'nonce="',
  "\\",
  '"',
  ",",
  "=",
  "Digest ",
  "Basic ",
  "algorithm=SHA-256",
  "stale=true",
  "DST",
  ",M13.6.7/25",
  "\0",
  "\ufeff",
  "\ud800",
  "%00%zz",
  "../../",
  "rtsp://",
  "?starttime=",
].map((word) => Buffer.from(word));

/** Between one and six changes. `others`: what pieces may be taken from. */
export function mutate(seed: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let data = seed;
  for (let changes = 1 + below(6, random); changes > 0; changes--) data = change(data, others, random);
  return data;
}

function change(data: Buffer, others: readonly Buffer[], random: Random): Buffer {
  const at = below(data.length + 1, random);
  const length = below(Math.min(64, data.length - at) + 1, random);
  const without = (piece: Buffer): Buffer => Buffer.concat([data.subarray(0, at), piece, data.subarray(at + length)]);
  const inserted = (piece: Buffer): Buffer => Buffer.concat([data.subarray(0, at), piece, data.subarray(at)]);
  switch (below(9, random)) {
    case 0: {
      const copy = Buffer.from(data);
      if (copy.length > 0) copy[at % copy.length] = below(256, random);
      return copy;
    }
    case 1:
      return without(Buffer.alloc(0));
    case 2:
      return inserted(data.subarray(at, at + length));
    case 3:
    case 4:
      return inserted(WORDS[below(WORDS.length, random)] ?? data);
    case 5:
      return data.subarray(0, at);
    case 6: {
      const other = others[below(others.length, random)] ?? data;
      const from = below(other.length + 1, random);
      return inserted(other.subarray(from, from + below(200, random)));
    }
    case 7:
      return inserted(Buffer.alloc(below(600, random), "0123456789<a \n-,:".charCodeAt(below(17, random))));
    default:
      return without(Buffer.from(Array.from({ length: below(8, random) }, () => below(256, random))));
  }
}

function below(count: number, random: Random): number {
  return Math.floor(random() * count);
}

/** What a PTZ request must be: exactly these elements in this order, numbers in their ranges, or nothing at all. */
import type { Exchange } from "../exchange";

/** Texts of the leaves, if the document has exactly these, in this order; else it answers as devices do. */
export function leaves(exchange: Exchange, ...names: readonly string[]): readonly string[] | undefined {
  const root = names[0]?.split("/")[0] ?? "";
  const body = exchange.xmlBody(root);
  if (body === undefined) return undefined;
  if (!body.startsWith("<?xml ")) {
    exchange.status("badXmlFormat");
    return undefined;
  }
  const path: string[] = [];
  const found: string[] = [];
  const values: string[] = [];
  for (const [, closing, name = "", text = ""] of body
    .replace(/<\?.*?\?>/, "")
    .matchAll(/<(\/?)([\w]+)[^>]*>([^<]*)/g)) {
    if (closing) path.pop();
    else path.push(name);
    if (!closing && text.trim() !== "") {
      found.push(path.join("/"));
      values.push(text.trim());
    }
  }
  if (found.join() === names.join()) return values;
  exchange.status("badXmlContent");
  return undefined;
}

/** The same as whole numbers within their ranges. */
export function numbers(exchange: Exchange, fields: Readonly<Record<string, readonly [min: number, max: number]>>) {
  const texts = leaves(exchange, ...Object.keys(fields));
  if (!texts) return undefined;
  const ranges = Object.values(fields);
  const fits = texts.every((text, i) => {
    const [min, max] = ranges[i] ?? [0, 0];
    return /^-?\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
  });
  if (fits) return texts.map(Number);
  exchange.status("badParameters");
  return undefined;
}

export function isEmpty(exchange: Exchange): boolean {
  if (exchange.body.length === 0 && exchange.request.headers["content-length"] === "0") return true;
  exchange.status("badXmlContent");
  return false;
}

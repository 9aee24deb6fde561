/** The addresses to SETUP and PLAY: what devices write as `a=control`, made whole. Always on the server that is connected. */

/** Base of a session: Content-Base, else Content-Location, else the address that was described; moved to `origin`. */
export function baseUrl(origin: string, described: string, contentBase: string | undefined): string {
  return contentBase === undefined || contentBase === "" ? described : onOrigin(origin, contentBase, described);
}

/** Of the session as a whole: "" and "*" mean the base. */
export function sessionUrl(origin: string, base: string, control: string): string {
  return control === "" || control === "*" ? base : controlUrl(origin, base, control);
}

/** Relative ones are appended, as all players do it, whatever stands behind a question mark. */
export function controlUrl(origin: string, base: string, control: string): string {
  if (control === "" || control === "*") return base;
  if (/^rtsps?:\/\//i.test(control)) return onOrigin(origin, control, base);
  if (control.startsWith("/")) return origin + control;
  return `${base}${base.endsWith("/") ? "" : "/"}${control}`;
}

/** A second way to read a relative one: as part of the path, with the query behind it. Undefined: there is none. */
export function controlUrlInPath(base: string, control: string): string | undefined {
  const question = base.indexOf("?");
  if (question < 0 || control === "" || control === "*" || /^(rtsps?:\/\/|\/)/i.test(control)) return undefined;
  const path = base.slice(0, question);
  return `${path}${path.endsWith("/") ? "" : "/"}${control}${base.slice(question)}`;
}

/** Devices give themselves addresses that only their own network knows. */
function onOrigin(origin: string, url: string, fallback: string): string {
  const path = /^rtsps?:\/\/[^/\s]+(\/[^\s]*)?$/i.exec(url.trim())?.[1];
  if (path !== undefined) return origin + path;
  return url.startsWith("/") && !/\s/.test(url) ? origin + url : fallback;
}

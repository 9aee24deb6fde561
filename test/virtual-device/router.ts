/** Paths to handlers. Services list their routes; the device finds the one for a request. */
import type { Exchange } from "./exchange";

export type Method = "GET" | "PUT" | "POST" | "DELETE";
export type Handler = (exchange: Exchange) => void | Promise<void>;

export interface Route {
  readonly method: Method;
  /** ":name" stands for one segment. */
  readonly pattern: string;
  readonly handler: Handler;
}

export function route(method: Method, pattern: string, handler: Handler): Route {
  return { method, pattern, handler };
}

export interface Found {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly segments: readonly string[];
  readonly route: Route;
}

export class Router {
  readonly #bySize = new Map<number, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const entry of routes) {
      const segments = entry.pattern.split("/");
      const same = this.#bySize.get(segments.length) ?? [];
      same.push({ segments, route: entry });
      this.#bySize.set(segments.length, same);
    }
  }

  /** "otherMethod": the path is known, but not for this method. */
  find(method: string, path: string): Found | "otherMethod" | undefined {
    const parts = path.split("/");
    let known = false;
    for (const { segments, route: candidate } of this.#bySize.get(parts.length) ?? []) {
      const params = match(segments, parts);
      if (!params) continue;
      known = true;
      if (candidate.method === method) return { handler: candidate.handler, params };
    }
    return known ? "otherMethod" : undefined;
  }
}

function match(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i] ?? "";
    if (segment.startsWith(":")) params[segment.slice(1)] = decodeURIComponent(part);
    else if (segment !== part) return undefined;
  }
  return params;
}

/** The captures of a folder as lines for a terminal. */
import type { Result } from "./check";

export function table(results: readonly Result[], nameOf: (file: string) => string): string {
  const rows = results.map((result) => [
    result.complaints.size === 0 ? "ok" : "FAILED",
    String(result.alerts),
    String(result.heartbeats),
    String(result.cutOff),
    nameOf(result.file),
  ]);
  const head = ["", "alerts", "heartbeats", "cut off", "file"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  const lines = rows.flatMap((row, i) => [line(row), ...complaintsOf(results[i])]);
  return [line(head), ...lines, ""].join("\n");
}

function complaintsOf(result: Result | undefined): string[] {
  return [...(result?.complaints ?? [])].flatMap(([complaint, where]) => [
    `        ${complaint}`,
    `          in ${where.length} of ${result?.replays ?? 0} replays: ${where[0] ?? ""}${where.length > 1 ? " …" : ""}`,
  ]);
}

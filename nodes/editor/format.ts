/** Answers of a device as a person reads them: facts, rows, sizes, times. All of it text. */

/** Names and values, one line each. */
export function factList(facts: readonly (readonly [name: string, value: string])[]): JQuery {
  const list = $("<dl>", { class: "hikflow-facts" });
  for (const [name, value] of facts) list.append($("<dt>").text(name), $("<dd>").text(value));
  return list;
}

/** Lines of several parts; what is undefined or empty is left out. */
export function rowList(rows: readonly (readonly (string | undefined)[])[]): JQuery {
  const list = $("<ul>", { class: "hikflow-rows" });
  for (const row of rows) {
    const parts = row.filter((part) => part !== undefined && part !== "");
    list.append($("<li>").append(parts.map((part) => $("<span>").text(String(part)))));
  }
  return list;
}

/** A small table. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): JQuery {
  const cells = (tag: "th" | "td", texts: readonly string[]): JQuery =>
    $("<tr>").append(texts.map((text) => $(`<${tag}>`).text(text)));
  const table = $("<table>", { class: "hikflow-table" });
  table.append($("<thead>").append(cells("th", head)), $("<tbody>").append(rows.map((row) => cells("td", row))));
  return $("<div>", { class: "hikflow-tables", tabindex: 0 }).append(table);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** "1.5 MB" */
export function sizeText(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const format: Intl.NumberFormatOptions = {
    style: "unit",
    unit: UNITS[step] ?? "byte",
    maximumFractionDigits: step === 0 ? 0 : 1,
  };
  return new Intl.NumberFormat(undefined, format).format(bytes / 1000 ** step);
}

/** The wall clock of an ISO time, as it stands there: "2026-05-01 08:00:00". */
export function wallClock(iso: unknown): string {
  return typeof iso === "string" ? iso.slice(0, 19).replace("T", " ") : "";
}

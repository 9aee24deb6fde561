/** Months with days marked, as a person reads them: Monday first, in the viewer's language. */

const DAY_MS = 86_400_000;
/** A Monday. */
const MONDAY = Date.UTC(2026, 5, 1);

/** @param dates "2026-03-01", in order */
export function calendar(dates: readonly string[]): JQuery {
  const months = [...new Set(dates.map((date) => date.slice(0, 7)))];
  const marked = new Set(dates);
  return $("<div>", { class: "hikflow-calendar", tabindex: 0 }).append(
    months.map((month) => monthTable(month, marked)),
  );
}

function monthTable(month: string, marked: ReadonlySet<string>): JQuery {
  const first = Date.parse(`${month}-01T00:00:00Z`);
  const table = $("<table>").append($("<caption>").text(words(first, { month: "long", year: "numeric" })));
  const head = $("<tr>").appendTo($("<thead>").appendTo(table));
  for (let day = 0; day < 7; day++) head.append($("<th>").text(words(MONDAY + day * DAY_MS, { weekday: "short" })));
  const body = $("<tbody>").appendTo(table);
  const before = (new Date(first).getUTCDay() + 6) % 7;
  let row = $("<tr>").appendTo(body);
  for (let cell = 0; cell < before; cell++) row.append($("<td>"));
  for (let at = first, cell = before; new Date(at).toISOString().startsWith(month); at += DAY_MS, cell++) {
    if (cell > 0 && cell % 7 === 0) row = $("<tr>").appendTo(body);
    const date = new Date(at).toISOString().slice(0, 10);
    const recorded = marked.has(date);
    const day = $("<td>").text(String(new Date(at).getUTCDate()));
    if (recorded) day.addClass("hikflow-recorded").attr({ "data-date": date, title: date });
    row.append(day);
  }
  return table;
}

function words(at: number, format: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, { ...format, timeZone: "UTC" }).format(at);
}

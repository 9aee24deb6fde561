/** What is left out where the machine lacks a program. The end of `npm test` names it, with the command that installs it. */
import { spawnSync } from "node:child_process";
import { accessSync, appendFileSync, constants } from "node:fs";
import path from "node:path";
import { readText } from "./project";

/** As .ci/packages.txt has them. */
export type Wanted =
  "Chromium" | "curl" | "ffmpeg" | "RTSP server of GStreamer" | "lighttpd" | "Apache" | "nginx" | "Mosquitto";

/** Debian's own: another Python does not see Debian's GStreamer. */
export const PYTHON = "/usr/bin/python3";

const looks: Readonly<Record<Exclude<Wanted, "Chromium">, () => boolean>> = {
  curl: () => findProgram("curl") !== undefined,
  ffmpeg: () => findProgram("ffmpeg") !== undefined && findProgram("ffprobe") !== undefined,
  "RTSP server of GStreamer": () =>
    spawnSync(PYTHON, [path.join(__dirname, "rtsp/server.py"), "check"], { timeout: 20_000 }).status === 0,
  lighttpd: () => findProgram("lighttpd") !== undefined,
  Apache: () => findProgram("apache2") !== undefined,
  nginx: () => findProgram("nginx") !== undefined,
  Mosquitto: () => findProgram("mosquitto") !== undefined,
};

const found = new Map<Wanted, boolean>();

/** Is all of it here? What is not is named at the end of the run. */
export function has(...wanted: readonly Exclude<Wanted, "Chromium">[]): boolean {
  return wanted.map((one) => found.get(one) ?? look(one)).every((here) => here);
}

/** For a title: why it is left out; empty where it is not. */
export function without(...wanted: readonly Exclude<Wanted, "Chromium">[]): string {
  const missing = wanted.filter((one) => !has(one));
  return missing.length === 0 ? "" : ` (left out: no ${missing.join(", no ")} here)`;
}

function look(wanted: Exclude<Wanted, "Chromium">): boolean {
  const here = looks[wanted]();
  found.set(wanted, here);
  if (!here) leaveOut(wanted);
  return here;
}

/** For the end of the run: there is no such thing here. */
export function leaveOut(wanted: Wanted): void {
  const notes = process.env["TEST_NOTES"];
  if (notes !== undefined)
    appendFileSync(notes, `${JSON.stringify({ lacks: wanted, packages: packagesFor(wanted) })}\n`);
}

/** The Debian packages that bring it. */
export function packagesFor(wanted: Wanted): readonly string[] {
  const [, lines] = readText(".ci/packages.txt").split(`# for ${wanted}\n`);
  if (lines === undefined) throw new Error(`.ci/packages.txt does not name ${wanted}.`);
  return (lines.split("#")[0] ?? "").trim().split("\n");
}

/** Where a program is, or undefined. Debian keeps servers outside a user's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A real browser for the tests of the forms: the one that the environment variable CHROMIUM names, Debian's, or the one of
 * @sparticuz/chromium from npm (Linux on x64 and arm64).
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { root } from "./project";

const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"];
/** The first one draws no window, which is less work. */
const INSTALLED = [
  "/usr/lib/chromium/chromium-headless-shell",
  "/usr/lib/chromium/chromium",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
];

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
`;

interface Executable {
  readonly executablePath: string;
  readonly env?: Record<string, string>;
}

/** Starts it. Rejects with words that say what is missing. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await executable();
  return chromium.launch({ executablePath, args: ARGUMENTS, headless: true, env: { ...ownEnvironment(), ...env } });
}

async function executable(): Promise<Executable> {
  const installed = [process.env["CHROMIUM"], ...INSTALLED].find((file) => file !== undefined && existsSync(file));
  if (installed !== undefined) return { executablePath: installed };
  if (process.platform !== "linux") {
    throw new Error("No browser was found: set CHROMIUM to the path of a Chromium or Chrome.");
  }
  return unpacked();
}

/** npm's Chromium with the libraries that it comes with, unpacked once per version, also where several processes want it. */
async function unpacked(): Promise<Executable> {
  const folder = path.join(root, "node_modules/@sparticuz/chromium");
  const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string };
  const home = path.join(root, "node_modules/.cache/hikflow-browser", version);
  if (!existsSync(home)) {
    const own = `${home}.${process.pid}`;
    await unpack(folder, own);
    try {
      renameSync(own, home);
    } catch {
      // Another process was faster.
      rmSync(own, { recursive: true });
    }
  }
  const executablePath = await executableIn(home);
  return {
    executablePath,
    env: { LD_LIBRARY_PATH: path.join(home, "lib"), FONTCONFIG_PATH: path.join(home, "fonts") },
  };
}

async function unpack(folder: string, home: string): Promise<void> {
  mkdirSync(home, { recursive: true });
  const archive = path.join(home, "libraries.tar");
  writeFileSync(archive, brotliDecompressSync(readFileSync(path.join(folder, "bin/al2023.tar.br"))));
  execFileSync("tar", ["-xf", archive, "-C", home]);
  rmSync(archive);
  await executableIn(home);
  // Its own looks for the fonts in folders of a cloud: text would have no height.
  writeFileSync(path.join(home, "fonts/fonts.conf"), FONTS);
}

/** Unpacks it unless it is there. */
function executableIn(home: string): Promise<string> {
  return inFolder(home, async () => {
    const { default: sparticuz } = await import("@sparticuz/chromium");
    return sparticuz.executablePath();
  });
}

/** It unpacks into the folder for temporary files, and takes whatever version lies there already. */
async function inFolder<T>(folder: string, run: () => Promise<T>): Promise<T> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    return await run();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

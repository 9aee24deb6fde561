/** Counts frames in ffmpeg's "framecrc" output, one line per frame: shows that video arrives, and its length so far. */
export class FrameCounter {
  #incompleteLine = "";
  /** The time base: seconds per unit of the timestamps. */
  #timeBase = 0;
  #first: number | undefined;
  #end = 0;
  frames = 0;

  write(chunk: Buffer): void {
    const lines = (this.#incompleteLine + chunk.toString("latin1")).split("\n");
    this.#incompleteLine = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
  }

  /** Seconds from the start of the first frame to the end of the last one. */
  get seconds(): number {
    return this.#first === undefined ? 0 : (this.#end - this.#first) * this.#timeBase;
  }

  /** "#tb 0: 1/90000", then "0, dts, pts, duration, size, crc". */
  #read(line: string): void {
    const timeBase = /^#tb 0: (\d+)\/(\d+)/.exec(line);
    if (timeBase) this.#timeBase = Number(timeBase[1]) / Number(timeBase[2]);
    if (line.startsWith("#")) return;
    const [, , pts, duration] = line.split(",").map(Number);
    if (pts === undefined || duration === undefined || !Number.isFinite(pts + duration)) return;
    this.frames += 1;
    this.#first = Math.min(this.#first ?? pts, pts);
    this.#end = Math.max(this.#end, pts + duration);
  }
}

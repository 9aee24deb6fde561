/** Reads ffmpeg's "framecrc" output, a line per frame: it shows that video flows, and how much of it has come. */
export class FrameReport {
  #rest = "";
  /** Seconds per unit of the stamps. */
  #unit = 0;
  #first: number | undefined;
  #end = 0;
  frames = 0;

  write(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString("latin1")).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
  }

  /** Seconds from the first frame's begin to the last one's end. */
  get seconds(): number {
    return this.#first === undefined ? 0 : (this.#end - this.#first) * this.#unit;
  }

  /** "#tb 0: 1/90000", then "0, dts, pts, duration, size, crc". */
  #read(line: string): void {
    const unit = /^#tb 0: (\d+)\/(\d+)/.exec(line);
    if (unit) this.#unit = Number(unit[1]) / Number(unit[2]);
    if (line.startsWith("#")) return;
    const [, , pts, duration] = line.split(",").map(Number);
    if (pts === undefined || duration === undefined || !Number.isFinite(pts + duration)) return;
    this.frames += 1;
    this.#first = Math.min(this.#first ?? pts, pts);
    this.#end = Math.max(this.#end, pts + duration);
  }
}

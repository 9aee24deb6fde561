/** Memory of pictures that nobody has kept, for the next ones of whatever stream: it is large, and outside of V8's heap. */
const spare: Buffer[] = [];
const MOST_SPARE = 4;
const LEAST_BYTES = 32 << 10;
/** Larger memory is not kept for later. */
const MOST_BYTES = 1 << 20;

/** At least so many bytes, of any content, and at most twice as many: somebody may keep it. */
export function bodyMemory(bytes: number): Buffer {
  const fitting = spare.findIndex(({ length }) => length >= bytes && length <= 2 * bytes);
  const [found] = fitting < 0 ? [] : spare.splice(fitting, 1);
  return found ?? Buffer.allocUnsafe(bytes);
}

/** Nobody reads this memory any more. */
export function reuseMemory(memory: Buffer): void {
  if (memory.length < LEAST_BYTES || memory.length > MOST_BYTES || spare.includes(memory)) return;
  spare.push(memory);
  if (spare.length > MOST_SPARE) spare.shift();
}

/** How often `sign` occurs in a text; more than `most`: how often does not matter. */
export function countOf(sign: string, text: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(sign); at !== -1 && count <= most; at = text.indexOf(sign, at + 1)) count++;
  return count;
}

/** How long the event loop is kept at most, in CPU time of the process: what else the machine does does not count. */
export async function longestStretch(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let over = false;
  let before = process.cpuUsage();
  const look = (): void => {
    const { user, system } = process.cpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.cpuUsage();
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  // Begins in a round of its own.
  await new Promise((resolve) => setImmediate(resolve));
  await work().catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  over = true;
  return longest;
}

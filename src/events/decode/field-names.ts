/** Names of fields in lower case, each made once: devices send the same few hundred names in every alert. */

/** More than all devices have; those of a sender that makes up names without end are not remembered. */
const MOST_NAMES = 2_000;
const MAX_LENGTH = 64;
const known = new Map<string, string>();

export function lowerCase(name: string): string {
  return known.get(name) ?? remember(name);
}

function remember(name: string): string {
  const lower = name.toLowerCase();
  if (known.size < MOST_NAMES && name.length <= MAX_LENGTH) known.set(name, lower);
  return lower;
}

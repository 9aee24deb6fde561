/** Is it the same device? By what does not change with its address. */

export interface Identity {
  readonly serialNumber?: string;
  readonly macAddress?: string;
}

/** Names of this device, one of which is enough. Placeholders of firmware do not count. */
export function namesOf({ serialNumber, macAddress }: Identity): readonly string[] {
  const serial = (serialNumber ?? "").trim().toLowerCase();
  const mac = (macAddress ?? "").trim().toLowerCase();
  return [
    ...(serial.length < 6 || /^(.)\1*$/.test(serial) ? [] : [`serial ${serial}`]),
    ...(mac === "" || /^[0:]*$|^[f:]*$/.test(mac) ? [] : [`mac ${mac}`]),
  ];
}

/** False also when one of them has no name. */
export function sameDevice(one: Identity, other: Identity): boolean {
  const names = namesOf(one);
  return namesOf(other).some((name) => names.includes(name));
}

import type { Pin } from "../../index.js";

/** Returns the members that JSON tells of a pin beside its snapshot; none where there is no pin. */
export function pinJson(pin: Pin | undefined) {
  if (pin === undefined) return {};
  return { pin: { note: pin.note ?? null, pinnedAt: pin.pinnedAt.toISOString() } };
}

import type { Pin } from "../../index.js";

/** Returns what JSON tells of a pin. */
export function pinJson({ snapshot, note, pinnedAt }: Pin) {
  return { snapshot, note: note ?? null, pinnedAt: pinnedAt.toISOString() };
}
